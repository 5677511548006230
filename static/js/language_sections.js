// Choosing a language opens the section with its texts, and leaving it out closes it.
for (const section of document.querySelectorAll("[data-language]")) {
  const choice = document.querySelector(`[name=languages][value="${section.dataset.language}"]`);
  const follow = () => {
    section.open = choice.checked;
  };
  choice?.addEventListener("change", follow);
  if (choice?.checked) follow(); // chosen before this script ran, or restored by the browser
}
