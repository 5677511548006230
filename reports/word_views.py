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

from deliverables.amendments import Kind
from deliverables.edit_forms import SeenMixin
from plans.access import permission_needed, plan_in_view
from plans.codes import Code
from plans.models import Theme, Translation
from plans.words import ENGLISH, OTHERS, key_of, longest_for, placeholders
from reports.summary import summarise

TEXTS_A_PAGE = 100
LABEL = '<span class="where">{}</span> <span lang="{}">{}</span>'


class WordsForm(SeenMixin, forms.Form):
    """English texts of a plan, each with a field for what it says in another language.

    `texts` are they and where each stands, `words` what is entered, `former` what was said for the words before an
    amendment, by the new words; `themes` are the names that themes have in any language, each with its English one.
    """

    is_search = True  # none of its fields is ever required: none needs to say so

    def __init__(self, *args, texts, words, former, themes, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.texts, self.words, self.themes = texts, words, themes
        self.sources = {name_of(text): text for text in texts}
        for name, text in self.sources.items():
            self.fields[name] = forms.CharField(
                label=format_html(LABEL, texts[text], ENGLISH, text),
                help_text=_("Of the words before it said: “%s”") % former[text] if text in former else "",
                initial=words.entered.get(text, ""),
                required=False,
                max_length=longest_for(text),
                widget=forms.Textarea(attrs={"rows": 2 if len(text) > 60 else 1, "lang": words.language}),
                show_hidden_initial=True,  # so that only what this person changed is saved
            )
            self.fields[name].widget.attrs.pop("maxlength", None)

    def clean(self):
        for name, text in self.sources.items():
            self.refuse_unseen(name, self.words.entered.get(text, ""))
            said = self.cleaned_data.get(name) or ""
            if said and placeholders(said) != placeholders(text):
                kept = ", ".join(placeholders(text)) or _("nothing in braces")
                self.add_error(name, _("Keep what becomes a number as it is: %s.") % kept)
            if said and text in self.themes.values():
                self.clean_theme(name, text, said)

    def clean_theme(self, name, text, said):
        """A theme is told from the others by its name, in spreadsheets too."""
        taken = self.themes.get(said.lower())
        if ";" in said:
            self.add_error(name, _("A theme has no semicolon: it parts the themes in a spreadsheet."))
        elif taken and taken != text:
            self.add_error(name, _("The theme “%s” is called so already. Choose another name.") % taken)

    @property
    def groups(self):
        """The fields under headings: each action line, and before them what belongs to none."""
        groups = {}
        for name, text in self.sources.items():
            where = self.texts[text]
            head = f"{where.in_line}" if isinstance(where, Code) else ""
            groups.setdefault(head, []).append(self[name])
        return groups.items()

    @property
    def changed_texts(self):
        """What the person entered, by English text."""
        return {self.sources[name]: self.cleaned_data[name] for name in self.changed_data}


def name_of(text):
    """The name of the field for an English text."""
    return f"text-{key_of(text)[:16]}"


def former_words(plan, words):
    """What was said for words before they were changed by an amendment, by the words that took their place."""
    reworded = plan.amendments.filter(kind=Kind.REWORDED).order_by("sequence").values_list("before", "after")
    return {after: words.entered[before] for before, after in reworded if before in words.entered}


def names_of_themes(plan, texts):
    """What the themes of a plan are called in any language, in small letters, each with its English name."""
    english = [theme.name for theme in Theme.objects.all() if theme.name in texts]
    other = plan.translations.filter(source__in=english).values_list("source", "text")
    return {text.lower(): source for source, text in other} | {name.lower(): name for name in english}


@permission_needed("plans.change_plan")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_words(request, slug, language):
    """A plan's texts beside their translations into a language; `?missing=1` shows those that have none."""
    if language not in dict(OTHERS):
        raise Http404
    plan, as_of = plan_in_view(request, slug)
    texts, words = texts_of(plan, as_of), plan.words(language)
    missing = words.lacks(texts)
    only_missing = request.GET.get("missing") == "1"
    shown = [text for text in texts if text in missing] if only_missing and request.method != "POST" else list(texts)
    page = Paginator(shown, TEXTS_A_PAGE).get_page(request.GET.get("page"))
    around = {"words": words, "former": former_words(plan, words), "themes": names_of_themes(plan, texts)}
    if request.method == "POST":  # what was missing on the page may be there by now: take the fields that were sent
        sent = [text for text in texts if name_of(text) in request.POST]
        form = WordsForm(request.POST, texts={text: texts[text] for text in sent}, **around)
        if form.is_valid():
            return kept(request, plan, language, form.changed_texts)
    else:
        form = WordsForm(texts={text: texts[text] for text in page}, **around)
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


def texts_of(plan, as_of):
    """What the plan says now, and said on a day asked for: its former words are still read there."""
    now = summarise(plan, today=timezone.localdate()).texts
    return now | summarise(plan, as_of, today=timezone.localdate()).texts if as_of else now


def kept(request, plan, language, texts):
    """Keep what was entered, and come back to the page."""
    if texts:
        Translation.objects.keep(plan, language, texts, by=request.user)
    text = ngettext("Saved one text.", "Saved %(number)d texts.", len(texts)) if texts else _("Nothing was changed.")
    messages.success(request, text % {"number": len(texts)})
    return redirect(request.get_full_path())
