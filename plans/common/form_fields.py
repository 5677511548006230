"""Form fields and widgets that every form of the tracker uses."""

import re
from functools import lru_cache

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from plans.common.text import TranslatedText


class DateInput(forms.DateInput):
    """A date input. Shows an invalid value in a text input, since a browser's date input would drop it."""

    def __init__(self, attrs=None):
        super().__init__(attrs={"type": "date"} | (attrs or {}), format="%Y-%m-%d")

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        if not re.fullmatch(r"(\d{4}-\d\d-\d\d)?", context["widget"]["value"] or ""):
            context["widget"]["type"] = "text"
        return context


class TranslatedSelect(forms.Select):
    """A select whose options may be texts of a plan. Untranslated ones get `lang="en"`.

    It renders the options itself, since the list of deliverables has eighty and Django renders a template for each.
    """

    def render(self, name, value, attrs=None, renderer=None):
        choices = [(str(code), foreign_language(label), str(label)) for code, label in self.choices]
        options = render_options(tuple(choices), str(value or ""))

        return format_html(
            "<select{}>{}</select>", flatatt({"name": name} | self.build_attrs(self.attrs, attrs)), options
        )


def foreign_language(label):
    """Return the language of a label where it is not the page's, otherwise an empty string."""
    return label.language if isinstance(label, TranslatedText) and label.is_foreign else ""


@lru_cache(maxsize=200)  # nearly every request shows the same few lists
def render_options(choices, chosen):
    """Return the HTML of options. `choices` is a tuple of (value, language, label): it must be hashable."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (code, flatatt({"lang": language or None, "selected": code == chosen}), label)
            for code, language, label in choices
        ),
    )


def add_model_errors(form, error):
    """Add the `ValidationError` of a model to its form: at the fields that it has, otherwise at the top."""
    has_fields = hasattr(error, "error_dict") and error.error_dict.keys() <= form.fields.keys() | {NON_FIELD_ERRORS}
    form.add_error(None, error if has_fields else error.messages)


class Field(forms.BoundField):
    """A bound field that leaves ARIA attributes off its hidden inputs: they belong to the visible one.

    In a form that shows a draft it has no errors: nobody has sent it yet.
    """

    @property
    def errors(self):
        return self.form.error_class() if getattr(self.form.data, "is_draft", False) else super().errors

    @property
    def fragment_key(self):
        """Return what this field shows in a form in its first state; None in any other, which is for one reader only.

        So is a list of files, each with a token. The address to which a widget uploads files may be a key itself.
        """
        value, field = self.value(), self.field
        if self.form.is_bound or isinstance(value, list) and value:
            return None
        choices = [(str(code), str(label), foreign_language(label)) for code, label in getattr(field, "choices", ())]
        shown = str(self.label), str(self.help_text), field.required, getattr(field, "is_conditional", False)
        widget = repr(sorted(field.widget.attrs.items())), getattr(field.widget, "upload_url", "")
        return type(self.form).__qualname__, self.auto_id, self.html_name, repr(value), *choices, *shown, *widget

    def as_widget(self, widget=None, attrs=None, only_initial=False):
        """Render the field. The hidden copy of what was shown stays away where it was away: an empty list has none.

        Django would show what was sent as if it had been there before, and so as if nobody had changed it.
        """
        if only_initial and self.form.is_bound and self.html_initial_name not in self.form.data:
            return mark_safe("")  # a plain text would make the field beside it unsafe
        return super().as_widget(widget, attrs, only_initial)

    def build_widget_attrs(self, attrs, widget=None):
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        if isinstance(widget, forms.Textarea) or type(widget) is forms.TextInput:  # no address, date or number
            attrs["dir"] = "auto"  # as its text runs
        if widget.is_hidden:
            return {name: value for name, value in attrs.items() if not name.startswith("aria-")}
        return attrs


def set_data(form, values):
    """Replace values that a bound form shows, where an error tells the person why: such as a lock that has changed.

    A form that shows a draft keeps its values, since it shows no errors: with a new lock, it would overwrite what
    somebody else has saved meanwhile without a word.
    """
    if getattr(form.data, "is_draft", False):
        return
    form.data = form.data.copy()
    for name, value in values.items():
        form.data.setlist(name, [str(each) for each in value] if isinstance(value, list) else [str(value)])


class Renderer(TemplatesSetting):
    """The form renderer of the tracker. Its field templates are in `templates/django/forms/`."""

    bound_field_class = Field
