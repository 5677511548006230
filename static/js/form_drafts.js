// What somebody types is stored as a draft, so that no link, no sign-out and no closed window loses it.
const { save } = document.currentScript.dataset;
const PAUSE = 1500; // milliseconds without typing, after which the draft is stored
const timers = new Map();
const begun = new WeakMap(); // when somebody began to type in a form, since it was last sent or discarded

const hasDraft = (form) =>
  form?.matches("main form[method=post]:not([data-no-draft])") && !form.querySelector("[type=password]");

// The page that shows the form: its own address, or for a form that is sent elsewhere the page above that address.
// Where a page has several forms, their field `theme` tells them apart.
const pageOf = (form) => {
  const action = form.getAttribute("action");
  if (action) return new URL("..", new URL(action, location.href)).pathname;
  const part = form.querySelector("[name=theme]")?.value;
  return location.pathname + location.search + (part ? `#${part}` : "");
};

// Signing in again in another tab changes the CSRF token. Renewing it here lets the person try again.
const renewTokens = async () => {
  const response = await fetch(location.href);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token ?? field.value;
};

const cancel = (form) => {
  clearTimeout(timers.get(form));
  timers.delete(form);
};

// A request that outlives its page (`keepalive`) may have 64 kB at most.
const send = (form, address, body, options = {}) => {
  cancel(form);
  const headers = { "Form-Page": pageOf(form), ...options.headers };
  return fetch(address, { method: "POST", body, ...options, headers }).catch(() => {}); // the next may succeed
};

const store = async (form, { since = begun.get(form), ...options } = {}) => {
  const fields = new FormData(form);
  for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name);
  const headers = { "Form-Begun": Math.round(performance.now() - since) };
  const response = await send(form, save, fields, { ...options, headers });
  if (response?.status !== 403 || options.isSecond) return;
  await renewTokens();
  await store(form, { since, isSecond: true });
};

// A page of this site that is opened next shows the draft, so it has to be there first; but nobody waits for long.
const storeAll = () =>
  Promise.race([
    Promise.all([...timers.keys()].map((form) => store(form))),
    new Promise((done) => setTimeout(done, 1000)),
  ]);

const discard = (form) => {
  const token = new FormData();
  token.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "");
  begun.delete(form);
  send(form, `${save}discard/`, token, { keepalive: true });
};

const storeSoon = ({ target: { form } }) => {
  if (!hasDraft(form)) return;
  cancel(form);
  if (!begun.has(form)) begun.set(form, performance.now());
  timers.set(form, setTimeout(() => store(form), PAUSE));
};

document.addEventListener("input", storeSoon);
document.addEventListener("change", storeSoon);
// What never reached the server is stored when it can be reached again, or when somebody leaves.
for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => storeSoon({ target: { form: event.detail.elt } }));
}
window.addEventListener("pagehide", () => [...timers.keys()].forEach((form) => store(form, { keepalive: true })));
document.addEventListener("abandon", (event) => discard(event.target));
document.addEventListener("submit", async (event) => {
  cancel(event.target); // the server stores what cannot be saved
  begun.delete(event.target);
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
