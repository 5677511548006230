// In a status form, the reason is asked for only where it applies, and the button says what it records.
const follow = (form) => {
  const reason = form.querySelector("[data-field=reason]");
  const button = form.querySelector("[data-verb]");
  const chosen = form.querySelector("[name=status]:checked");
  reason.hidden = chosen?.value !== "not_developed";
  reason.querySelector("select").disabled = reason.hidden;
  if (!button) return;
  button.dataset.verb ||= button.textContent;
  const status = chosen?.closest("label").querySelector(".status").textContent.trim().toLowerCase();
  button.textContent = status ? `${button.dataset.verb}: ${status}` : button.dataset.verb;
};

const followAll = (place) => place.querySelectorAll("form[data-status-form]").forEach(follow);

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-status-form]");
  if (form) follow(form);
});
document.addEventListener("htmx:load", (event) => followAll(event.detail.elt.parentElement ?? document));
followAll(document);
