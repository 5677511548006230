// A button that works for a while says so, and does nothing when pressed again: with `data-busy`, the text to show
// meanwhile, on it or on its form.
const LONGEST = 30_000; // milliseconds, in case the request was stopped
const busy = new Map(); // by form
const announcement = document.createElement("p"); // read aloud where the notices are
announcement.className = "visually-hidden";

const start = (form, button) => {
  const text = button?.dataset.busy ?? form.dataset.busy;
  if (!text || !button) return;
  busy.set(form, { button, content: [...button.childNodes], timer: setTimeout(stop, LONGEST, form) });
  button.style.minInlineSize = `${button.offsetWidth}px`;
  button.setAttribute("aria-disabled", "true");
  button.replaceChildren(text);
  announcement.textContent = text;
  document.getElementById("notices").append(announcement);
};

const stop = (form) => {
  if (!busy.has(form)) return;
  const { button, content, timer } = busy.get(form);
  clearTimeout(timer);
  busy.delete(form);
  button.style.minInlineSize = "";
  button.removeAttribute("aria-disabled");
  button.replaceChildren(...content);
  announcement.remove();
};

// Before all others, so that a second press reaches none of them; and after all, who may prevent that it is sent.
window.addEventListener(
  "submit",
  (event) => {
    if (!busy.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
window.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) start(event.target, event.submitter);
});
window.addEventListener("busy", (event) => start(event.target, event.detail)); // of a form that a script sends
window.addEventListener("htmx:beforeRequest", ({ defaultPrevented, detail: { elt, requestConfig } }) => {
  if (!defaultPrevented && elt.matches("form")) start(elt, requestConfig.triggeringEvent?.submitter);
});
window.addEventListener("htmx:afterRequest", (event) => stop(event.detail.elt));
// A page that the browser shows again as it was left, such as by its button “Back”.
window.addEventListener("pageshow", () => [...busy.keys()].forEach(stop));
