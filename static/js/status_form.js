// The status form: asks for a reason only where the status needs one, and names the status on its button. A correction
// to another status leaves the evidence behind.
const updateForm = (form) => {
  const reason = form.querySelector("[data-field=reason]");
  const button = form.querySelector("[data-verb]");
  const chosen = form.querySelector("[name=status]:checked");
  reason.hidden = chosen?.dataset.nextField !== "reason";
  reason.querySelector("select").disabled = reason.hidden;
  if (!button) return;
  button.dataset.verb ||= button.textContent;
  const label = chosen?.closest("label").querySelector(".status").textContent.trim().toLowerCase();
  button.textContent = label ? `${button.dataset.verb}: ${label}` : button.dataset.verb;
};

const leaveEvidence = (form) => {
  const isSame = form.querySelector("[name=status]:checked")?.value === form.dataset.evidenceFor;
  for (const field of form.querySelectorAll("[name=evidence_link], [name=evidence_title]")) {
    if (isSame && !field.value) field.value = field.defaultValue;
    else if (!isSame && field.value === field.defaultValue) field.value = "";
  }
};

const updateForms = (root) => root.querySelectorAll("form[data-status-form]").forEach(updateForm);

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-status-form]");
  if (form) updateForm(form);
  if (form?.dataset.evidenceFor && event.target.name === "status") leaveEvidence(form);
});
document.addEventListener("htmx:load", (event) => updateForms(event.detail.elt.parentElement ?? document));
updateForms(document);
