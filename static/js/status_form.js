// The status form: asks for a reason and for the next step only where the status has one, and names the status on its
// button. A correction to another status leaves the evidence behind.
const field = (form, name) => form.querySelector(`[data-field=${name}]`);

const updateForm = (form) => {
  const button = form.querySelector("[data-verb]");
  const chosen = form.querySelector("[name=status]:checked");
  const reason = field(form, "reason");
  reason.hidden = chosen?.dataset.nextField !== "reason";
  reason.querySelector("select").disabled = reason.hidden;
  const hidesNextStep = chosen && !("hasNextStep" in chosen.dataset);
  for (const name of ["next_step", "expected_on"]) field(form, name).hidden = hidesNextStep;
  form.querySelector("[name=hides_next_step]").value = hidesNextStep ? "1" : "";
  if (!button) return;
  button.dataset.verb ||= button.textContent.trim();
  const label = chosen?.closest("label").querySelector(".status").textContent.trim().toLowerCase();
  const isSame = chosen && chosen.value === form.dataset.current; // the same status again confirms it
  const text = isSame ? button.dataset.still.replace("{status}", label) : `${button.dataset.verb}: ${label}`;
  button.textContent = label ? text : button.dataset.verb;
};

const leaveEvidence = (form) => {
  const isSame = form.querySelector("[name=status]:checked")?.value === form.dataset.evidenceFor;
  for (const field of form.querySelectorAll("[name^=evidence_]")) {
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
