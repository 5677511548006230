import re
import uuid
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from plans.common.uploads import LARGEST
from plans.translations import ENGLISH, OTHER_LANGUAGES
from reports.editions.publication import missing_information_on
from reports.figures.summary import summarise
from reports.forms import day_field, not_before, not_to_come

TOO_LARGE = _("This file is larger than 20 MB, as none of our documents is. Choose the file as you downloaded it.")


class DraftForm(forms.Form):
    """What the next edition is to be called, and which day it shows."""

    is_search = True

    title = forms.CharField(
        label=_("Title of the report in English"), max_length=200, error_messages={"required": _("Enter a title.")}
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages besides English"),
        choices=OTHER_LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("The tracker has no language “%(value)s”. Choose from the list.")},
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
        """What was chosen as a part of an address."""
        return urlencode(self.cleaned_data, doseq=True)

    @property
    def edition(self):
        """What was chosen as `Edition.objects.publish` takes it."""
        chosen = self.cleaned_data
        titles = {code: chosen[f"title_{code}"] for code, _name in OTHER_LANGUAGES if code in chosen["languages"]}
        return {"title": chosen["title"], "as_of": chosen["as_of"], "titles": titles}

    def clean(self):
        for code, name in OTHER_LANGUAGES:
            if code in self.cleaned_data.get("languages", ()) and not self.cleaned_data.get(f"title_{code}"):
                self.add_error(f"title_{code}", _("Enter the title in %s, or publish without that language.") % name)

    @cached_property
    def untranslated(self):
        """How many of the plan's texts would stand in English: (code, name, number) of each language with any."""
        day, chosen = self.cleaned_data.get("as_of"), self.cleaned_data.get("languages")
        if not (day and chosen):
            return []
        summary = summarise(self.plan, day, today=timezone.localdate())
        lacking = [(code, name, len(summary.untranslated(code))) for code, name in OTHER_LANGUAGES if code in chosen]
        return [each for each in lacking if each[2]]

    @property
    def languages_published(self):
        """Code and name of each language that was chosen, English first."""
        return [each for each in settings.LANGUAGES if each[0] == ENGLISH or each[0] in self.cleaned_data["languages"]]

    def clean_as_of(self):
        return not_to_come(not_before(self.plan, self.cleaned_data["as_of"]))

    @cached_property
    def gaps(self):
        """What the record lacks as of the day, once that is known."""
        day = self.cleaned_data.get("as_of")
        return missing_information_on(self.plan, day) if day else {}


class PublishForm(DraftForm):
    """The decision to publish: `seen` is the revision that the preview showed, `submission` a number used once."""

    accept_missing = forms.BooleanField(
        label=_("Publish although this is missing: the edition will say so"), required=False
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="publish_%s", **kwargs)  # the form of titles is on the same page
        for name in DraftForm(plan=self.plan).fields:
            self.fields[name].widget = self.fields[name].hidden_widget()
        for name in ("seen", "submission"):
            messages = self.fields[name].error_messages
            messages["required"] = messages["invalid"] = _("The form came back incomplete. Load the page again.")

    def clean(self):
        super().clean()
        if (self.gaps or self.untranslated) and not self.cleaned_data["accept_missing"]:
            self.add_error("accept_missing", _("Mend what is missing, or tick this to publish with it."))

    def renew(self, plan):
        """The same decision, to be taken anew on what the plan shows now."""
        self.data = self.data.copy()
        for name, value in {"seen": plan.revision, "submission": uuid.uuid4(), "accept_missing": ""}.items():
            self.data[name] = value


class VerifyForm(forms.Form):
    """A file, hashed as it came in, or a hash: whichever is given."""

    is_search = True

    file = forms.FileField(
        label=_("File"),
        help_text=_("Choose it, or drop it here."),
        required=False,
        widget=forms.FileInput(attrs={"data-largest": LARGEST, "data-too-large": TOO_LARGE}),
    )
    hash = forms.CharField(
        label=_("Or its SHA-256"),
        help_text=_("64 digits and letters from a to f, as sha256sum prints it."),
        required=False,
        max_length=1000,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST:
            raise forms.ValidationError(TOO_LARGE)
        return file

    def clean_hash(self):
        """The hash alone: programs print a file's name beside it, or the kind of hash before it."""
        text = self.cleaned_data["hash"].strip().lower()
        found = re.search(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", text)
        if text and not found:
            raise forms.ValidationError(_("This is not a SHA-256: it has 64 digits and letters from a to f."))
        return found[0] if found else ""

    def clean(self):
        if not (self.errors or self.cleaned_data.get("file") or self.cleaned_data.get("hash")):
            raise forms.ValidationError(_("Choose a file, or paste its SHA-256."))

    @property
    def sha256(self):
        """The hash asked about; the file's where both were given."""
        file = self.cleaned_data["file"]
        return file.sha256 if file else self.cleaned_data["hash"]
