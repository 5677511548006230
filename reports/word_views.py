"""What a plan says, entered in the other languages: all its texts on one page."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from plans.access import permission_needed
from plans.models import Plan, Translation
from plans.words import ENGLISH, LONGEST, OTHERS, key_of
from reports.summary import summarise

TEXTS_A_PAGE = 100


class WordsForm(forms.Form):
    """English texts of a plan, each with a field for what it says in another language."""

    is_search = True  # none of its fields is ever required: none needs to say so

    def __init__(self, *args, texts, words, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.sources = {f"text-{key_of(text)[:16]}": text for text in texts}
        for name, text in self.sources.items():
            self.fields[name] = forms.CharField(
                label=format_html(
                    '<span class="where">{}</span> <span lang="{}">{}</span>', texts[text], ENGLISH, text
                ),
                initial=words.entered.get(text, ""),
                required=False,
                max_length=LONGEST,
                widget=forms.Textarea(attrs={"rows": 2 if len(text) > 60 else 1, "lang": words.language}),
                show_hidden_initial=True,  # so that only what this person changed is saved
            )
            self.fields[name].widget.attrs.pop("maxlength", None)

    @property
    def changed_texts(self):
        """What the person entered, by English text."""
        return {self.sources[name]: self.cleaned_data[name].strip() for name in self.changed_data}


@permission_needed("plans.change_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_words(request, slug, language):
    """A plan's texts beside their translations into a language; `?missing=1` shows those that have none."""
    if language not in dict(OTHERS):
        raise Http404
    plan = Plan.objects.get_for(request.user, slug)
    texts, words = summarise(plan, today=timezone.localdate()).texts, plan.words(language)
    missing = words.lacks(texts)
    only_missing = request.GET.get("missing") == "1"
    shown = [text for text in texts if text in missing] if only_missing and request.method != "POST" else list(texts)
    page = Paginator(shown, TEXTS_A_PAGE).get_page(request.GET.get("page"))
    if request.method == "POST":  # what was missing on the page may be there by now: take the fields that were sent
        sent = [text for text in texts if f"text-{key_of(text)[:16]}" in request.POST]
        form = WordsForm(request.POST, texts={text: texts[text] for text in sent}, words=words)
        if form.is_valid():
            return kept(request, plan, language, form.changed_texts)
    else:
        form = WordsForm(texts={text: texts[text] for text in page}, words=words)
    context = {
        "plan": plan,
        "form": form,
        "page": page,
        "language": language,
        "language_name": dict(OTHERS)[language],
        "others": [each for each in settings.LANGUAGES if each[0] != ENGLISH],
        "only_missing": only_missing,
        "missing": len(missing),
        "total": len(texts),
    }
    return render(request, "edit/words.html", context, status=422 if form.errors else 200)


def kept(request, plan, language, texts):
    """Keep what was entered, and come back to the page."""
    if texts:
        Translation.objects.keep(plan, language, texts, by=request.user)
    text = ngettext("Saved one text.", "Saved %(number)d texts.", len(texts)) if texts else _("Nothing was changed.")
    messages.success(request, text % {"number": len(texts)})
    return redirect(request.get_full_path())
