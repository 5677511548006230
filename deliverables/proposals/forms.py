"""The forms of proposals: what a person reports, and what the secretariat answers."""

import uuid

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from deliverables.forms import StatusFieldsForm, StatusForm, evidence_fields
from deliverables.models import REPORT_FIELDS
from deliverables.models.proposal import MAX_COMMENT
from plans.common.form_fields import set_data


def initial_for_proposal(proposal):
    """Return the initial values of a form that shows a proposal: to change it, or to accept it changed."""
    fields = {name: getattr(proposal, name) for name in REPORT_FIELDS} | evidence_fields(proposal.evidence)
    return fields | {"files": [piece for piece in proposal.evidence if piece.file]}


class ProposalForm(StatusForm):
    """The form in which a person reports on a deliverable. It shows their last proposal until that is accepted.

    `submission` is its idempotency key, `replaces` the key of their proposal that waits, which this one replaces.
    """

    submission = forms.UUIDField(widget=forms.HiddenInput)
    replaces = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, files=None, *, deliverable, proposal=None, upload_url=None, auto_id="id_%s"):
        super().__init__(data, files, deliverable=deliverable, auto_id=auto_id)
        self.proposal = proposal
        if data is None:
            waiting = proposal.key if proposal and proposal.is_waiting else None
            self.initial |= (initial_for_proposal(proposal) if proposal else {}) | {"replaces": waiting}
            self.initial["submission"] = uuid.uuid4()
        del self.fields["corrects"], self.fields["carries_evidence"]
        self.fields["note"].help_text = _("Visible to everyone who can read the plan, once it is accepted.")
        if "achieved" in self.fields and deliverable.regions.all():
            help_text = self.fields["achieved"].help_text
            self.fields["achieved"].help_text = f"{help_text} {_('Count all regions, not only yours.')}"
        if upload_url:
            self.fields["files"].widget.upload_url = upload_url

    @property
    def report(self):
        return StatusFieldsForm.report.fget(self)

    def replace(self, proposal):
        """Ask whether the report replaces another one, which the person has sent since they opened the form."""
        set_data(self, {"replaces": str(proposal.key), "submission": uuid.uuid4()})
        text = _(
            "You have sent another report on this meanwhile, and it waits: “%s”. Send this one again to replace it."
        )
        self.add_error(None, text % (Truncator(proposal.note).chars(80) or proposal.status.label))

    def renew(self):
        """Show the form again with the current `seen`, so that it can be accepted in spite of a conflict."""
        set_data(self, {"seen": self.instance.deliverable.last_sequence})


class AcceptForm(forms.Form):
    """The form of the button that accepts a proposal as it is. `seen` is the last update that the page showed."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class SendBackForm(forms.Form):
    """The form that sends a proposal back with a comment."""

    comment = forms.CharField(
        label=_("What is missing?"),
        help_text=_("They get this by e-mail, with a link to their report."),
        max_length=MAX_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": None}),
        error_messages={
            "required": _("Write what is missing, so that they know what to do."),
            "max_length": _("Write at most %(limit_value)d characters; these are %(show_value)d."),
        },
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
