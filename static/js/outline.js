// A link to a part of a line that is closed opens the line, and leads there once its parts are fetched.
const lineOf = (hash) => document.getElementById(hash.match(/^#(L\d+)/)?.[1])?.closest("[data-outline]");

const openLine = () => {
  const line = lineOf(location.hash);
  if (line) line.open = true;
};

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (!detail.target.closest("[data-outline]")?.contains(lineOf(location.hash))) return;
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
});
window.addEventListener("hashchange", openLine);
document.addEventListener("DOMContentLoaded", openLine);
