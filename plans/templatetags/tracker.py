"""Template tags of all pages: links within a plan, texts of a plan in the page's language, dates, counts."""

import secrets
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import quote, urlencode

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext

from plans import translations
from plans.common.dates import date_format
from plans.common.devices import device_name
from plans.common.marked_words import marked_words
from plans.common.paths import in_language
from plans.common.request_id import request_id
from plans.form_drafts import FormDraft, form_page_path
from plans.memory import draw_once
from plans.models import Visibility

register = template.Library()
PLACE_OF_TOKEN = secrets.token_urlsafe()  # nobody can type it, and get the token of a reader into a link
MOST_BLOCKS = 12  # of a quantity: more would be wider than their column

EMBED_HEIGHT = 360  # pixels: enough for `reports/embed.html` in a column 280 pixels wide, in every language


class LanguageVersion(NamedTuple):
    """A page in a language, which has this code and this name in itself."""

    code: str
    name: str
    path: str

    @property
    def link(self):
        return settings.SITE_URL + self.path

    @property
    def is_current(self):
        return self.code == get_language()

    @property
    def locale(self):
        """Return the language as the Open Graph protocol names it, with a territory: `es_ES`."""
        return "en_GB" if self.code == "en" else f"{self.code}_{self.code.upper()}"


class Reader(NamedTuple):
    """What the head of a page shows of the member who reads it."""

    name: str
    is_staff: bool
    may_record: bool
    organisation: int | None
    region_slug: str
    region_name: str


register.simple_tag(request_id)


@register.simple_tag(takes_context=True)
def current_reader(context):
    """Return the `Reader` of a page; None for a visitor."""
    person = getattr(context.get("request"), "user", None)
    if person is None or not person.is_authenticated:
        return None
    region = (
        [person.region.organisation_id, person.region.slug, person.region.name] if person.region else [None, "", ""]
    )
    return Reader(person.name, person.is_staff, person.has_perm("deliverables.record_status"), *region)


@register.simple_tag(takes_context=True)
def sign_in_url(context):
    """Return the URL of the page to sign in, which leads back to this one unless it answers a form."""
    request = context.get("request")
    is_page = request is not None and request.method == "GET" and not context.get("token")
    return f"{reverse('account_login')}?next={quote(request.get_full_path()) if is_page else reverse('home')}"


@register.simple_tag(takes_context=True)
def plan_url(context, page, *parts, **query):
    """Return the URL of a page of the plan in the context, with the page's as-of date and without empty values."""
    query = {"as_of": context.get("as_of")} | query
    values = {key: str(value) for key, value in query.items() if value}
    path = reverse(page, args=[context["plan"].slug, *parts])
    return f"{path}?{urlencode(values)}" if values else path


@register.simple_tag(takes_context=True)
def fragment(context, template, **values):
    """Include a template that sees these values, the plan and the as-of date, and nothing else of this page.

    It is drawn once for the same values in a language: they must be plain ones, such as texts, numbers and frozen
    dataclasses, or have a `fragment_key`. Use it for what many pages or readers see, and in rows.
    """
    html = draw_once(template, context.get("plan"), values | {"as_of": context.get("as_of")})
    if PLACE_OF_TOKEN in html:
        html = mark_safe(html.replace(PLACE_OF_TOKEN, str(context["csrf_token"])))  # noqa: S308 (a token has no markup)
    return html


@register.simple_tag
def place_of_token():
    """Return what stands for the token of a form in a fragment, which is not for one reader."""
    return PLACE_OF_TOKEN


@register.simple_tag(takes_context=True)
def card_url(context):
    """Return the absolute URL of the plan's preview image, which other sites show beside a link, as of the date."""
    return settings.SITE_URL + plan_url(context, "card")


@register.simple_tag(takes_context=True)
def embed_code(context):
    """Return the HTML that shows a plan's figures on another site, to be copied; nothing unless it is public."""
    plan = context["plan"]
    if plan.visibility != Visibility.PUBLIC:
        return ""
    link = settings.SITE_URL + reverse("embed", args=[plan.slug])
    title = gettext("%(plan)s: where it stands") % {"plan": plan.name}
    frame = '<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy" style="border:0"></iframe>'
    return format_html(frame, link, title, EMBED_HEIGHT)


@register.simple_tag(takes_context=True)
def languages(context):
    """Return this page in each language as a `LanguageVersion`.

    The answer to a form has no address of its own: it is the page that shows the form. What is no page stays none.
    """
    request = context.get("request")
    if request is None:
        return ()

    page = form_page_path(request)
    return tuple(LanguageVersion(code, name, in_language(page, code)) for code, name in settings.LANGUAGES)


@register.simple_tag(takes_context=True)
def canonical_url(context):
    """Return the URL under which search engines list a page: without filters, order and date, which would multiply it.

    The pages of a list that is not filtered are pages of their own.
    """
    request = context["request"]
    return settings.SITE_URL + (request.get_full_path() if request.GET.keys() == {"page"} else request.path)


@register.simple_tag(takes_context=True)
def plan_text(context, text, plan=None):
    """Return a text of a plan as HTML in the page's language, or in English with `lang="en"` if not translated."""
    return texts_in_view(context, plan).get(text or "").html


@register.simple_tag(takes_context=True)
def plan_text_plain(context, text, plan=None):
    """Return a text of a plan in the page's language without markup: for attributes, titles and e-mails."""
    return str(texts_in_view(context, plan).get(text or ""))


@register.simple_tag(takes_context=True)
def measure_name(context, measure, plan=None):
    """Return the short name of a measure or its summary as HTML, or the beginning of its statement if it has none."""
    return texts_in_view(context, plan).measure_name(measure.short_name, measure.statement).html


@register.simple_tag(takes_context=True)
def measure_name_plain(context, measure, plan=None):
    """Return the same without markup."""
    return str(texts_in_view(context, plan).measure_name(measure.short_name, measure.statement))


@register.inclusion_tag("components/unofficial_notice.html", takes_context=True)
def unofficial_notice(context, texts):
    """Show a line that says so if the translation of any of these English texts of a plan is unofficial."""
    return {"is_unofficial": bool(texts_in_view(context, None).unconfirmed(texts))}


def texts_in_view(context, plan):
    """Return the `TranslatedTexts` of the given plan, or else those in the context, or else those of its plan."""
    return plan.translated_texts() if plan else context.get("texts") or context["plan"].translated_texts()


@register.filter(name="date", expects_localtime=True, is_safe=False)
def date_of_language(day, form="DATE_FORMAT"):
    """Return a date or datetime as the language writes it. Replaces Django's filter `date`, which has no `1er`."""
    return date_format(day, form) if day else ""


@register.filter
def after(moment, other):
    """Return whether a moment is after another one; not if there is no other."""
    return other is not None and moment > other


@register.simple_tag
def colon():
    """Return the colon between two texts on a line: French has a space before it."""
    return translations.colon()


@register.filter
def with_lang(text):
    """Return a `TranslatedText` as HTML with its `lang` where that is not the page's; any other text as it is."""
    return getattr(text, "html", text)


@register.filter
def device(user_agent):
    """Return the `User-Agent` of a browser in words."""
    return device_name(user_agent)


@register.filter
def bdi(text):
    """Return a text, such as a name, as HTML whose direction does not change that of the text around it."""
    return format_html("<bdi>{}</bdi>", text)


@register.inclusion_tag("components/tally.html", takes_context=True)
def tally(context, counts, **part):
    """Show “12 of 17 attained”, each number a link to its rows. `part` holds the filters of the list for both."""
    return {
        "counts": counts,
        "all_url": plan_url(context, "deliverables", **part),
        "attained_url": plan_url(context, "deliverables", **part, status="attained"),
    }


@register.inclusion_tag("components/marked_words.html", takes_context=True)
def rewording(context, before, after):
    """Show two wordings of a text of the plan as one, with the removed and the added words marked."""
    texts = texts_in_view(context, None)
    before, after = texts.get(before), texts.get(after)
    if before.language != after.language:
        return {"before": before.html, "after": after.html}
    language = after.language if after.is_foreign else ""
    return {"words": marked_words(before, after), "language": language}


@register.inclusion_tag("components/quantity.html", takes_context=True)
def quantity(context, achieved, target):
    """Show how many of a `Target` there are, as text with a bar; nothing for None."""
    if target is None:
        return {}
    unit = texts_in_view(context, None).get(target.unit)
    share = "" if achieved is None else f"{100 * min(achieved / target.number, 1):.1f}%"
    return {"text": replace(target, unit=unit).progress(achieved), "share": share}


@register.inclusion_tag("components/quantity_blocks.html", takes_context=True)
def quantity_blocks(context, achieved, target):
    """Show how many of a `Target` there are as blocks, one for each; without blocks where there would be too many."""
    unit = texts_in_view(context, None).get(target.unit)
    text = replace(target, unit=unit).progress(None)
    blocks = [place < (achieved or 0) for place in range(target.number)] if target.number <= MOST_BLOCKS else []
    return {"blocks": blocks, "achieved": achieved, "number": target.number, "unit": unit, "text": text}


@register.simple_tag(takes_context=True)
def unsaved_draft(context):
    """Return the draft of the form on this page, None without one: for the admin, whose forms cannot show it."""
    request = context["request"]
    if request.method != "GET" or not request.user.is_authenticated:
        return None
    return FormDraft.objects.find(request.user, request.get_full_path(), timezone.now())
