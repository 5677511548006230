"""Render e-mails as text and as HTML, from templates that extend `reports/mail/base.txt` and `base.html`."""

import re

from django.conf import settings
from django.template.loader import render_to_string

from reports.mail.styles import attributes, sheet


def render_mail(templates, context):
    """Return the text and the HTML of an e-mail from its two templates, in the active language.

    The keys that every e-mail needs in its context are listed at the top of `reports/mail/base.html`.
    """
    text, html = (render_to_string(name, context | common_context()) for name in templates)
    return tidy(text), html


def common_context():
    """Return what the templates of all e-mails need: the address of the site, and the styles."""
    return {"site": settings.SITE_URL, "style": attributes(), "sheet": sheet()}


def tidy(text):
    """Return the text of an e-mail without the blank lines that tags leave behind."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+$", "", text, flags=re.M)).strip() + "\n"
