"""The page on which a plan is translated: all its texts, a field each."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from deliverables.models import AmendmentKind
from plans.access import plan_and_date, plan_permission_required
from plans.common.text import normalise
from plans.form_drafts import form_data
from plans.models import Theme, Translation
from plans.translations import ENGLISH, OTHER_LANGUAGES
from reports.figures.summary import summarise
from reports.translating.forms import TranslationForm, field_name

TEXTS_A_PAGE = 100


def former_translations(plan, translations):
    """Return translations of texts that an amendment has reworded since, by the new English text."""
    reworded = plan.amendments.filter(kind=AmendmentKind.REWORDED).order_by("sequence").values_list("before", "after")
    return {after: translations.by_source[before] for before, after in reworded if before in translations.by_source}


def theme_names(plan, texts):
    """Return the English name of each theme of the plan by its names in all languages, in lower case."""
    english = [theme.name for theme in Theme.objects.all() if theme.name in texts]
    other = plan.translations.filter(source__in=english).values_list("source", "text")
    return {normalise(text).lower(): source for source, text in other} | {name.lower(): name for name in english}


@plan_permission_required("plans.change_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_translations(request, slug, language):
    """Show a plan's texts with their translations, or save these.

    `?missing=1` shows only texts without a translation, `?unofficial=1` those whose translation is not confirmed.
    """
    if language not in dict(OTHER_LANGUAGES):
        raise Http404
    plan, as_of = plan_and_date(request, slug)
    texts, translations = texts_to_translate(plan, as_of), plan.translated_texts(language)

    missing, unofficial = translations.missing(texts), translations.unconfirmed(texts)
    only_missing, only_unofficial = (request.GET.get(name) == "1" for name in ("missing", "unofficial"))
    shown = list(texts)
    if request.method != "POST" and (only_missing or only_unofficial):
        shown = missing if only_missing else unofficial
    page = Paginator(shown, TEXTS_A_PAGE).get_page(request.GET.get("page"))
    options = {
        "translations": translations,
        "former": former_translations(plan, translations),
        "themes": theme_names(plan, texts),
    }

    if request.method == "POST":
        # Somebody else may have translated some texts meanwhile, so the fields are those sent, not those now missing.
        sent = [text for text in texts if field_name(text) in request.POST]
        form = TranslationForm(form_data(request), texts={text: texts[text] for text in sent}, **options)
        if form.is_valid():
            return save_texts(request, plan, language, form)
    else:
        draft = with_stored(form_data(request), page, translations)
        form = TranslationForm(draft, texts={text: texts[text] for text in page}, **options)

    context = {
        "plan": plan,
        "form": form,
        "page": page,
        "language": language,
        "language_name": dict(OTHER_LANGUAGES)[language],
        "others": [each for each in settings.LANGUAGES if each[0] != ENGLISH],
        "only_missing": only_missing,
        "only_unofficial": only_unofficial,
        "missing": len(missing),
        "unofficial": len(unofficial),
        "total": len(texts),
    }
    return render(request, "reports/translating/texts.html", context, status=422 if request.method == "POST" else 200)


def with_stored(draft, texts, translations):
    """Return a draft, or None, with the stored translations of the texts that the draft lacks."""
    for text in texts if draft else ():
        name, stored = field_name(text), translations.by_source.get(text, "")
        if name not in draft:
            draft[name] = draft[f"initial-{name}"] = stored
    return draft


def texts_to_translate(plan, as_of):
    """Return the current texts of the plan and, with `as_of`, those of that day: pages of that day still show them."""
    today = timezone.localdate()
    current = summarise(plan, today=today).texts
    return current | summarise(plan, as_of, today=today).texts if as_of else current


def save_texts(request, plan, language, form):
    """Save the changed translations, confirm the chosen ones, and return to the page."""
    texts, confirmed = form.changed_texts, form.confirmed_texts
    with transaction.atomic():
        if texts:
            Translation.objects.set_translations(plan, language, texts, by=request.user)
        if confirmed:
            Translation.objects.confirm(plan, language, confirmed, by=request.user)

    messages.success(request, " ".join(saved_sentences(len(texts), len(confirmed))) or _("Nothing was changed."))
    return redirect(request.get_full_path())


def saved_sentences(saved, confirmed):
    """Return what was done, in sentences: how many texts were saved, and how many confirmed."""
    if saved:
        yield ngettext("Saved one text.", "Saved %(number)d texts.", saved) % {"number": saved}
    if confirmed:
        yield ngettext("Confirmed one text.", "Confirmed %(number)d texts.", confirmed) % {"number": confirmed}
