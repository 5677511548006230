from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from plans.common import upload_limits
from plans.common.text import normalise
from reports.editions.references import find_hash, is_link, read_link

TOO_LARGE = format_lazy(
    _("This file is larger than {megabytes} MB. Our documents are smaller: choose the file as you downloaded it."),
    megabytes=upload_limits.megabytes(upload_limits.DOCUMENT),
)


class VerifyForm(forms.Form):
    """A file to verify, or what identifies an edition: a hash or a link.

    The file itself is not stored: the upload handler hashes it as it arrives.
    """

    is_search = True

    file = forms.FileField(
        label=_("File"),
        help_text=_("Choose a file, or drop it here."),
        required=False,
        widget=forms.FileInput(attrs={"data-largest": upload_limits.DOCUMENT, "data-too-large": TOO_LARGE}),
    )
    hash = forms.CharField(
        label=_("Or a hash or link from the report"),
        help_text=_(
            "A hash has 64 digits and letters from a to f. A link leads to an edition or to one of its files."
            " Blanks and line breaks do not matter."
        ),
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
        """Return the hash alone, or the `EditionLink`; an empty text without either."""
        text = normalise(self.cleaned_data["hash"])
        if is_link(text):
            return read_link(text)
        if text and not find_hash(text):
            raise forms.ValidationError(
                _("This is neither a hash, which has 64 digits and letters from a to f, nor a link to an edition.")
            )
        return find_hash(text) or ""

    def clean(self):
        if not (self.errors or self.cleaned_data.get("file") or self.cleaned_data.get("hash")):
            raise forms.ValidationError(_("Choose a file, or paste a hash or a link."))

    @property
    def reference(self):
        """Return the hash or the `EditionLink` to look up. If both a file and a text are given, the file decides."""
        file = self.cleaned_data["file"]
        return file.sha256 if file else self.cleaned_data["hash"]
