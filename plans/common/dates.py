"""How a day is written in the language of the page. French writes the first of a month as an ordinal: `1er janvier`."""

import re

from django.utils import formats
from django.utils.translation import get_language


def date_format(day, form="DATE_FORMAT"):
    """A day, or a moment, in one of the forms of `metropolis_tracker/formats`."""
    text = formats.date_format(day, form)
    return re.sub(r"^1\b", "1er", text) if get_language() == "fr" and not form.startswith("Y") else text
