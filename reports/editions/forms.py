import re

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from plans.common import upload_limits
from plans.common.text import normalise

TOO_LARGE = format_lazy(
    _("This file is larger than {megabytes} MB. Our documents are smaller: choose the file as you downloaded it."),
    megabytes=upload_limits.megabytes(upload_limits.DOCUMENT),
)


class VerifyForm(forms.Form):
    """A file to verify, or its hash. The file itself is not stored: the upload handler hashes it as it arrives."""

    is_search = True

    file = forms.FileField(
        label=_("File"),
        help_text=_("Choose a file, or drop it here."),
        required=False,
        widget=forms.FileInput(attrs={"data-largest": upload_limits.DOCUMENT, "data-too-large": TOO_LARGE}),
    )
    hash = forms.CharField(
        label=_("Or its SHA-256"),
        help_text=_("64 digits and letters from a to f, as printed by sha256sum."),
        required=False,
        max_length=1000,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > upload_limits.DOCUMENT:
            raise forms.ValidationError(TOO_LARGE)
        return file

    def clean_hash(self):
        """Return the hash alone: programs print the file name after it, or the name of the algorithm before it."""
        text = normalise(self.cleaned_data["hash"]).lower()
        match = re.search(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", text)
        if text and not match:
            raise forms.ValidationError(_("This is not a SHA-256, which has 64 digits and letters from a to f."))
        return match[0] if match else ""

    def clean(self):
        if not (self.errors or self.cleaned_data.get("file") or self.cleaned_data.get("hash")):
            raise forms.ValidationError(_("Choose a file, or paste its SHA-256."))

    @property
    def sha256(self):
        """Return the hash to look up. If both are given, the file decides."""
        file = self.cleaned_data["file"]
        return file.sha256 if file else self.cleaned_data["hash"]
