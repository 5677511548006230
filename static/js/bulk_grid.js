// The grid of a bulk update: fills in the rows from what goes for all, counts what will be recorded on the button, and
// goes down a row with Enter.
const TOGETHER = [["effective_on"], ["note"], ["evidence_title", "evidence_link"]];
const FILLED_ONCE = ["status", "reason", "note", "evidence_title", "evidence_link"];
const rowsOf = (form) => [...form.querySelectorAll("fieldset:not([data-shared])")];
const control = (row, name) => row.querySelector(`[data-field=${name}] :is(input, select, textarea)`);

// As `RowForm.fill_in` does on the server: only what is empty, and a title with its link.
const fill = (row, shared, names) => {
  const pairs = names.map((name) => [control(row, name), control(shared, name)]);
  if (pairs.some(([own]) => own.value)) return;
  for (const [own, given] of pairs) own.value = given.value;
};

for (const form of document.querySelectorAll("form[data-bulk-grid]:not([data-correcting])")) {
  const shared = form.querySelector("[data-shared]");
  const fillButton = form.querySelector("[data-fill]");
  const button = form.querySelector("[data-text-many]");
  const textNone = button.textContent;
  const { textOne, textMany } = button.dataset;

  const showCount = () => {
    const all = control(shared, "status").value;
    const count = rowsOf(form).filter((row) => all || control(row, "status").value).length;
    button.textContent = count === 0 ? textNone : count === 1 ? textOne : textMany.replace("{number}", count);
  };

  const fillRows = () => {
    for (const row of rowsOf(form)) {
      fill(row, shared, ["status"]);
      if (!control(row, "status").value) continue;
      if (control(row, "reason").offsetParent) fill(row, shared, ["reason"]); // the style sheet shows it where needed
      for (const names of TOGETHER) fill(row, shared, names);
    }
    // Filled in once: what is emptied in a row afterwards stays empty. The day stays for rows that get a status later.
    for (const name of FILLED_ONCE) control(shared, name).value = "";
    fillButton.dispatchEvent(new Event("change", { bubbles: true }));
  };

  fillButton.hidden = false;
  fillButton.addEventListener("click", fillRows);
  form.addEventListener("change", showCount);
  window.addEventListener("pageshow", showCount);
}

document.addEventListener("keydown", (event) => {
  const row = event.target.matches("[data-bulk-grid] input") && event.target.closest("fieldset");
  if (!row || event.key !== "Enter") return;
  event.preventDefault();
  const next = row.nextElementSibling?.matches("fieldset") && row.nextElementSibling;
  if (next) control(next, event.target.closest("[data-field]").dataset.field)?.focus();
});
