"""Hand over what a person is responsible for, such as when they leave."""

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from deliverables.models import Deliverable
from plans.models import Plan

NOT_ACTIVE = _("This person can no longer take them over. Choose somebody else.")


def to_hand_over(person, on):
    """Return the deliverables that somebody else has to care for when a person leaves on the day `on`.

    Those withdrawn, and those of plans that are over by then, are not among them: nobody is asked about them any more.
    """
    theirs = Deliverable.objects.filter(responsible=person, measure__action_line__plan__ends_on__gte=on)
    return theirs.not_withdrawn()


def lock_for_hand_over(person, to, on):
    """Lock all plans, since the pages of each name people, then the two people, until the transaction ends.

    Return the ids of the plans whose deliverables are handed over. Everybody locks plans before people, and each in the
    order of their keys, so that nobody waits in a circle. Whoever is deactivated meanwhile is so before this, or after
    it.
    """
    Plan.objects.lock_all()
    plans = set(to_hand_over(person, on).values_list("measure__action_line__plan", flat=True))
    people = get_user_model().objects.filter(pk__in=[each.pk for each in (person, to) if each])
    list(people.select_for_update().order_by("pk"))
    return plans


def hand_over(person, to, *, on):
    """Make `to`, or nobody (None), responsible for all that `to_hand_over` returns. Return the number of deliverables.

    All change in one transaction, with one query, and the revision of each plan is raised in it. Raises
    `ValidationError` if `to` is not active. Then nothing changes.
    """
    with transaction.atomic():
        locked = lock_for_hand_over(person, to, on)
        if to and not get_user_model().objects.filter(pk=to.pk, is_active=True).exists():
            raise ValidationError(NOT_ACTIVE)

        theirs = to_hand_over(person, on).filter(measure__action_line__plan__in=locked)
        touched = set(theirs.values_list("measure__action_line__plan", flat=True))
        number = theirs.update(responsible=to)
        Plan.objects.raise_revision(pk__in=touched)
    return number
