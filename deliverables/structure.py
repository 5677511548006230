"""The one door for what a plan promises: its lines, measures and deliverables are added, worded and taken back here."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from deliverables.amendments import Amendment, Kind
from deliverables.models import Deliverable
from plans.models import NUMBERS, ActionLine, Measure, Plan, Visibility


def keep(part, *, by, decision=None, at=None):
    """Save a new or changed line, measure or deliverable: the one door for what a plan promises.

    Of a plan that is promised, new parts and new words need the `Decision` behind them and are written down with
    it; `by` is the person, `at` the moment (now). Raises `ValidationError`, and then nothing is saved.
    """
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=part.plan.pk)
        stored = None if part._state.adding else type(part).objects.get(pk=part.pk)
        if stored and plan.is_promised and stored.number != part.number:
            raise ValidationError({"number": _("This plan is public: its codes stay as they are.")})
        before, after = words_of(stored), words_of(part)
        kind = Kind.ADDED if stored is None else Kind.REWORDED if before != after else None
        if isinstance(part, Deliverable) and kind is Kind.ADDED and plan.is_promised and decision:
            part.added_on = decision.in_force_on
        part.full_clean()
        part.save(update_fields=stored and changed_fields(part, stored))
        if kind and plan.is_promised:
            Amendment.objects.append(plan, kind, part, before, after, by=by, decision=decision, at=at)
        Plan.objects.bump(pk=plan.pk)
    return part


def withdraw(deliverable, *, by, decision, at=None):
    """Take a deliverable out of the figures from the day of the decision on. It stays visible."""
    return decide(Kind.WITHDRAWN, deliverable, decision.in_force_on, by=by, decision=decision, at=at)


def reinstate(deliverable, *, by, decision, at=None):
    """Undo a withdrawal: the figures count the deliverable again, for all days."""
    return decide(Kind.REINSTATED, deliverable, None, by=by, decision=decision, at=at)


def decide(kind, deliverable, withdrawn_on, *, by, decision, at):
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=deliverable.plan.pk)
        if not plan.is_promised:
            raise ValidationError(_("This plan is not public yet: remove the deliverable instead."))
        deliverable.refresh_from_db(fields=["withdrawn_on"])
        if (deliverable.withdrawn_on is not None) == (kind is Kind.WITHDRAWN):
            raise ValidationError(_("%(code)s is %(kind)s already.") % {
                "code": deliverable.code, "kind": kind.label.lower()
            })  # fmt: skip
        deliverable.withdrawn_on = withdrawn_on
        deliverable.save(update_fields=["withdrawn_on"])
        Amendment.objects.append(plan, kind, deliverable, deliverable.title, "", by=by, decision=decision, at=at)
        Plan.objects.bump(pk=plan.pk)
    return deliverable


def remove(part):
    """Delete a part, and the parts below it, of a plan that nobody was promised. What was reported on stays."""
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=part.plan.pk)
        if plan.is_promised:
            raise ValidationError(_("This plan is public: withdraw the deliverable instead, so that it stays visible."))
        below = Deliverable.objects.of(plan.slug, part.code)
        if below.exclude(updates=None).exists():
            raise ValidationError(
                _("A status is recorded on %s, or on a part of it: it cannot be removed.") % part.code
            )
        below.delete()
        for measure in getattr(part, "measures", Plan.objects.none()).all():
            measure.delete()
        if not isinstance(part, Deliverable):
            part.delete()
        Plan.objects.bump(pk=plan.pk)


def move(part, step):
    """Let a part of a plan that nobody was promised change its number with the one before (-1) or after it (1)."""
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=part.plan.pk)
        if plan.is_promised:
            raise ValidationError(_("This plan is public: its codes stay as they are."))
        siblings = siblings_of(part)
        order = list(siblings.order_by("number"))
        place = order.index(part)
        if not 0 <= place + step < len(order):
            return
        other = order[place + step]
        free = next(n for n in range(*NUMBERS[::-1], -1) if n not in {each.number for each in order})
        for each, number in ((part, free), (other, part.number), (part, other.number)):
            type(part).objects.filter(pk=each.pk).update(number=number)
        Plan.objects.bump(pk=plan.pk)


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
        Plan.objects.bump(pk=plan.pk)


def copy_measure(measure, line):
    copy = Measure.objects.create(action_line=line, number=measure.number, statement=measure.statement)
    copy.themes.set(measure.themes.all())
    Deliverable.objects.bulk_create(
        Deliverable(measure=copy, number=each.number, title=each.title, responsible_id=each.responsible_id)
        for each in measure.deliverables.all()
        if each.withdrawn_on is None
    )


def part_of(plan, code):
    """The line, measure or deliverable of a plan that a code names, or 404."""
    if code.deliverable:
        return get_object_or_404(Deliverable.objects.of(plan.slug, code).with_update().select_related("responsible"))
    if code.measure:
        measures = Measure.objects.select_related("action_line__plan")
        return get_object_or_404(measures, action_line__plan=plan, action_line__number=code.line, number=code.measure)
    return get_object_or_404(ActionLine.objects.select_related("plan"), plan=plan, number=code.line)


def words_of(part):
    """What a part of a plan says: its title or statement, nothing where there is no part."""
    return getattr(part, part.worded_in) if part else ""


def siblings_of(part):
    """The parts that are numbered together with this one."""
    return type(part).objects.filter(**{part.numbered_within: getattr(part, part.numbered_within)})


def next_number(part):
    """The number after the last that a sibling of a part has, or had: a withdrawn one keeps its own."""
    return (siblings_of(part).aggregate(last=Max("number"))["last"] or 0) + 1


def changed_fields(part, stored):
    """The fields that somebody edited; the copy of the status is none of them."""
    names = [part.worded_in, "number", "responsible", "due_on"]
    return [name for name in names if hasattr(part, name) and getattr(part, name) != getattr(stored, name)]
