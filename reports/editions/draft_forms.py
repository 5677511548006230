"""The forms that prepare the next edition: what is written for it, and the decision to publish it."""

import uuid

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from deliverables.plan_editing.concurrent_edit import ConcurrentEditMixin
from plans.common.dates import future_error, start_error
from plans.common.form_fields import TranslatedSelect, set_data
from plans.models import Meeting, PlanChanged
from plans.translations import ENGLISH, OTHER_LANGUAGES
from reports.editions.drafts import EditionDraft
from reports.editions.models import Edition
from reports.editions.publication import TEXT_NAMES, EditionTexts, missing_information_on
from reports.figures.summary import summarise
from reports.forms import checked, day_field

LONGEST_FOREWORD, LONGEST_TEXT, LONGEST_LINE = 6000, 2000, 200  # characters; a page holds about 3000
WRITTEN = {
    "foreword": (_("Foreword"), _("A blank line, or a new line, begins a paragraph."), 8, LONGEST_FOREWORD),
    "signed_by": (_("Signed by"), _("The name on one line, the office on the next."), 2, LONGEST_LINE),
    "key_results": (_("Key results"), _("One to a line. They are shown beside the figures."), 4, LONGEST_TEXT),
    "decisions": (_("Decisions asked for"), _("One to a line. They are shown on the brief, too."), 3, LONGEST_TEXT),
}


class EditionForm(ConcurrentEditMixin, forms.Form):
    """What is written and chosen for the next edition of a plan. Several people may have it open at once."""

    languages = forms.MultipleChoiceField(
        label=_("Languages besides English"),
        choices=OTHER_LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("“%(value)s” is not an available language. Choose from the list.")},
    )

    def __init__(self, data=None, *, draft):
        self.plan, self.today = draft.plan, timezone.localdate()
        super().__init__(data, initial=draft.values(self.today), label_suffix="")
        self.fields["as_of"] = day_field(_("Status as of"))
        self.fields["meeting"] = meeting_field(self.plan)
        self.lines = {line.number: line.title for line in self.plan.action_lines.all()}
        for code, _name in settings.LANGUAGES:
            self.fields |= self.fields_in(code)
        self.order_fields(["as_of", "meeting", "languages"])
        self.remember_shown(*self.fields)

    @classmethod
    def of_draft(cls, draft):
        """Return the form as if the draft were sent: its errors say what is missing for an edition."""
        values = draft.values(timezone.localdate())
        data = {name: value if isinstance(value, list) else [str(value)] for name, value in values.items()}
        return cls(MultiValueDict(data), draft=draft)

    @property
    def general_fields(self):
        return [self[name] for name in ("as_of", "meeting", "languages")]

    @property
    def languages_to_write(self):
        """Return the code, the name, the fields and whether it is chosen, for each language, English first."""
        chosen = self["languages"].value() or []
        return [
            (code, name, [self[field] for field in self.fields_in(code)], code in [ENGLISH, *chosen])
            for code, name in settings.LANGUAGES
        ]

    def fields_in(self, code):
        """Return the fields of a language by name: its title, and what is written in it."""
        needed, suffix = {"required": _("Enter a title.")}, f"_{code}"
        label, is_english = _("Title of the report"), code == ENGLISH
        title = forms.CharField(label=label, max_length=200, required=is_english, error_messages=needed)
        title.widget.attrs["lang"] = code
        fields = {"title" if is_english else f"title{suffix}": title}

        fields |= {f"{name}{suffix}": text_field(code, *options) for name, options in WRITTEN.items()}
        texts = self.plan.translated_texts()
        for number, line in self.lines.items():
            label = _("Comment on action line %(number)d") % {"number": number}
            fields[f"comment_{number}{suffix}"] = text_field(code, label, texts.get(line).html, 3, LONGEST_TEXT)
        return fields

    def clean_as_of(self):
        day = self.cleaned_data["as_of"]
        return checked(day, start_error(day, self.plan) or future_error(day, self.today))

    def clean(self):
        self.refuse_overwrites()
        for code, name in OTHER_LANGUAGES:
            if code in self.cleaned_data.get("languages", ()) and not self.cleaned_data.get(f"title_{code}"):
                self.add_error(f"title_{code}", _("Enter the title in %s, or publish without that language.") % name)

    @property
    def changed_values(self):
        """Return the values that this person changed, by name."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}

    @property
    def languages_published(self):
        """Return (code, name) of the languages to publish in, English first."""
        chosen = [ENGLISH, *self.cleaned_data["languages"]]
        return [(code, name) for code, name in settings.LANGUAGES if code in chosen]

    @cached_property
    def edition(self):
        """Return the values as arguments of `Edition.objects.draft` and `publish`."""
        values = self.cleaned_data
        codes = [code for code, _name in self.languages_published]
        return {
            "title": values["title"],
            "as_of": values["as_of"],
            "titles": {code: values[f"title_{code}"] for code in codes if code != ENGLISH},
            "texts": {code: texts for code in codes if (texts := self.texts_in(code))},
            "meeting": Meeting.objects.filter(key=values["meeting"]).first() if values["meeting"] else None,
        }

    def texts_in(self, language):
        """Return the `EditionTexts` in a language."""
        values = self.cleaned_data
        comments = {f"L{number}": values[f"comment_{number}_{language}"] for number in self.lines}
        return EditionTexts(**{name: values[f"{name}_{language}"] for name in TEXT_NAMES}, comments=comments)

    @property
    def meeting_label(self):
        chosen = self.cleaned_data["meeting"]
        return dict(self.fields["meeting"].choices)[chosen] if chosen else ""

    @property
    def written(self):
        """Return what is written, for the page that checks it: label, field and the texts by language, of each text."""
        fields = [name for name in self.fields if name.endswith(f"_{ENGLISH}")]
        return [self.written_in(name.removesuffix(f"_{ENGLISH}")) for name in fields]

    def written_in(self, name):
        texts = [(code, label, self.cleaned_data[f"{name}_{code}"]) for code, label in self.languages_published]
        parts = [{"language": code, "name": label, "text": text} for code, label, text in texts if text]
        return {"label": self.fields[f"{name}_{ENGLISH}"].label, "field": f"{name}_{ENGLISH}", "parts": parts}

    @cached_property
    def unwritten(self):
        """Return (code, name, number) for each chosen language that lacks texts which are written in English."""
        english = self.texts_in(ENGLISH)
        chosen = self.cleaned_data["languages"]
        lacking = {code: number_lacking(self.texts_in(code), english) for code in chosen}
        return [(code, name, lacking[code]) for code, name in OTHER_LANGUAGES if lacking.get(code)]

    @cached_property
    def summary(self):
        """Return the summary of the plan as of the chosen day."""
        return summarise(self.plan, self.cleaned_data["as_of"], today=self.today)

    @cached_property
    def untranslated(self):
        """Return (code, name, number of untranslated texts) for each chosen language with any."""
        return self.numbers_by_language(self.summary.untranslated)

    @cached_property
    def unofficial(self):
        """Return (code, name, number of texts in an unofficial translation) for each chosen language with any."""
        return self.numbers_by_language(self.summary.unofficial)

    def numbers_by_language(self, texts_in):
        numbers = {code: len(texts_in(code)) for code in self.cleaned_data["languages"]}
        return [(code, name, numbers[code]) for code, name in OTHER_LANGUAGES if numbers.get(code)]

    @cached_property
    def missing(self):
        """Return the information missing as of the chosen day."""
        return missing_information_on(self.plan, self.cleaned_data["as_of"])

    @property
    def lacks_something(self):
        return bool(self.missing or self.untranslated or self.unwritten)


def text_field(language, label, help_text, rows, longest):
    widget = forms.Textarea(attrs={"rows": rows, "lang": language})
    return forms.CharField(label=label, help_text=help_text, max_length=longest, required=False, widget=widget)


def meeting_field(plan):
    """Return the choice of the meeting that the edition is for: any of the organisation since the plan began."""
    meetings = Meeting.objects.filter(organisation=plan.organisation_id, held_on__gte=plan.starts_on)
    texts = plan.translated_texts()
    choices = [(str(meeting.key), meeting.label_in(texts)) for meeting in meetings]
    return forms.ChoiceField(
        label=_("For the meeting"),
        choices=[("", _("None")), *choices],
        required=False,
        widget=TranslatedSelect,
        error_messages={"invalid_choice": _("This meeting was removed. Choose another one.")},
    )


def number_lacking(texts, english):
    """Return how many of the texts written in English are not written in another language."""
    names = [(name, None) for name in TEXT_NAMES] + [("comments", code) for code in english.comments]
    return sum(bool(english.get(*name)) and not texts.get(*name) for name in names)


class PublishForm(forms.Form):
    """The decision to publish what the page before showed.

    `seen` is the revision of the plan and `version` that of the draft, as they were checked (optimistic locks),
    `submission` a UUID (an idempotency key).
    """

    accept_missing = forms.BooleanField(
        label=_("Publish although this is missing. The edition will say so."), required=False
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, draft, lacks_something=False):
        initial = {"seen": draft.plan.revision, "version": draft.version, "submission": uuid.uuid4()}
        super().__init__(data, initial=initial, label_suffix="")
        self.draft, self.lacks_something = draft, lacks_something
        for name in ("seen", "version", "submission"):
            messages = self.fields[name].error_messages
            messages["required"] = messages["invalid"] = _("The form is incomplete. Reload the page.")

    def clean_accept_missing(self):
        accepted = self.cleaned_data["accept_missing"]
        if self.lacks_something and not accepted:
            raise forms.ValidationError(_("Add what is missing, or tick this box to publish without it."))
        return accepted

    def publish(self, edition, *, by):
        """Publish what is in a valid `EditionForm`, and return it. The draft is used up. Sent twice, publish once.

        Raise `PlanChanged` if the draft is gone, or it or the plan is no longer what was checked, and `ValidationError`
        if the plan is a draft.
        """
        checked = {name: self.cleaned_data[name] for name in ("seen", "submission")}
        plan = self.draft.plan
        if published := Edition.objects.filter(plan=plan, submission=checked["submission"]).first():
            return published
        if self.draft.pk is None or self.cleaned_data["version"] != self.draft.version:
            raise PlanChanged

        published = Edition.objects.publish(plan, by=by, **edition.edition, **checked)
        EditionDraft.objects.filter(plan=plan, version=self.draft.version).delete()
        return published

    def renew(self):
        """Ask for the same decision again, on what is stored now."""
        renewed = {"seen": self.draft.plan.revision, "version": self.draft.version, "submission": uuid.uuid4()}
        set_data(self, renewed | {"accept_missing": ""})
