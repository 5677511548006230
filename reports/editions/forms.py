import uuid
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from plans.common import upload_limits
from plans.common.dates import future_error, start_error
from plans.common.form_fields import set_data
from plans.common.text import normalise
from plans.translations import ENGLISH, OTHER_LANGUAGES
from reports.editions.publication import missing_information_on
from reports.editions.references import find_hash, is_link, read_link
from reports.figures.summary import summarise
from reports.forms import checked, day_field

TOO_LARGE = format_lazy(
    _("This file is larger than {megabytes} MB. Our documents are smaller: choose the file as you downloaded it."),
    megabytes=upload_limits.megabytes(upload_limits.DOCUMENT),
)


class DraftForm(forms.Form):
    """The title, the languages and the day of the next edition."""

    is_search = True

    title = forms.CharField(
        label=_("Title of the report in English"), max_length=200, error_messages={"required": _("Enter a title.")}
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages besides English"),
        choices=OTHER_LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("“%(value)s” is not an available language. Choose from the list.")},
    )

    def __init__(self, *args, plan, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.plan = plan
        self.fields["as_of"] = day_field(_("Status as of"))

        for code, name in OTHER_LANGUAGES:
            label = _("Title in %s") % name
            widget = forms.TextInput(attrs={"lang": code})
            self.fields[f"title_{code}"] = forms.CharField(label=label, required=False, max_length=200, widget=widget)
        self.order_fields(["as_of", "languages", "title"])

    @property
    def query(self):
        """Return the values as a query string, for the links to the preview."""
        names = ["as_of", "languages", "title", *(f"title_{code}" for code, _name in OTHER_LANGUAGES)]
        return urlencode({name: self.cleaned_data[name] for name in names}, doseq=True)

    @property
    def edition(self):
        """Return the values as arguments of `Edition.objects.publish`."""
        values = self.cleaned_data
        titles = {code: values[f"title_{code}"] for code, _name in OTHER_LANGUAGES if code in values["languages"]}
        return {"title": values["title"], "as_of": values["as_of"], "titles": titles}

    def clean(self):
        for code, name in OTHER_LANGUAGES:
            if code in self.cleaned_data.get("languages", ()) and not self.cleaned_data.get(f"title_{code}"):
                self.add_error(f"title_{code}", _("Enter the title in %s, or publish without that language.") % name)

    @cached_property
    def untranslated(self):
        """Return (code, name, number of untranslated texts) for each chosen language with any."""
        return self.numbers_by_language(lambda code: self.summary.untranslated(code))

    @cached_property
    def unofficial(self):
        """Return (code, name, number of texts in an unofficial translation) for each chosen language with any."""
        return self.numbers_by_language(lambda code: self.summary.unofficial(code))

    def numbers_by_language(self, texts_in):
        """Return (code, name, number of texts that `texts_in` returns) for each chosen language with any."""
        day, languages = self.cleaned_data.get("as_of"), self.cleaned_data.get("languages")
        if not (day and languages):
            return []

        numbers = {code: len(texts_in(code)) for code in languages}
        return [(code, name, numbers[code]) for code, name in OTHER_LANGUAGES if numbers.get(code)]

    @cached_property
    def summary(self):
        """Return the summary of the plan as of the chosen day."""
        return summarise(self.plan, self.cleaned_data["as_of"], today=timezone.localdate())

    @property
    def languages_published(self):
        """Return (code, name) of the languages to publish in, English first."""
        chosen = [ENGLISH, *self.cleaned_data["languages"]]
        return [(code, name) for code, name in settings.LANGUAGES if code in chosen]

    def clean_as_of(self):
        day = self.cleaned_data["as_of"]
        return checked(day, start_error(day, self.plan) or future_error(day, timezone.localdate()))

    @cached_property
    def missing(self):
        """Return the information missing as of the chosen day; nothing without a valid day."""
        day = self.cleaned_data.get("as_of")
        return missing_information_on(self.plan, day) if day else {}


class PublishForm(DraftForm):
    """The decision to publish, with the title, the languages and the day.

    `seen` is the revision that the preview showed (an optimistic lock), `checked` the query of the draft that the page
    showed, and `submission` a UUID (an idempotency key).
    """

    accept_missing = forms.BooleanField(
        label=_("Publish although this is missing. The edition will say so."), required=False
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)
    checked = forms.CharField(widget=forms.HiddenInput, required=False)
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("seen", "submission"):
            messages = self.fields[name].error_messages
            messages["required"] = messages["invalid"] = _("The form is incomplete. Reload the page.")

    def clean(self):
        super().clean()
        checked = self.cleaned_data.get("checked")
        if checked and not self.errors and checked != self.query:
            set_data(self, {"checked": self.query})
            text = _(
                "You changed the title, the languages or the date. Check the preview and the list below again: they now"
                " show what you chose."
            )
            raise forms.ValidationError(text)
        if (self.missing or self.untranslated) and not self.cleaned_data["accept_missing"]:
            self.add_error("accept_missing", _("Add what is missing, or tick this box to publish without it."))

    def renew(self, plan):
        """Ask for the same decision again, on the current revision of the plan."""
        set_data(self, {"seen": plan.revision, "submission": uuid.uuid4(), "accept_missing": ""})

    @property
    def shown_first(self):
        """Return the fields of the draft, which are shown above the preview."""
        return [field for field in self.visible_fields() if field.name != "accept_missing"]


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
