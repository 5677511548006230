// Choosing a language opens the section with its texts, and leaving it out closes it.
for (const section of document.querySelectorAll("[data-language]")) {
  const choice = document.querySelector(`[name=languages][value="${section.dataset.language}"]`);
  choice?.addEventListener("change", () => {
    section.open = choice.checked;
  });
}
