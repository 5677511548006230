// Choosing rows: all of the page at once, the button says how many are chosen, and a row drawn anew stays chosen.
for (const form of document.querySelectorAll("form[data-pick]")) {
  const all = form.querySelector("[data-all]");
  const button = form.querySelector("[data-many]");
  const blank = button.textContent;
  const chosen = new Set();
  const boxes = () => [...document.querySelectorAll(`[name=row][form=${form.id}]`)];

  const count = () => {
    const number = boxes().filter((box) => box.checked).length;
    all.checked = number > 0 && number === boxes().length;
    all.indeterminate = number > 0 && !all.checked;
    button.textContent = number === 0 ? blank : number === 1 ? button.dataset.one : button.dataset.many.replace("{number}", number);
  };

  const remember = () => {
    for (const box of boxes()) chosen[box.checked ? "add" : "delete"](box.value);
    count();
  };

  all.closest("label").hidden = false;
  document.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes()) box.checked = all.checked;
    if (event.target === all || event.target.name === "row") remember();
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const box of boxes()) box.checked = chosen.has(box.value);
    count();
  });
  window.addEventListener("pageshow", remember);
}
