from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from plans.common import upload_limits
from reports.imports.models import Import


class ImportForm(forms.Form):
    """The upload of a table."""

    kind = forms.ChoiceField(
        label=_("Content of the file"),
        choices=Import.Kind,
        error_messages={"required": _("Choose the content of the file.")},
    )
    file = forms.FileField(
        label=_("File"),
        help_text=format_lazy(
            _("XLSX or CSV, at most {megabytes} MB. You will see all changes before you apply them."),
            megabytes=upload_limits.megabytes(upload_limits.IMPORT),
        ),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty. Choose another.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".xlsx,.csv"
