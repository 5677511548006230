"""The styles of e-mails, in the colours of the site: see `reports/files/palette.py`.

Mail programs want styles inline, and many drop what stands in the head. So each element has its light colours inline,
and the head gives the dark ones to the programs that know them. Both are made from `STYLES`.
"""

from functools import cache

from django.utils.html import format_html
from django.utils.safestring import mark_safe

from deliverables.status import Status
from reports.files.palette import colours, token_of

FONTS = "-apple-system, Segoe UI, Roboto, Noto Sans, Arial, sans-serif"  # a mail program has none of ours

# By the name of an element's class. A name in braces is that of a colour.
STYLES = {
    "page": "margin: 0; padding: 0; background: {paper}; -webkit-text-size-adjust: 100%",
    "preheader": "display: none; max-height: 0; overflow: hidden; mso-hide: all",
    "margin": "padding: 24px 12px",
    "sheet": "width: 100%; max-width: 600px; background: {surface}; border-top: 4px solid {ink}; color: {ink}; "
    f"font-family: {FONTS}; font-size: 16px; line-height: 24px",
    "site": "padding: 24px 36px 0; font-size: 17px; font-weight: 600; color: {ink}",
    "content": "padding: 20px 36px 16px; color: {ink}; text-align: start; overflow-wrap: anywhere",
    "title": "margin: 0 0 16px; font-size: 28px; line-height: 34px; font-weight: 600; color: {ink}",
    "section": "margin: 28px 0 10px; font-size: 18px; line-height: 25px; font-weight: 600; color: {ink}",
    "text": "margin: 0 0 16px; color: {ink}",
    "soft": "margin: 0 0 16px; font-size: 14px; line-height: 21px; color: {ink-soft}",
    "rows": "width: 100%; margin: 0 0 20px; border-bottom: 1px solid {rule}",
    "row": "padding: 12px 0; border-top: 1px solid {rule}; vertical-align: top; line-height: 23px; color: {ink}; "
    "text-align: start; overflow-wrap: anywhere",
    "status": "padding: 12px 0 12px 16px; border-top: 1px solid {rule}; vertical-align: top; text-align: end; "
    "white-space: nowrap",
    "name": "font-weight: 600; color: {ink}; text-decoration: underline",
    "facts": "font-size: 14px; line-height: 21px; color: {ink-soft}",
    "quote": "margin: 6px 0 0; padding: 0 12px; border-left: 3px solid {accent}; color: {ink}",
    "button-box": "margin: 4px 0 24px",
    "button-cell": "background: {accent}; border-radius: 6px; mso-padding-alt: 13px 22px",
    "button": "display: inline-block; padding: 13px 22px; border-radius: 6px; background: {accent}; "
    "color: {accent-ink}; font-weight: 600; text-decoration: none",
    "link": "color: {accent}; text-decoration: underline",
    "why": "padding: 20px 36px 28px; border-top: 1px solid {rule}; font-size: 14px; line-height: 21px; "
    "color: {ink-soft}; text-align: start; overflow-wrap: anywhere",
    "why-text": "margin: 0 0 8px; color: {ink-soft}",
    "why-link": "color: {ink-soft}; text-decoration: underline",
}
STYLES |= {
    status.value: "display: inline-block; padding: 1px 8px; border-radius: 4px; font-size: 14px; line-height: 22px; "
    f"font-weight: 600; white-space: nowrap; color: {{{token_of(status)}}}; background: {{{token_of(status)}-wash}}"
    for status in Status
}

# On a phone a status comes below its title, which needs the whole width.
NARROW = """
.site, .content, .why { padding-left: 20px !important; padding-right: 20px !important; }
.row, .status { display: block !important; }
.row:not(:only-child) { padding-bottom: 6px !important; }
.status { padding: 0 0 12px !important; border-top: 0 !important; text-align: start !important; }
"""


@cache
def attributes():
    """Return the `class` and `style` of each of `STYLES`, for the start tag of an element."""
    return {
        name.replace("-", "_"): format_html('class="{}" style="{}"', name, mark_safe(style.format_map(colours())))  # noqa: S308 (our own)
        for name, style in STYLES.items()
    }


@cache
def sheet():
    """Return the style sheet for the head of an e-mail: the dark colours, and narrower margins on a phone."""
    dark = "\n".join(
        f".{name} {{ {declarations} }}" for name in STYLES if (declarations := coloured(name, colours("dark")))
    )
    rules = (
        ":root { color-scheme: light dark; supported-color-schemes: light dark; }\n"
        f"@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
        f"@media (max-width: 480px) {{{NARROW}}}"  # last: a status that comes below has no line above it
    )
    return mark_safe(f"<style>\n{rules}\n</style>")  # noqa: S308 (our own)


def coloured(name, palette):
    """Return those declarations of a style that have a colour, in a palette. They rule over the inline ones."""
    declarations = [each.strip() for each in STYLES[name].split(";") if "{" in each]
    return " ".join(f"{each.format_map(palette)} !important;" for each in declarations)
