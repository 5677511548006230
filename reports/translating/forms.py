"""English texts of a plan, each beside a field for its translation."""

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _

from deliverables.plan_editing.part_forms import ConcurrentEditMixin
from plans.codes import Code
from plans.translations import ENGLISH, max_length_for, placeholders, text_key

LABEL = '<span class="where">{}</span> <span lang="{}">{}</span>'


class TranslationForm(ConcurrentEditMixin, forms.Form):
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
                initial=words.by_source.get(text, ""),
                required=False,
                max_length=max_length_for(text),
                widget=forms.Textarea(attrs={"rows": 2 if len(text) > 60 else 1, "lang": words.language}),
                show_hidden_initial=True,  # so that only what this person changed is saved
            )
            self.fields[name].widget.attrs.pop("maxlength", None)

    def clean(self):
        for name, text in self.sources.items():
            self.refuse_overwrite(name, self.words.by_source.get(text, ""))
            said = self.cleaned_data.get(name) or ""
            if said and placeholders(said) != placeholders(text):
                placeholders_text = ", ".join(placeholders(text)) or _("nothing in braces")
                self.add_error(name, _("Keep what becomes a number as it is: %s.") % placeholders_text)
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
    return f"text-{text_key(text)[:16]}"
