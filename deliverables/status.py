"""The statuses of a deliverable and the reasons for “not developed”, with their labels."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class Status(models.TextChoices):
    """The status of a deliverable. Its value also names the colour token in CSS and the glyph in the sprite."""

    ATTAINED = "attained", _("Attained")
    IN_PROGRESS = "in_progress", _("In progress")
    NOT_DEVELOPED = "not_developed", _("Not developed")
    NO_STATUS = "no_status", _("No status yet")

    @property
    def meaning(self):
        """Return the sentence that explains the status to the person who records it."""
        return {
            Status.ATTAINED: _("It exists and can be checked: give the evidence."),
            Status.IN_PROGRESS: _("Work has begun but is not finished."),
            Status.NOT_DEVELOPED: _("Nothing has come of it so far: give the reason."),
            Status.NO_STATUS: _("Nobody has reported on it yet."),
        }[self]

    @property
    def key(self):
        """Return the key that chooses this status on the keyboard; None where a person cannot record it."""
        return {Status.ATTAINED: "a", Status.IN_PROGRESS: "p", Status.NOT_DEVELOPED: "n"}.get(self)

    @property
    def next_field(self):
        """Return the name of the form field to fill in after this status; None where a person cannot record it."""
        return {
            Status.ATTAINED: "evidence_link",
            Status.IN_PROGRESS: "note",
            Status.NOT_DEVELOPED: "reason",
        }.get(self)

    @property
    def has_next_step(self):
        """Return whether a report with this status can say what comes next."""
        return self in (Status.IN_PROGRESS, Status.NOT_DEVELOPED)

    def counted(self, count):
        """Return a count of this status as text, such as “49 attained”, singular or plural as the language wants."""
        texts = {
            Status.ATTAINED: ngettext("%d attained", "%d attained", count),
            Status.IN_PROGRESS: ngettext("%d in progress", "%d in progress", count),
            Status.NOT_DEVELOPED: ngettext("%d not developed", "%d not developed", count),
            Status.NO_STATUS: ngettext("%d no status yet", "%d no status yet", count),
        }
        return texts[self] % count

    def label_for(self, count):
        """Return the label to show beside a count: in some languages it has a plural."""
        text = self.counted(count).removeprefix(str(count)).strip()
        return text[:1].upper() + text[1:]

    @classmethod
    def recordable(cls):
        """Return the statuses that a person can record: all but “no status yet”."""
        return [cls.ATTAINED, cls.IN_PROGRESS, cls.NOT_DEVELOPED]


class StatusField(models.CharField):
    """A model field that reads its value from the database as a `Status`, so that templates get its label and glyph."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"max_length": 20} | kwargs)

    def from_db_value(self, value, expression, connection):
        return value and Status(value)


class Reason(models.TextChoices):
    """Why a deliverable was not developed."""

    NOT_STARTED = "not_started", _("Not started")
    POSTPONED = "postponed", _("Postponed")
    NO_RESOURCES = "no_resources", _("No resources")
    OUTSIDE_CONTROL = "outside_control", _("Outside our control")
    GIVEN_UP = "given_up", _("Given up")
    NOT_STATED = "not_stated", _("Not stated")
