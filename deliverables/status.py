"""The closed vocabularies of a status update, each word with its label, glyph and colour token."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class Status(models.TextChoices):
    """How a deliverable stands. The value is also its colour token in CSS and its glyph in the sprite."""

    ATTAINED = "attained", _("Attained")
    IN_PROGRESS = "in_progress", _("In progress")
    NOT_DEVELOPED = "not_developed", _("Not developed")
    NO_STATUS = "no_status", _("No status yet")

    @property
    def meaning(self):
        """What a person says who records it, in a sentence."""
        return {
            Status.ATTAINED: _("It is there, and somebody can see it: give the evidence."),
            Status.IN_PROGRESS: _("Work has begun, and it is not there yet."),
            Status.NOT_DEVELOPED: _("Nothing came of it so far: say why."),
            Status.NO_STATUS: _("Nobody has reported on it yet."),
        }[self]

    def counted(self, count):
        """“49 attained”: so many of this status, in the number that the language wants."""
        counted = {
            Status.ATTAINED: ngettext("%d attained", "%d attained", count),
            Status.IN_PROGRESS: ngettext("%d in progress", "%d in progress", count),
            Status.NOT_DEVELOPED: ngettext("%d not developed", "%d not developed", count),
            Status.NO_STATUS: ngettext("%d no status yet", "%d no status yet", count),
        }
        return counted[self] % count

    def label_for(self, count):
        """Its label beside a figure: “49”, “Attained”. Some languages want a plural for so many."""
        text = self.counted(count).removeprefix(str(count)).strip()
        return text[:1].upper() + text[1:]

    @classmethod
    def recordable(cls):
        """The statuses a person can record: all but the absence of one."""
        return [cls.ATTAINED, cls.IN_PROGRESS, cls.NOT_DEVELOPED]


class StatusField(models.CharField):
    """A status read from the database as a `Status`, so that pages can ask it for its label and glyph."""

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
