"""Looks at an open page, each gives what is wrong as a list: nothing where all is well."""

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "experimental"]
OPTIONS = {"runOnly": RULES, "resultTypes": ["violations"]}  # without the list of all that is well: three times as fast

# What axe does not see: a table says what it is and each head what it heads; a target is wide enough to hit, save a
# link in a sentence, a box that its label hits for it, and what the browser draws.
OWN_RULES = """() => {
  const faults = [];
  const shown = element => element.checkVisibility() && element.getBoundingClientRect().width > 0;
  const tell = (what, element) => faults.push(what + ": " + element.outerHTML.slice(0, 120));
  for (const table of document.querySelectorAll("table")) {
    if (!table.caption || !table.caption.textContent.trim()) tell("no caption", table);
    for (const head of table.querySelectorAll("th")) if (!head.scope) tell("no scope", head);
  }
  for (const status of document.querySelectorAll(".status, .cell")) {
    if (!status.querySelector("svg use")) tell("status without a shape", status);
    if (!status.textContent.trim()) tell("status without a word", status);
  }
  for (const chart of document.querySelectorAll("svg[role=img]")) {
    const text = chart.ariaLabel || document.getElementById(chart.getAttribute("aria-labelledby"))?.textContent;
    if (!text) tell("no text", chart);
  }
  for (const row of document.querySelectorAll(".rows tbody tr:not(.editor)")) {
    const parts = [...row.querySelectorAll("td.code, .status, time, .button, tbody th a")].filter(shown);
    const boxes = parts.map(part => {
      if (part.tagName !== "TD") return part.getBoundingClientRect();
      const range = document.createRange();
      range.selectNodeContents(part); // its text, which may be wider than its cell
      return range.getBoundingClientRect();
    });
    const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    if (boxes.some((a, i) => boxes.slice(i + 1).some(b => over(a, b)))) tell("parts lie over each other", row);
  }
  const targets = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  for (const target of document.querySelectorAll(targets)) {
    const { width, height } = target.getBoundingClientRect(), style = getComputedStyle(target);
    const inSentence = target.closest("p, li, dd, small, td") && style.display === "inline";
    const byLabel = ["checkbox", "radio"].includes(target.type) && target.labels.length > 0;
    if (!shown(target) || style.clipPath !== "none" || inSentence || byLabel) continue;
    if (width < 23.5 || height < 23.5) tell("small target", target);
  }
  return faults;
}"""

# Focus goes to every element that takes it; where it stands, nothing lies over the whole of it.
HIDDEN_FOCUS = """() => {
  const faults = [];
  const focusable = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  for (const element of document.querySelectorAll(focusable)) {
    if (!element.checkVisibility() || element.disabled) continue;
    element.focus({ focusVisible: true });
    if (document.activeElement !== element) continue;
    const box = element.getClientRects()[0];
    const places = [[.5, .5], [.1, .5], [.9, .5], [.1, .1], [.1, .9]].map(([x, y]) => [box.x + x * box.width, box.y + y * box.height]);
    const seen = places.some(([x, y]) => {
      const top = document.elementFromPoint(x, y);
      return top && (element.contains(top) || top.contains(element) || [...(element.labels || [])].some(label => label.contains(top)));
    });
    const outline = getComputedStyle(element).outlineStyle;
    if (!seen || outline === "none") faults.push((seen ? "no outline: " : "hidden: ") + element.outerHTML.slice(0, 120));
  }
  return faults;
}"""  # noqa: E501


# What stands on paper: nothing that only a screen can use, on white, none of it cut off.
ON_PAPER = """() => [
  document.querySelector(".masthead, .masthead ~ footer, .filters")?.checkVisibility() && "screen",
  getComputedStyle(document.documentElement).backgroundColor !== "rgb(255, 255, 255)" && "not white",
  document.documentElement.scrollWidth > innerWidth && "too wide",
].filter(Boolean)"""


def findings(page):
    """What axe finds, as (rule, element)."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)  # costs as much as a look itself, hence once a page
    violations = page.evaluate("options => axe.run(options)", OPTIONS)["violations"]
    return [(finding["id"], finding["nodes"][0]["html"][:200]) for finding in violations]


def own_findings(page):
    return page.evaluate(OWN_RULES)


def hidden_focus(page):
    return page.evaluate(HIDDEN_FOCUS)


def on_paper(page):
    return page.evaluate(ON_PAPER)


def overflow(page):
    """A sentence if the page is wider than its window."""
    pixels = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"scrolls sideways by {pixels} pixels"] if pixels > 0 else []
