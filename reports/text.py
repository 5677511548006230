import re

# What XML, and with it XLSX and Atom, cannot hold and no font can draw; tabs and line ends are text.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text):
    """The same text without control characters."""
    return UNPRINTABLE.sub("", text)
