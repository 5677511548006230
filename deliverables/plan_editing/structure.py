"""The one door for what a plan promises: its lines, measures and deliverables are added, worded and taken back here."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from deliverables.models import Amendment, AmendmentKind, Deliverable
from plans.models import NUMBERS, ActionLine, Measure, Plan, Translation, Visibility

CODES_STAY = _("This plan is public: its codes stay as they are.")


def save_part(part, *, by, fields=(), decision=None, at=None):
    """Save a new line, measure or deliverable, or these `fields` of one that is there. Returns it as it is then.

    What somebody else changed in other fields meanwhile stays. Of a plan that is promised, new parts and new words
    need the `Decision` behind them and are written down with it; `by` is the person, `at` the moment (now).
    Raises `ValidationError`, and then nothing is saved.
    """
    with transaction.atomic():
        plan = lock_plan(part.plan)
        stored, before, kind = apply_fields(part, fields)
        if kind is not AmendmentKind.ADDED and "number" in fields and plan.is_promised:
            raise ValidationError({"number": CODES_STAY})
        if kind and plan.is_promised and decision and kind is AmendmentKind.ADDED:
            stored.added_on = decision.in_force_on
        stored.full_clean()
        stored.save(update_fields=None if stored._state.adding else list(fields))
        if kind and plan.is_promised:
            Amendment.objects.append(plan, kind, stored, before, text_of(stored), by=by, decision=decision, at=at)
        Plan.objects.bump(pk=plan.pk)
    return stored


def apply_fields(part, fields):
    """The part to save, what it said before, and the kind of change in words, None for none."""
    if part._state.adding:
        return part, "", AmendmentKind.ADDED
    stored = type(part).objects.get(pk=part.pk)
    before = text_of(stored)
    for name in fields:
        setattr(stored, name, getattr(part, name))
    return stored, before, AmendmentKind.REWORDED if text_of(stored) != before else None


def withdraw(deliverable, *, by, decision, at=None):
    """Take a deliverable out of the figures from the day of the decision on. It stays visible."""
    return decide(AmendmentKind.WITHDRAWN, deliverable, decision.in_force_on, by=by, decision=decision, at=at)


def reinstate(deliverable, *, by, decision, at=None):
    """Put a withdrawn deliverable back into the figures, from the day of the decision on."""
    return decide(AmendmentKind.REINSTATED, deliverable, None, by=by, decision=decision, at=at)


def decide(kind, deliverable, withdrawn_on, *, by, decision, at):
    with transaction.atomic():
        plan = lock_plan(deliverable.plan)
        if not plan.is_promised:
            raise ValidationError(_("This plan is not public yet: remove the deliverable instead."))
        deliverable.refresh_from_db(fields=["withdrawn_on"])
        if (deliverable.withdrawn_on is not None) == (kind is AmendmentKind.WITHDRAWN):
            values = {"code": deliverable.code, "kind": kind.label.lower()}
            raise ValidationError(_("%(code)s is %(kind)s already.") % values)
        deliverable.withdrawn_on = withdrawn_on
        deliverable.save(update_fields=["withdrawn_on"])
        Amendment.objects.append(plan, kind, deliverable, deliverable.title, "", by=by, decision=decision, at=at)
        Plan.objects.bump(pk=plan.pk)
    return deliverable


def remove(plan, code, was):
    """Delete the part called `code` that says `was`, and what is below it, in a plan that nobody was promised."""
    with transaction.atomic():
        plan = lock_plan(plan)
        if plan.is_promised:
            raise ValidationError(_("This plan is public: withdraw the deliverable instead, so that it stays visible."))
        part = part_as_seen(plan, code, was)
        below = Deliverable.objects.of_plan(plan.slug, code)
        if below.exclude(updates=None).exists():
            raise ValidationError(_("A status is recorded on %s, or on a part of it: it cannot be removed.") % code)
        below.delete()
        if isinstance(part, ActionLine):
            part.measures.all().delete()
        if not isinstance(part, Deliverable):
            part.delete()
        Plan.objects.bump(pk=plan.pk)


def move(plan, code, was, step):
    """Let the part that is called `code` and says `was` change its number with the one before (-1) or after it (1).

    Returns the part. Only in a plan that nobody was promised.
    """
    with transaction.atomic():
        plan = lock_plan(plan)
        if plan.is_promised:
            raise ValidationError(CODES_STAY)
        part = part_as_seen(plan, code, was)
        order = list(siblings_of(part).order_by("number"))
        place = order.index(part)
        if not 0 <= place + step < len(order):
            return part
        other = order[place + step]
        free = next(n for n in range(*NUMBERS[::-1], -1) if n not in {each.number for each in order})
        for each, number in ((part, free), (other, part.number), (part, other.number)):
            type(part).objects.filter(pk=each.pk).update(number=number)
        Plan.objects.bump(pk=plan.pk)
    part.number = other.number
    return part


def lock_plan(plan):
    """The plan, locked until the transaction ends: whoever changes anything in it waits here."""
    return Plan.objects.select_for_update().get(pk=plan.pk)


def part_as_seen(plan, code, was):
    """The part of a locked plan that the person saw under this code; another may have come to be called so."""
    part = get_part(plan, code)
    if not same_text(text_of(part), was):
        raise ValidationError(_("%s is something else meanwhile. Nothing was changed: look again.") % code)
    return part


def open_plan(plan, on):
    """Note the day since when everyone may read a plan, where that is so: from then on it changes by amendment."""
    if plan.visibility == Visibility.PUBLIC and plan.public_since is None:
        plan.public_since = on


def copy_structure(source, plan):
    """Give a new plan the lines, measures, themes and deliverables of another, with who is responsible; no dates."""
    with transaction.atomic():
        for line in source.action_lines.prefetch_related("measures__themes", "measures__deliverables"):
            copy = ActionLine.objects.create(plan=plan, number=line.number, title=line.title)
            for measure in line.measures.all():
                copy_measure(measure, copy)
        Translation.objects.copy(source, plan)
        Plan.objects.bump(pk=plan.pk)


def copy_measure(measure, line):
    copy = Measure.objects.create(action_line=line, number=measure.number, statement=measure.statement)
    copy.themes.set(measure.themes.all())
    Deliverable.objects.bulk_create(
        Deliverable(measure=copy, number=each.number, title=each.title, responsible_id=each.responsible_id)
        for each in measure.deliverables.all()
        if each.withdrawn_on is None
    )


def get_part(plan, code):
    """The line, measure or deliverable of a plan that a code names, or 404."""
    if code.deliverable:
        return get_object_or_404(
            Deliverable.objects.of_plan(plan.slug, code).with_update().select_related("responsible")
        )
    if code.measure:
        measures = Measure.objects.select_related("action_line__plan")
        return get_object_or_404(measures, action_line__plan=plan, action_line__number=code.line, number=code.measure)
    return get_object_or_404(ActionLine.objects.select_related("plan"), plan=plan, number=code.line)


def text_of(part):
    """What a part of a plan says: its title or statement."""
    return getattr(part, part.text_field)


def same_text(one, other):
    """Whether two texts say the same: browsers send other line ends and no blanks at the ends."""
    return one.split() == other.split()


def siblings_of(part):
    """The parts that are numbered together with this one."""
    return type(part).objects.filter(**{part.parent_field: getattr(part, part.parent_field)})


def next_number(part):
    """The number after the last that a sibling of a part has, or had: a withdrawn one keeps its own."""
    return (siblings_of(part).aggregate(last=Max("number"))["last"] or 0) + 1
