"""The rows of a list in an e-mail: what they name, and what they say about it."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from deliverables.status import Status
from plans.common.dates import date_format
from plans.translations import colon
from reports.mail.styles import attributes


@dataclass(frozen=True)
class Row:
    """A row: a title that links to its page, two lines of small print below it, and a status beside it.

    `path` is the path of the page, `facts` the first line below, `measure` and `code` the second, `quote` what somebody
    wrote about it: what is empty is left out. A text may have another form for HTML, its attribute `html`, as a
    `TranslatedText` has.
    """

    title: object
    path: str
    facts: tuple = ()
    measure: str = ""
    code: str = ""
    quote: str = ""
    status: Status | None = None

    @property
    def url(self):
        return settings.SITE_URL + self.path

    @property
    def lines(self):
        """Return the lines below the title, each a list of texts."""
        lines = [[text for text in line if text] for line in (self.facts, (self.measure, self.code))]
        return [line for line in lines if line]

    @property
    def summary(self):
        """Return what stands below the title as one line of text: the status, the facts and the measure."""
        texts = [self.status and self.status.label, *self.facts, self.measure]
        return " · ".join(str(text) for text in texts if text)

    @property
    def status_attributes(self):
        """Return the `class` and `style` of the status, in its colours."""
        return attributes()[self.status.value]


def open_deliverable(deliverable, *, with_plan=False):
    """Return the row of a deliverable that a person is asked about: see `Deliverable.with_current_status`."""
    plan, due_on, reported_on = deliverable.plan, deliverable.due_on, deliverable.current_status_on
    reported = _("last reported for %(day)s") % {"day": date_format(reported_on)} if reported_on else ""
    due = _("Due %(day)s") % {"day": date_format(due_on)} if due_on else ""
    texts = plan.translated_texts()
    return Row(
        title=texts.get(deliverable.title),
        path=deliverable.get_absolute_url(),
        facts=(due, reported if due else capfirst(reported), plan.name if with_plan else ""),
        measure=texts.get(deliverable.measure.short_name),
        code=str(deliverable.code),
        status=deliverable.current_status,
    )


def recorded_update(update, texts):
    """Return the row of an update in a digest, with the `TranslatedTexts` of its plan."""
    deliverable = update.deliverable
    return Row(
        title=texts.get(deliverable.title),
        path=f"{deliverable.get_absolute_url()}#entry-{update.sequence}",
        facts=(date_format(update.effective_on), *marks_of(update)),
        measure=texts.get(deliverable.measure.short_name),
        code=str(deliverable.code),
        status=update.status,
    )


def marks_of(update):
    """Return what a digest says about an update besides its status, such as that it is a correction."""
    marks = [
        update.is_confirmation and _("confirmed"),
        update.is_late and _("late entry: it did not change the current status"),
        update.corrects and _("corrects entry %d") % update.corrects.sequence,
        update.is_corrected and _("corrected by entry %d; no longer counts") % update.correction.sequence,
    ]
    return [mark for mark in marks if mark]


def decided_amendment(amendment, texts):
    """Return the row of an amendment in a digest: what it changes, how, and by which decision."""
    change = f"{amendment.text_before} → {amendment.text_after}" if amendment.is_promise else ""
    title = amendment.deliverable.title if amendment.is_promise else amendment.after or amendment.before
    return Row(
        title=texts.get(title),
        path=reverse("amendments", args=[amendment.plan.slug]),
        facts=(amendment.get_kind_display(), change, _("Decision") + colon() + amendment.decision),
        code=amendment.code,
    )


def published_edition(edition):
    """Return the row of an edition in a digest."""
    as_of = _("Published report, as of %(day)s") % {"day": date_format(edition.as_of)}
    return Row(title=edition, path=edition.get_absolute_url(), facts=(as_of,))
