"""The colours of the files. Their source is static/css/tokens.css, so that a colour is changed in one place."""

import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

from deliverables.status import Status

COLOUR = re.compile(r"--([a-z-]+): (#[0-9a-f]+);")
DARK = re.compile(r"@media [^{]*prefers-color-scheme: dark\) \{(.*?)\n  \}", re.S)

# Covers are dark on every screen and on paper, so their colours have no second scheme. 13.6 and more on the navy.
COVER = {
    "ground": "#14233f",
    "deep": "#0c1830",
    "ink": "#f4efe3",
    "soft": "#c3c9d6",
    "in_progress": "#e6a84a",
    "not_developed": "#e48a97",
    "no_status": "#6d7c97",
}


@cache
def colours(scheme: str = "light") -> dict[str, str]:
    """Return the colours of a scheme, "light" or "dark", by the names of their tokens: {"ink": "#14191f", …}."""
    tokens = Path(finders.find("css/tokens.css")).read_text(encoding="utf-8")
    dark_block = DARK.search(tokens)[1]
    dark, light = dict(COLOUR.findall(dark_block)), dict(COLOUR.findall(tokens.replace(dark_block, "")))
    return {name: six_digits(colour if scheme == "dark" else light[name]) for name, colour in dark.items()}


def six_digits(colour):
    """Return a colour such as "#fff" in full: "#ffffff". Some programs know no short form."""
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


def hue(status: Status) -> str:
    """Return the colour of a status, for text, bars and shapes."""
    return colours()[token_of(status)]


def wash(status: Status) -> str:
    """Return the pale colour of a status, for the ground behind its hue."""
    return colours()[f"{token_of(status)}-wash"]


def token_of(status):
    return status.value.replace("_", "-")


def document_palette():
    """Return the light colours as a template of Typst uses them: by token, and the two of each status."""
    return {
        **colours(),
        "cover": COVER,
        "hue": {status.value: hue(status) for status in Status},
        "wash": {status.value: wash(status) for status in Status},
    }
