"""How every form of the tracker draws its fields."""

import re

from django import forms
from django.forms.renderers import TemplatesSetting


class DayInput(forms.DateInput):
    """A day. What cannot be one is shown as it was typed, as text: a date field would drop it."""

    def __init__(self, attrs=None):
        super().__init__(attrs={"type": "date"} | (attrs or {}), format="%Y-%m-%d")

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        if not re.fullmatch(r"(\d{4}-\d\d-\d\d)?", context["widget"]["value"] or ""):
            context["widget"]["type"] = "text"
        return context


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
