// What somebody types is stored as a draft, so that no link, no sign-out and no closed window loses it.
const { save } = document.currentScript.dataset;
const PAUSE = 1500; // milliseconds without typing, after which the draft is stored
const timers = new Map();

const isKept = (form) =>
  form?.matches("main form[method=post]:not([data-no-draft])") && !form.querySelector("[type=password]");

// The page that shows the form: its own address, or for a form that is sent elsewhere the page above that address.
const pageOf = (form) => {
  const action = form.getAttribute("action");
  return action ? new URL("..", new URL(action, location.href)).pathname : location.pathname + location.search;
};

const cancel = (form) => {
  clearTimeout(timers.get(form));
  timers.delete(form);
};

const send = (form, address, body) => {
  cancel(form);
  const headers = { "Form-Page": pageOf(form) };
  fetch(address, { method: "POST", body, headers, keepalive: true }).catch(() => {}); // the next one may succeed
};

const store = (form) => {
  const fields = new FormData(form);
  for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name);
  send(form, save, fields);
};

const discard = (form) => {
  const token = new FormData();
  token.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "");
  send(form, `${save}discard/`, token);
};

const storeSoon = ({ target: { form } }) => {
  if (!isKept(form)) return;
  cancel(form);
  timers.set(form, setTimeout(() => store(form), PAUSE));
};

document.addEventListener("input", storeSoon);
document.addEventListener("change", storeSoon);
window.addEventListener("pagehide", () => [...timers.keys()].forEach(store));
document.addEventListener("submit", (event) => cancel(event.target)); // the server stores what cannot be saved
document.addEventListener("abandon", (event) => discard(event.target));
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-abandon]");
  if (link) discard(link.closest("form"));
});
