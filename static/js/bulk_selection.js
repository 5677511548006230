// Selecting rows for a bulk update: all of the page at once, a count on the button, kept while rows are replaced.
for (const form of document.querySelectorAll("form[data-bulk-selection]")) {
  const selectAll = form.querySelector("[data-select-all]");
  const button = form.querySelector("[data-text-many]");
  const textNone = button.textContent;
  const { textOne, textMany } = button.dataset;
  const selected = new Set();
  const boxes = () => [...document.querySelectorAll(`[name=row][form=${form.id}]`)];

  const showCount = () => {
    const count = boxes().filter((box) => box.checked).length;
    selectAll.checked = count > 0 && count === boxes().length;
    selectAll.indeterminate = count > 0 && !selectAll.checked;
    button.textContent = count === 0 ? textNone : count === 1 ? textOne : textMany.replace("{number}", count);
  };

  const remember = () => {
    for (const box of boxes()) selected[box.checked ? "add" : "delete"](box.value);
    showCount();
  };

  selectAll.closest("label").hidden = false;
  document.addEventListener("change", (event) => {
    if (event.target === selectAll) for (const box of boxes()) box.checked = selectAll.checked;
    if (event.target === selectAll || event.target.name === "row") remember();
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const box of boxes()) box.checked = selected.has(box.value);
    showCount();
  });
  window.addEventListener("pageshow", remember);
}
