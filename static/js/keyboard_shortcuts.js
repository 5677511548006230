// Single-key shortcuts of a list. They act on the focused row, never while somebody types, and can be switched off.
const dialog = document.getElementById("keys");
const enabled = dialog.querySelector("[data-keys-on]");
const button = document.querySelector("[data-show-keys]");

enabled.checked = localStorage.getItem("keys") !== "off";
enabled.addEventListener("change", () => localStorage.setItem("keys", enabled.checked ? "on" : "off"));
button?.addEventListener("click", () => dialog.showModal());
if (button) button.hidden = false;

let lastRow = ""; // the id of the row that had the focus: while htmx replaces it, no row has
document.addEventListener("focusin", (event) => (lastRow = event.target.closest("tr[tabindex]")?.id ?? ""));
const currentRow = () =>
  document.activeElement.closest("tr[tabindex]") ?? (lastRow && document.getElementById(lastRow));

const moveBy = (step) => {
  const rows = [...document.querySelectorAll("tr[tabindex]")];
  const next = rows[rows.indexOf(currentRow()) + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
};

const chooseStatus = (row, status) => {
  const link = row.querySelector("[data-hx-get]");
  const form = row.nextElementSibling?.matches("tr.editor") && row.nextElementSibling;
  if (form) {
    form.querySelector(`[value=${status}]`).click();
    return link.click(); // the form is open: this moves the focus into it
  }
  htmx.ajax("GET", link.href, { source: link, target: row, swap: "afterend", values: { status } });
};

const pageActions = new Map([
  ["ArrowDown", () => moveBy(1)],
  ["ArrowUp", () => moveBy(-1)],
  ["/", () => document.querySelector("[name=q]")?.focus()],
  ["?", () => dialog.showModal()],
]);
const rowActions = new Map([
  ["c", (row) => row.querySelector("[data-hx-post]")?.click()],
  ["x", (row) => row.querySelector("[name=row]")?.click()],
  ["Enter", (row) => row.querySelector("th a").click()],
]);
for (const { dataset } of dialog.querySelectorAll("[data-status-key]")) {
  rowActions.set(dataset.statusKey, (row) => chooseStatus(row, dataset.status));
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  const action = pageActions.get(key) ?? rowActions.get(key);
  const typing = target.closest("input:not([type=checkbox]), textarea, select, dialog[open]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !enabled.checked || !action) return;
  const row = currentRow();
  if (rowActions.has(key) && !row) return;
  if (key === "Enter" && target !== row) return; // a link or a button has its own Enter
  if (key.startsWith("Arrow") && !row && target !== document.body && !target.matches("main")) return;
  event.preventDefault();
  action(row);
});
