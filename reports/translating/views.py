"""What a plan says, entered in the other languages: all its texts on one page."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from deliverables.models import AmendmentKind
from plans.access import plan_and_date, plan_permission_required
from plans.models import Theme, Translation
from plans.translations import ENGLISH, OTHER_LANGUAGES
from reports.figures.summary import summarise
from reports.translating.forms import TranslationForm, name_of

TEXTS_A_PAGE = 100


def former_words(plan, words):
    """What was said for words before they were changed by an amendment, by the words that took their place."""
    reworded = plan.amendments.filter(kind=AmendmentKind.REWORDED).order_by("sequence").values_list("before", "after")
    return {after: words.by_source[before] for before, after in reworded if before in words.by_source}


def names_of_themes(plan, texts):
    """What the themes of a plan are called in any language, in small letters, each with its English name."""
    english = [theme.name for theme in Theme.objects.all() if theme.name in texts]
    other = plan.translations.filter(source__in=english).values_list("source", "text")
    return {text.lower(): source for source, text in other} | {name.lower(): name for name in english}


@plan_permission_required("plans.change_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_translations(request, slug, language):
    """A plan's texts beside their translations into a language; `?missing=1` shows those that have none."""
    if language not in dict(OTHER_LANGUAGES):
        raise Http404
    plan, as_of = plan_and_date(request, slug)
    texts, words = texts_of(plan, as_of), plan.translated_texts(language)
    missing = words.missing(texts)
    only_missing = request.GET.get("missing") == "1"
    shown = [text for text in texts if text in missing] if only_missing and request.method != "POST" else list(texts)
    page = Paginator(shown, TEXTS_A_PAGE).get_page(request.GET.get("page"))
    around = {"words": words, "former": former_words(plan, words), "themes": names_of_themes(plan, texts)}
    if request.method == "POST":  # what was missing on the page may be there by now: take the fields that were sent
        sent = [text for text in texts if name_of(text) in request.POST]
        form = TranslationForm(request.POST, texts={text: texts[text] for text in sent}, **around)
        if form.is_valid():
            return save_texts(request, plan, language, form.changed_texts)
    else:
        form = TranslationForm(texts={text: texts[text] for text in page}, **around)
    context = {
        "plan": plan,
        "form": form,
        "page": page,
        "language": language,
        "language_name": dict(OTHER_LANGUAGES)[language],
        "others": [each for each in settings.LANGUAGES if each[0] != ENGLISH],
        "only_missing": only_missing,
        "missing": len(missing),
        "total": len(texts),
    }
    return render(request, "reports/translating/texts.html", context, status=422 if form.errors else 200)


def texts_of(plan, as_of):
    """What the plan says now, and said on a day asked for: its former words are still read there."""
    now = summarise(plan, today=timezone.localdate()).texts
    return now | summarise(plan, as_of, today=timezone.localdate()).texts if as_of else now


def save_texts(request, plan, language, texts):
    """Keep what was entered, and come back to the page."""
    if texts:
        Translation.objects.set_translations(plan, language, texts, by=request.user)
    text = ngettext("Saved one text.", "Saved %(number)d texts.", len(texts)) if texts else _("Nothing was changed.")
    messages.success(request, text % {"number": len(texts)})
    return redirect(request.get_full_path())
