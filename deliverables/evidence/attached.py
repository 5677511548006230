"""Files on a form: chosen, dropped or photographed, checked and stored at once, and attached when the form is sent.

Between two attempts to send a form, the page holds a signed token for each file. So nobody uploads a file twice because
another field has an error, and nobody attaches a file that they have not uploaded.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deliverables.evidence.content import ACCEPT, KINDS, MAX_TITLE, clean_file, title_from
from deliverables.models import MAX_EVIDENCE, Evidence, EvidenceFile, StoredFile
from deliverables.models.evidence_file import UNUSED_AGE
from plans.common import upload_limits
from plans.common.text import normalise

logger = logging.getLogger(__name__)
SIGNER = signing.TimestampSigner(salt="evidence file")
TOKEN_AGE = UNUSED_AGE - timedelta(hours=12)  # shorter than the file itself waits


@dataclass(frozen=True)
class Attached:
    """A file on a form: its piece of evidence, and the token that stands for it."""

    piece: Evidence

    @property
    def token(self):
        file = self.piece.file
        return SIGNER.sign(f"{file.sha256} {file.size} {file.kind}")

    @property
    def kind(self):
        return KINDS[self.piece.file.kind].label


def file_of(token):
    """Return the `StoredFile` of a token. Raises `ValidationError` for one that is too old, or not ours."""
    try:
        sha256, size, kind = SIGNER.unsign(token, max_age=TOKEN_AGE).split()
        return StoredFile(sha256, int(size), kind)
    except signing.BadSignature:
        raise ValidationError(_("A file was uploaded too long ago. Upload it again.")) from None


def store_upload(upload):
    """Check and store an uploaded file. Return its piece of evidence, titled after its name.

    Raises `ValidationError` with a sentence that says what to do.
    """
    clean, now = clean_file(upload, upload.name), timezone.now()
    try:
        file = EvidenceFile.objects.store(clean, now)
    except OSError:
        logger.exception("A file of evidence could not be stored.")
        text = _("The file could not be stored: the tracker's disk may be full. Tell the administrator, and try later.")
        raise ValidationError(text) from None
    with suppress(OSError):
        EvidenceFile.objects.remove_unused(before=now - UNUSED_AGE)
    return Evidence(title_from(upload.name), "", file)


def title_of(text):
    """Return the title of a file as it is stored. Raises `ValidationError` for one that is too long."""
    title = Evidence(text).cleaned().title or _("Document")
    if len(title) > MAX_TITLE:
        raise ValidationError(_("A file's title is longer than %d characters. Shorten it.") % MAX_TITLE)
    return title


class FilesInput(forms.FileInput):
    """The files that are attached, each with its title, and an input for more."""

    template_name = "deliverables/recording/evidence_files.html"
    allow_multiple_selected = True
    needs_multipart_form = True

    def __init__(self, upload_url):
        super().__init__(attrs={"multiple": True, "accept": ACCEPT})
        self.upload_url = upload_url

    def value_from_datadict(self, data, files, name):
        """Return (token, title) of each file that is attached, and the uploads."""
        tokens = data.getlist(f"{name}-token") if hasattr(data, "getlist") else []
        uploads = files.getlist(name) if hasattr(files, "getlist") else []
        return [(token, data.get(f"{name}-title-{token.partition(' ')[0]}", "")) for token in tokens], uploads

    def value_omitted_from_data(self, data, files, name):
        return False

    def format_value(self, value):
        return None

    def attached_files(self, value):
        """Return the `Attached` to show, from pieces of evidence or from what was sent. Old tokens are left out."""
        if value is None or isinstance(value, list):
            return [Attached(piece) for piece in value or [] if piece.file]
        shown = []
        for token, title in value[0]:
            with suppress(ValidationError):
                shown.append(Attached(Evidence(title, "", file_of(token))))
        return shown

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"] |= {
            "attached": self.attached_files(value),
            "upload_url": self.upload_url,
            "largest": upload_limits.EVIDENCE,
            "too_large": _("{name} is larger than %d MB. Make it smaller, or enter its web address instead.")
            % upload_limits.megabytes(upload_limits.EVIDENCE),
        }
        return context

    def use_required_attribute(self, initial):
        return False


class FilesField(forms.Field):
    """Files as evidence. Its value is (pieces, problems): a file that is refused does not lose the others."""

    def __init__(self, upload_url):
        """Files are uploaded to `upload_url` as soon as they are chosen, where a script runs."""
        size = upload_limits.megabytes(upload_limits.EVIDENCE)
        help_text = format_lazy(gettext_lazy("PDF, office documents, images or text, up to {size} MB each."), size=size)
        super().__init__(
            required=False, label=gettext_lazy("Files"), help_text=help_text, widget=FilesInput(upload_url)
        )

    def clean(self, value):
        attached, uploads = value
        pieces, problems = [], []
        for token, title in attached:
            try:
                pieces.append(Evidence(title_of(title), "", file_of(token)))
            except ValidationError as error:
                problems += error.messages
        for upload in uploads[:MAX_EVIDENCE]:
            try:
                pieces.append(store_upload(upload))
            except ValidationError as error:
                problems += [f"{normalise(upload.name)[:80]}: {message}" for message in error.messages]
        if len(uploads) > MAX_EVIDENCE:
            problems.append(_("Give at most %d pieces of evidence.") % MAX_EVIDENCE)
        return list({piece.file.sha256: piece for piece in reversed(pieces)}.values())[::-1], problems

    def has_changed(self, initial, data):
        return bool(data[0] or data[1])


def attached_data(pieces):
    """Return the values of the field that show pieces of evidence with files again, by name."""
    files = [piece for piece in pieces if piece.file]
    return {"files-token": [Attached(piece).token for piece in files]} | {
        f"files-title-{piece.file.sha256}": piece.title for piece in files
    }
