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

STYLE = re.compile(rb"<style>(.*?)</style>", re.S)


def write_html(summary, publication=None):
    """Return the file as bytes: the same for the same summary."""
    content = document_context(summary, publication)
    return render_to_string("reports/files/summary.html", content | {"sheet": style_sheet()}).encode()


@cache
def style_sheet():
    """Return the style sheet inside the file: the tokens that all pages share, and the rules of documents."""
    tokens, document = (
        Path(finders.find(f"css/{name}.css")).read_text(encoding="utf-8") for name in ("tokens", "document")
    )
    return mark_safe(f"<style>{tokens}{document}</style>")  # noqa: S308 (our own files, no user input)


def policy_for(content):
    """Return the Content-Security-Policy for such a file: it allows its own style sheet, by hash, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(STYLE.search(content)[1]).digest()).decode()
    allowed = {"default-src": "'none'", "style-src": f"'sha256-{digest}'", "img-src": "'self'"}
    refused = dict.fromkeys(["object-src", "base-uri", "form-action", "frame-ancestors"], "'none'")
    return "; ".join(f"{name} {value}" for name, value in (allowed | refused).items())
