"""How every form of the tracker draws its fields."""

import re
from functools import lru_cache

from django import forms
from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join

from plans.common.text import TranslatedText


class DateInput(forms.DateInput):
    """A day. What cannot be one is shown as it was typed, as text: a date field would drop it."""

    def __init__(self, attrs=None):
        super().__init__(attrs={"type": "date"} | (attrs or {}), format="%Y-%m-%d")

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        if not re.fullmatch(r"(\d{4}-\d\d-\d\d)?", context["widget"]["value"] or ""):
            context["widget"]["type"] = "text"
        return context


class TranslatedSelect(forms.Select):
    """A list to choose from, some of it in words of a plan: what is not translated is marked as English.

    It is drawn without Django's template for each option: a list of deliverables has eighty of them.
    """

    def render(self, name, value, attrs=None, renderer=None):
        drawn = [(str(code), language_of(label), str(label)) for code, label in self.choices]
        options = options_of(tuple(drawn), str(value or ""))
        return format_html(
            "<select{}>{}</select>", flatatt({"name": name} | self.build_attrs(self.attrs, attrs)), options
        )


def language_of(label):
    """The language to mark words with, where that is not the page's."""
    return label.language if isinstance(label, TranslatedText) and label.is_foreign else ""


@lru_cache(maxsize=200)
def options_of(choices, chosen):
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (code, flatatt({"lang": language or None, "selected": code == chosen}), label)
            for code, language, label in choices
        ),
    )


class Field(forms.BoundField):
    """A field whose hidden inputs say nothing to anyone: what describes and marks it belongs to the visible one."""

    def build_widget_attrs(self, attrs, widget=None):
        attrs = super().build_widget_attrs(attrs, widget)
        if (widget or self.field.widget).is_hidden:
            return {name: value for name, value in attrs.items() if not name.startswith("aria-")}
        return attrs


class Renderer(TemplatesSetting):
    """Our own templates for fields, see templates/django/forms/."""

    bound_field_class = Field
