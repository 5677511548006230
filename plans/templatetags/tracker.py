from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.urls import reverse, translate_url
from django.utils.translation import get_language

from plans import translations
from plans.common.dates import date_format

register = template.Library()
LOCALES = {"en": "en_GB", "es": "es_ES", "fr": "fr_FR"}  # as the Open Graph protocol names languages


@register.simple_tag(takes_context=True)
def plan_url(context, page, *parts, **query):
    """The address of a page of the plan in view. Keeps the as-of date; empty query values are left out."""
    query = {"as_of": context.get("as_of")} | query
    filled = {key: str(value) for key, value in query.items() if value}
    address = reverse(page, args=[context["plan"].slug, *parts])
    return f"{address}?{urlencode(filled)}" if filled else address


@register.simple_tag(takes_context=True)
def card_url(context):
    """The full address of the image that stands for the plan in view, as of the day in view."""
    return settings.SITE_URL + plan_url(context, "card")


@register.simple_tag(takes_context=True)
def languages(context):
    """This page in each language: code, name in that language, path and full link; nothing for an answer to a form."""
    request = context.get("request")
    if request is None or request.method == "POST" or request.resolver_match is None:
        return []
    paths = {code: translate_url(request.get_full_path(), code) for code, _name in settings.LANGUAGES}
    return [
        {
            "code": code,
            "name": name,
            "path": paths[code],
            "link": settings.SITE_URL + paths[code],
            "is_current": code == get_language(),
            "locale": LOCALES[code],
        }
        for code, name in settings.LANGUAGES
    ]


@register.simple_tag(takes_context=True)
def plan_text(context, text, plan=None):
    """Words of the plan in view, or of another, in the page's language; in English, and marked so, untranslated."""
    return texts_in_view(context, plan).get(text or "").html


@register.simple_tag(takes_context=True)
def plan_text_plain(context, text, plan=None):
    """The same where no markup can stand: in an attribute, a title, a mail."""
    return str(texts_in_view(context, plan).get(text or ""))


def texts_in_view(context, plan):
    """The `Words` to show: those of the plan named, else those that the page brings, else those of its plan."""
    return plan.translated_texts() if plan else context.get("texts") or context["plan"].translated_texts()


@register.filter(name="date", expects_localtime=True, is_safe=False)
def date_of_language(day, form="DATE_FORMAT"):
    """A day or moment as the language writes it; the filter of this name that Django brings knows no `1er`."""
    return date_format(day, form) if day else ""


@register.simple_tag
def colon():
    """A colon between two texts that are set side by side: French puts a blank before it."""
    return translations.colon()


@register.filter
def with_lang(text):
    """Words whose language is known, marked with it where it is not the page's."""
    return getattr(text, "html", text)


@register.inclusion_tag("components/tally.html", takes_context=True)
def tally(context, counts, **part):
    """“12 of 17 attained”, each figure a link to its rows; `part` are the list's filters that choose them."""
    return {
        "counts": counts,
        "all_url": plan_url(context, "deliverables", **part),
        "attained_url": plan_url(context, "deliverables", **part, status="attained"),
    }
