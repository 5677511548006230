// In the status form, the reason is asked for only where it applies, and the button says what it records.
for (const form of document.querySelectorAll("form#record")) {
  const reason = form.querySelector("[data-field=reason]");
  const button = form.querySelector("button");
  const verb = button.textContent;

  const follow = () => {
    const chosen = form.querySelector("[name=status]:checked");
    reason.hidden = chosen?.value !== "not_developed";
    reason.querySelector("select").disabled = reason.hidden;
    button.textContent = chosen ? `${verb}: ${chosen.closest("label").textContent.trim().toLowerCase()}` : verb;
  };

  form.addEventListener("change", follow);
  follow();
}
