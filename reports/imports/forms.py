from django import forms
from django.utils.translation import gettext_lazy as _

from reports.imports.models import Import


class ImportForm(forms.Form):
    """A table to import, and what it is of."""

    kind = forms.ChoiceField(
        label=_("What the file is of"), choices=Import.Kind, error_messages={"required": _("Choose what it is of.")}
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("XLSX or CSV, at most 5 MB. Nothing is changed before you have seen what it would change."),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty. Choose another.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".xlsx,.csv"
