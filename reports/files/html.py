"""The summary as one HTML file: to read, to print, to keep. It loads nothing, so it looks the same saved on a disk."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from reports.files.context import document_context

STYLE = re.compile(rb"<style>(.*?)</style>", re.S)


def write_html(summary, publication=None):
    """The file's bytes: the same for the same summary."""
    content = document_context(summary, publication)
    return render_to_string("reports/files/summary.html", content | {"sheet": sheet()}).encode()


@cache
def sheet():
    """The style sheet that the file carries: the tokens of every page, and the look of a document."""
    foundation, document = (
        Path(finders.find(f"css/{name}.css")).read_text(encoding="utf-8") for name in ("foundation", "document")
    )
    tokens, _rest = foundation.split("@layer base {", 1)
    return mark_safe(f"<style>{tokens}{document}</style>")  # noqa: S308 (our own files, nothing typed)


def policy_for(content):
    """The Content-Security-Policy for such a file: its own style sheet, told by its hash, and no more."""
    digest = base64.b64encode(hashlib.sha256(STYLE.search(content)[1]).digest()).decode()
    allowed = {"default-src": "'none'", "style-src": f"'sha256-{digest}'", "img-src": "'self'"}
    refused = dict.fromkeys(["object-src", "base-uri", "form-action", "frame-ancestors"], "'none'")
    return "; ".join(f"{name} {value}" for name, value in (allowed | refused).items())
