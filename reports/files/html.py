"""Write the report as one HTML file. It loads no other file, so it looks the same when it is saved or sent."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from reports.files.context import document_context

COMMENT, INDENTATION = re.compile(r"/\*.*?\*/", re.S), re.compile(r"\n\s+")
STYLE = re.compile(rb"<style>(.*?)</style>", re.S)


def write_html(summary, publication=None):
    """Return the file as bytes: the same for the same summary."""
    content = document_context(summary, publication)
    return render_to_string("reports/files/summary.html", content | {"sheet": style_sheet("document")}).encode()


@cache
def style_sheet(*names):
    """Return a style sheet to write into a page: the tokens that all pages share, and the rules of these names."""
    rules = (Path(finders.find(f"css/{name}.css")).read_text(encoding="utf-8") for name in ("tokens", *names))
    sheet = INDENTATION.sub("\n", COMMENT.sub("", "".join(rules)))
    return mark_safe(f"<style>{sheet}</style>")  # noqa: S308 (our own files, no user input)


def policy_for(content, framed_by="'none'"):
    """Return the Content-Security-Policy for such a file: it allows its own style sheet, by hash, and nothing else.

    `framed_by` are the sites that may show it in a frame.
    """
    digest = base64.b64encode(hashlib.sha256(STYLE.search(content)[1]).digest()).decode()
    allowed = {"default-src": "'none'", "style-src": f"'sha256-{digest}'", "img-src": "'self'"}
    refused = dict.fromkeys(["object-src", "base-uri", "form-action"], "'none'")
    directives = allowed | refused | {"frame-ancestors": framed_by}
    return "; ".join(f"{name} {value}" for name, value in directives.items())
