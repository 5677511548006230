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
  return fetch(address, { method: "POST", body, headers, keepalive: true }).catch(() => {}); // the next may succeed
};

const store = (form) => {
  const fields = new FormData(form);
  for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name);
  return send(form, save, fields);
};

// A page of this site that is opened next shows the draft, so it has to be there first; but nobody waits for long.
const storeAll = () =>
  Promise.race([Promise.all([...timers.keys()].map(store)), new Promise((done) => setTimeout(done, 1000))]);

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
window.addEventListener("pagehide", storeAll);
document.addEventListener("abandon", (event) => discard(event.target));
document.addEventListener("submit", async (event) => {
  cancel(event.target); // the server stores what cannot be saved
  if (!timers.size || event.defaultPrevented) return;
  event.preventDefault();
  await storeAll();
  event.target.requestSubmit(event.submitter);
});
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (link?.matches("[data-abandon]")) discard(link.closest("form"));
  const isOther = !link || link.target || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey;
  if (!timers.size || isOther) return;
  event.preventDefault();
  await storeAll();
  location.assign(link.href);
});
