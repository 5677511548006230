// A row's form in place: opened once, closed again, its focus never lost, and a failure said where it can be seen.
const failed = document.getElementById("request-failed");
const editorOf = (row) => (row?.nextElementSibling?.matches("tr.editor") ? row.nextElementSibling : null);

const close = (editor) => {
  const row = editor.previousElementSibling;
  editor.remove();
  row?.focus();
};

document.addEventListener("htmx:beforeRequest", (event) => {
  failed.hidden = true;
  const open = event.target.matches("[data-open]") && editorOf(event.target.closest("tr"));
  if (!open) return;
  event.preventDefault();
  open.querySelector("[name=status]")?.focus();
});

document.addEventListener("htmx:afterSwap", (event) => {
  const editor = event.detail.elt.matches?.("tr.editor") ? event.detail.elt : editorOf(event.detail.target);
  if (!editor || editor.querySelector(".error-summary")) return;
  // With the status known, what follows is the evidence, or the reason; else the status.
  const status = editor.querySelector("[name=status]:checked")?.value;
  const next = { attained: "evidence_link", in_progress: "note", not_developed: "reason" }[status] ?? "status";
  editor.querySelector(`[name=${next}]`)?.focus();
});

document.addEventListener("recorded", (event) => {
  const row = document.getElementById(event.detail.row);
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
});

for (const problem of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(problem, () => {
    failed.hidden = false;
    failed.focus();
  });
}

document.addEventListener("click", (event) => {
  if (event.target.matches("[data-close]")) close(event.target.closest("tr"));
});
document.addEventListener("keydown", (event) => {
  const editor = event.target.closest("tr.editor");
  if (event.key === "Escape" && editor) close(editor);
});
