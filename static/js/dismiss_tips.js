// Escape hides the title that a block shows while it is pointed at or has the focus, since it covers other blocks.
for (const blocks of document.querySelectorAll("[data-tips]")) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const block of blocks.querySelectorAll(".cell:is(:hover, :focus)")) block.dataset.dismissed = "";
  });

  for (const leaving of ["mouseout", "focusout"]) {
    blocks.addEventListener(leaving, (event) => {
      const block = event.target.closest(".cell");
      if (block && !block.contains(event.relatedTarget)) delete block.dataset.dismissed;
    });
  }
}
