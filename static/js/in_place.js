// A row's form in place: opened once, closed with care, its focus never lost, and a failure said where it can be seen.
const failed = document.getElementById("request-failed");
const editorOf = (row) => (row?.nextElementSibling?.matches("tr.editor") ? row.nextElementSibling : null);

const close = (editor) => {
  if (editor.dataset.typed && !confirm(editor.querySelector("form").dataset.leave)) return;
  const row = editor.previousElementSibling;
  editor.remove();
  row?.focus();
};

// With the status known, what follows is the evidence, the note or the reason; else the status.
const focusWhatIsNext = (editor) => {
  const status = editor.querySelector("[name=status]:checked")?.value;
  const next = { attained: "evidence_link", in_progress: "note", not_developed: "reason" }[status] ?? "status";
  editor.querySelector(`[name=${next}]`)?.focus();
};

// Whoever signed in again in another tab has another token: the forms here get it, so that trying again works.
const renewTokens = async () => {
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token ?? field.value;
};

document.addEventListener("htmx:beforeRequest", (event) => {
  failed.hidden = true;
  const open = event.target.matches("[data-open]") && editorOf(event.target.closest("tr"));
  if (!open) return;
  event.preventDefault();
  focusWhatIsNext(open);
});

// Once htmx knows the form: a fast hand would send it as a page of its own.
document.addEventListener("htmx:afterSettle", (event) => {
  const editor = event.detail.elt.matches?.("tr.editor") ? event.detail.elt : editorOf(event.detail.target);
  if (editor && !editor.querySelector(".error-summary")) focusWhatIsNext(editor);
});

document.addEventListener("recorded", (event) => {
  const row = document.getElementById(event.detail.row);
  if (document.activeElement === document.body) row?.focus({ preventScroll: true }); // a fast hand has moved on
  if (row === document.activeElement) row?.scrollIntoView({ block: "nearest" });
  // A list of work is drawn anew, unless something is being typed in it.
  if (!document.querySelector("[data-refresh]") || document.querySelector("tr.editor")) return;
  htmx.ajax("GET", location.href, { target: "#tasks", select: "#tasks", swap: "outerHTML" });
});

for (const problem of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(problem, (event) => {
    if (event.detail.xhr?.status === 403) renewTokens();
    failed.hidden = false;
    failed.focus();
  });
}

document.addEventListener("click", (event) => event.target.matches("[data-close]") && close(event.target.closest("tr")));
document.addEventListener("input", (event) => {
  const editor = event.target.closest("tr.editor");
  if (editor && !event.target.matches("[type=radio]")) editor.dataset.typed = "yes";
});
document.addEventListener("keydown", (event) => {
  const editor = event.target.closest("tr.editor");
  if (editor && event.key === "Escape") close(editor);
  if (editor && event.key === "Enter" && (event.ctrlKey || event.metaKey)) editor.querySelector("[data-verb]").click();
});
