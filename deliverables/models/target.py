"""Targets: how many there are to be of something."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Target:
    """How many there are to be, and of what: 6 “pilot projects”."""

    number: int
    unit: str

    def __str__(self):
        return f"{self.number} {self.unit}"

    def progress(self, achieved):
        """Return how many there are as text, such as “4 of 6 pilot projects”; before a report, only the target."""
        values = {"achieved": achieved, "number": self.number, "unit": self.unit}
        if achieved is None:
            return _("target: %(number)d %(unit)s") % values
        return _("%(achieved)d of %(number)d %(unit)s") % values

    @classmethod
    def of(cls, deliverable):
        """Return the target of a deliverable, or None."""
        return cls(deliverable.target, deliverable.target_unit) if deliverable.target else None

    @classmethod
    def on_day(cls, deliverable):
        """Return the target of a deliverable on the day of `with_promises`, or None."""
        return cls.of(deliverable) if deliverable.former_target is None else cls.parse(deliverable.former_target)

    @classmethod
    def parse(cls, text):
        """Return the target that an amendment holds as a text; None for an empty one, which means no target."""
        number, _space, unit = text.partition(" ")
        return cls(int(number), unit) if text else None
