// Single keys on a list: they act on the row that has the focus, never while somebody types, and can be switched off.
const dialog = document.getElementById("keys");
const works = dialog.querySelector("[data-keys-on]");
const button = document.querySelector("[data-show-keys]");
const statuses = { a: "attained", p: "in_progress", n: "not_developed" };

works.checked = localStorage.getItem("keys") !== "off";
works.addEventListener("change", () => localStorage.setItem("keys", works.checked ? "on" : "off"));
button?.addEventListener("click", () => dialog.showModal());
if (button) button.hidden = false;

const rows = () => [...document.querySelectorAll("tr[data-row]")];
let last = ""; // the row that had the focus: while it is drawn anew, nothing has
document.addEventListener("focusin", (event) => (last = event.target.closest("tr[data-row]")?.id ?? ""));
const current = () => document.activeElement.closest("tr[data-row]") ?? (last && document.getElementById(last));

const go = (step) => {
  const all = rows();
  const next = all.indexOf(current()) + step;
  all[next]?.focus();
  all[next]?.scrollIntoView({ block: "nearest" });
};

const update = (row, status) => {
  const link = row.querySelector("[data-open]");
  const form = row.nextElementSibling?.matches("tr.editor") && row.nextElementSibling;
  if (form) {
    form.querySelector(`[value=${status}]`).click();
    return link.click(); // the form is open: this leads into it
  }
  htmx.ajax("GET", `${link.getAttribute("data-hx-get")}&status=${status}`, { source: link, target: row, swap: "afterend" });
};

const act = {
  ArrowDown: () => go(1),
  ArrowUp: () => go(-1),
  "/": () => document.querySelector("[name=q]")?.focus(),
  "?": () => dialog.showModal(),
  a: (row) => update(row, statuses.a),
  p: (row) => update(row, statuses.p),
  n: (row) => update(row, statuses.n),
  c: (row) => row.querySelector("[data-confirm] button")?.click(),
  x: (row) => row.querySelector("[name=row]")?.click(),
  Enter: (row) => row.querySelector(".title a").click(),
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  const typing = target.closest("input:not([type=checkbox]), textarea, select, dialog[open]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !works.checked || !act[key]) return;
  const onPage = ["/", "?", "ArrowDown", "ArrowUp"].includes(key);
  const row = current();
  if (!onPage && !row) return;
  if (key === "Enter" && target !== row) return; // a link or a button has its own Enter
  if (key.startsWith("Arrow") && !row && target !== document.body && !target.matches("main")) return;
  event.preventDefault();
  act[key](row);
});
