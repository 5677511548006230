"""The form of a plan's translations: each English text with a field for its translation."""

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deliverables.plan_editing.concurrent_edit import ConcurrentEditMixin
from plans.codes import Code
from plans.translations import ENGLISH, max_length_for, placeholders, text_key

LABEL = '<span class="where">{}</span> <span lang="{}">{}</span>'
CONFIRM_LABEL = '{} <span class="visually-hidden">{}</span>'


class TranslationForm(ConcurrentEditMixin, forms.Form):
    """English texts of a plan, each with a field for its translation into another language.

    `texts` are the English texts with the place where each is used, `translations` the stored `TranslatedTexts`.
    `former` are translations of the wording before an amendment, by the new wording. `themes` are the names of themes
    in all languages, in lower case, with the English name of each. An unofficial translation has a checkbox that
    confirms it as it is.
    """

    confirm_all = forms.BooleanField(label=gettext_lazy("All translations on this page are confirmed"), required=False)

    is_search = True  # all fields are optional, so none is labelled as such

    def __init__(self, *args, texts, translations, former, themes, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.texts, self.translations, self.themes = texts, translations, themes
        self.sources = {field_name(text): text for text in texts}

        for name, text in self.sources.items():
            self.fields[name] = forms.CharField(
                label=format_html(LABEL, texts[text], ENGLISH, text),
                help_text=self.help_text(text, former),
                initial=translations.by_source.get(text, ""),
                required=False,
                max_length=max_length_for(text),
                widget=forms.Textarea(attrs={"rows": 2 if len(text) > 60 else 1, "lang": translations.language}),
                show_hidden_initial=True,  # to save only what this person changed, not what others saved meanwhile
            )
            self.fields[name].widget.attrs.pop("maxlength", None)
            if text in translations.unofficial:
                label = format_html(CONFIRM_LABEL, _("This translation is confirmed"), texts[text])
                self.fields[confirm_name(text)] = forms.BooleanField(label=label, required=False)

        if not self.unofficial:
            del self.fields["confirm_all"]

    def help_text(self, text, former):
        if text in self.translations.unofficial:
            return _("Unofficial translation made for this tracker, not yet confirmed by the secretariat.")
        return _("Translation of the former wording: “%s”") % former[text] if text in former else ""

    @property
    def unofficial(self):
        """Return the English texts of the form whose translation is unofficial."""
        return self.translations.unconfirmed(self.texts)

    def clean(self):
        for name, text in self.sources.items():
            self.refuse_overwrite(name, self.translations.by_source.get(text, ""))
            translation = self.cleaned_data.get(name) or ""

            if translation and placeholders(translation) != placeholders(text):
                placeholders_text = ", ".join(placeholders(text)) or _("no braces")
                self.add_error(name, _("Keep the placeholders as they are: %s.") % placeholders_text)
            if translation and text in self.themes.values():
                self.clean_theme(name, text, translation)

    def clean_theme(self, name, text, translation):
        """Require a unique name without semicolons, since spreadsheets list the themes of a measure by name."""
        other = self.themes.get(translation.lower())
        if ";" in translation:
            self.add_error(name, _("Remove the semicolon: it separates the themes in spreadsheets."))
        elif other and other != text:
            self.add_error(name, _("The theme “%s” already has this name. Choose another name.") % other)

    @property
    def groups(self):
        """Return the fields by action line, after those that belong to none (key: an empty text)."""
        groups = {}
        for name, text in self.sources.items():
            place = self.texts[text]
            heading = str(place.in_line) if isinstance(place, Code) else ""
            fields = groups.setdefault(heading, [])
            fields.append(self[name])
            if confirm_name(text) in self.fields:
                fields.append(self[confirm_name(text)])
        return groups.items()

    @property
    def changed_texts(self):
        """Return the translations that the person changed, by English text."""
        return {self.sources[name]: self.cleaned_data[name] for name in self.changed_data if name in self.sources}

    @property
    def confirmed_texts(self):
        """Return the English texts whose translation the person confirmed and did not change."""
        is_all, changed = self.cleaned_data.get("confirm_all"), self.changed_texts
        return [
            text
            for text in self.unofficial
            if text not in changed and (is_all or self.cleaned_data[confirm_name(text)])
        ]


def field_name(text):
    """Return the name of the form field for an English text."""
    return f"text-{text_key(text)[:16]}"


def confirm_name(text):
    """Return the name of the checkbox that confirms the translation of an English text."""
    return f"confirm-{text_key(text)[:16]}"
