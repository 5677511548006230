// Status forms that open below their row in a list: opening, closing, keyboard focus, and requests that fail.
const requestFailed = document.getElementById("request-failed");
const editorOf = (row) => (row?.nextElementSibling?.matches("tr.editor") ? row.nextElementSibling : null);

const close = (editor) => {
  const form = editor.querySelector("form");
  if (editor.dataset.typed && !confirm(form.dataset.leave)) return;
  if (editor.dataset.changed) form.dispatchEvent(new Event("abandon", { bubbles: true }));
  const row = editor.previousElementSibling;
  editor.remove();
  row?.focus();
};

// Before a status is chosen, the next field is the status; after that, the field that this status needs. A form that
// was just opened shows the current status, which nobody has chosen.
const focusNextField = (editor, { isChosen = true } = {}) => {
  const chosen = editor.querySelector("[name=status]:checked");
  const next = isChosen && editor.querySelector(`[name=${chosen?.dataset.nextField}]`);
  (next || chosen || editor.querySelector("[name=status]"))?.focus();
};

// A link or button of a row leads htmx where it leads without a script.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt.matches("tr[tabindex] *")) detail.path = detail.elt.formAction ?? detail.elt.href;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  requestFailed.hidden = true;
  const open = event.target.matches("[data-hx-get]") && editorOf(event.target.closest("tr"));
  if (!open) return;
  event.preventDefault();
  focusNextField(open);
});

// Only after settling does htmx handle the form. A form submitted earlier would be sent as a page of its own.
document.addEventListener("htmx:afterSettle", (event) => {
  const editor = event.detail.elt.matches?.("tr.editor") ? event.detail.elt : editorOf(event.detail.target);
  const isChosen = /[?&]status=/.test(event.detail.pathInfo?.finalRequestPath);
  if (editor && !editor.querySelector(".error-summary")) focusNextField(editor, { isChosen });
});

document.addEventListener("recorded", (event) => {
  const row = document.getElementById(event.detail.row);
  // Somebody fast has moved on to another row already: leave the focus there.
  if (document.activeElement === document.body) row?.focus({ preventScroll: true });
  if (row === document.activeElement) row?.scrollIntoView({ block: "nearest" });
  // Refresh a to-do list, unless a form is open in it.
  if (!document.querySelector("[data-refresh]") || document.querySelector("tr.editor")) return;
  htmx.ajax("GET", location.href, { target: "#tasks", select: "#tasks", swap: "outerHTML" });
});

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    if (event.detail.xhr?.status === 403) renewTokens(); // of form_drafts.js, which every signed-in page has
    requestFailed.hidden = false;
    requestFailed.focus();
  });
}

document.addEventListener("click", (event) => {
  if (event.target.matches("[data-close]")) close(event.target.closest("tr"));
});
document.addEventListener("input", (event) => {
  const editor = event.target.closest("tr.editor");
  if (editor) editor.dataset.changed = "yes";
  if (editor && !event.target.matches("[type=radio]")) editor.dataset.typed = "yes";
});
document.addEventListener("keydown", (event) => {
  const editor = event.target.closest("tr.editor");
  if (editor && event.key === "Escape") close(editor);
  if (editor && event.key === "Enter" && (event.ctrlKey || event.metaKey)) editor.querySelector("[data-verb]").click();
});
