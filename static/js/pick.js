// Choosing rows: all of the page at once, and the button says how many are chosen.
for (const form of document.querySelectorAll("form[data-pick]")) {
  const all = form.querySelector("[data-all]");
  const button = form.querySelector("[data-many]");
  const blank = button.textContent;
  const boxes = () => [...document.querySelectorAll(`[name=row][form=${form.id}]`)];

  const follow = () => {
    const number = boxes().filter((box) => box.checked).length;
    all.checked = number > 0 && number === boxes().length;
    all.indeterminate = number > 0 && !all.checked;
    button.textContent = number === 0 ? blank : number === 1 ? button.dataset.one : button.dataset.many.replace("{number}", number);
  };

  all.closest("label").hidden = false;
  document.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes()) box.checked = all.checked;
    if (event.target === all || event.target.name === "row") follow();
  });
  follow();
}
