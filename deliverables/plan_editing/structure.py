"""Change the structure of a plan. Lines, measures and deliverables are added, reworded and removed only here.

Every change locks the plan, is checked under the lock, and raises the plan's revision: editors take turns, and cached
pages become stale.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from deliverables.models import Amendment, AmendmentKind, Change, Deliverable
from deliverables.plan_editing.saving import CODES_ARE_FIXED, PartChanges, SavePart, same_text, text_of
from deliverables.status import Status
from plans.models import NUMBER_RANGE, ActionLine, Measure, Plan, PlanChanged, Translation

__all__ = ["SavePart", "same_text", "text_of"]  # beside the functions below: what goes with them


def save_part(part, *, by, fields=(), decision=None, at=None):
    """Save a new line, measure or deliverable, or the given `fields` of an existing one. Return it as stored.

    See `save_parts`.
    """
    return save_parts(part.plan, [SavePart(part, tuple(fields))], by=by, decision=decision, at=at)[0]


def save_parts(plan, steps, *, by, decision=None, at=None):
    """Save parts of a plan, each with a `SavePart`: all or none. Return them as stored.

    Changes that somebody else made to other fields meanwhile are preserved. In a public plan, a new part, a new
    wording, due date or target needs the `Decision` behind it and is recorded as an amendment. `by` is the person, `at`
    the moment (default: now). Raises `ValidationError` when a rule is broken. Then nothing is saved.
    """
    with transaction.atomic():
        linked = linked_plans(plan, steps)
        plan = lock_plan(plan, also=linked)
        changes = PartChanges(plan, steps, by=by, decision=decision, at=at)
        changes.write(plan, linked)
    return changes.saved


def set_themes(measure, themes):
    """Give a measure these themes. Those that are not stored yet are saved."""
    save_parts(measure.plan, [SavePart(measure, themes=themes)], by=None)


def set_regions(deliverable, regions):
    """Give a deliverable these regions; none for one that concerns the whole network. It needs no decision."""
    save_parts(deliverable.plan, [SavePart(deliverable, regions=regions)], by=None)


def withdraw(deliverable, *, by, decision, at=None):
    """Withdraw a deliverable: from the day of the decision on no figure counts it. It stays visible."""
    return decide(AmendmentKind.WITHDRAWN, deliverable, by=by, decision=decision, at=at)


def reinstate(deliverable, *, by, decision, at=None):
    """Reinstate a withdrawn deliverable: from the day of the decision on the figures count it again."""
    return decide(AmendmentKind.REINSTATED, deliverable, by=by, decision=decision, at=at)


def decide(kind, deliverable, *, by, decision, at):
    with transaction.atomic():
        plan = lock_plan(deliverable.plan)
        if not plan.is_promised:
            raise ValidationError(_("This plan is not public yet: remove the deliverable instead."))

        deliverable.refresh_from_db(fields=["withdrawn_on"])
        if (deliverable.withdrawn_on is not None) == (kind is AmendmentKind.WITHDRAWN):
            values = {"code": deliverable.code, "kind": kind.label.lower()}
            raise ValidationError(_("%(code)s is %(kind)s already.") % values)

        deliverable.withdrawn_on = decision.in_force_on if kind is AmendmentKind.WITHDRAWN else None
        deliverable.save(update_fields=["withdrawn_on"])
        change = Change(kind, deliverable, before=deliverable.title, after="")
        chained = Amendment.objects.chain(plan, [change], by=by, decision=decision, at=at)
        Amendment.objects.append(plan, chained)
        Plan.objects.raise_revision(pk=plan.pk)
    return deliverable


def remove(plan, code, was):
    """Delete a part with everything below it, in a plan that was never public.

    `was` is the text of the part that the person saw: the code alone may name another part by now. Raises
    `ValidationError` if it does, if a status is recorded, or if another plan continues it.
    """
    with transaction.atomic():
        linked = linked_plans(plan)
        plan = lock_plan(plan, also=linked)
        if plan.is_promised:
            raise ValidationError(_("This plan is public: withdraw the deliverable instead, so that it stays visible."))

        part = part_as_seen(plan, code, was)
        below = Deliverable.objects.of_plan(plan.slug, code)
        if below.exclude(updates=None).exists():
            raise ValidationError(_("A status is recorded on %s, or on a part of it: it cannot be removed.") % code)
        if continuing := Deliverable.objects.filter(continues__in=below).first():
            text = _("%(reference)s continues %(code)s, or a part of it: remove that link first.")
            raise ValidationError(text % {"reference": continuing.reference, "code": code})

        below.delete()
        if isinstance(part, ActionLine):
            part.measures.all().delete()
        if not isinstance(part, Deliverable):
            part.delete()
        Plan.objects.raise_revision(pk__in=[plan.pk, *linked])


def move(plan, code, was, step):
    """Swap the number of a part with that of the part before (`step` -1) or after it (1). Return the part.

    Only in a plan that was never public. `was` is the text of the part that the person saw: see `remove`.
    """
    with transaction.atomic():
        linked = linked_plans(plan)
        plan = lock_plan(plan, also=linked)
        if plan.is_promised:
            raise ValidationError(CODES_ARE_FIXED)

        part = part_as_seen(plan, code, was)
        siblings = list(siblings_of(part).order_by("number"))
        place = siblings.index(part)
        if not 0 <= place + step < len(siblings):
            return part

        # Numbers are unique among siblings at every moment, so the swap needs a third, free number.
        other = siblings[place + step]
        taken = {sibling.number for sibling in siblings}
        free = next(number for number in range(*NUMBER_RANGE[::-1], -1) if number not in taken)
        for moved, number in ((part, free), (other, part.number), (part, other.number)):
            type(part).objects.filter(pk=moved.pk).update(number=number)
        Plan.objects.raise_revision(pk__in=[plan.pk, *linked])

    part.number = other.number
    return part


def lock_plan(plan, also=()):
    """Return the plan, locked until the transaction ends: everyone else who changes it waits here.

    `also` are the ids of other plans to lock. Everybody locks several in the same order, so nobody waits in a circle.
    """
    return lock_plans(plan.pk, *also)[plan.pk]


def lock_plans(*ids):
    """Lock plans as `lock_plan` does. Return them by id."""
    return {plan.pk: plan for plan in Plan.objects.select_for_update().filter(pk__in=ids).order_by("pk")}


def lock_as_read(plan, *, also=(), others=()):
    """Lock a plan. Raise `PlanChanged` where it, or one of `others`, has changed since it was read.

    So what was validated before is valid still. `also` are the ids of more plans to lock.
    """
    locked = lock_plans(plan.pk, *also)
    if any(each.pk not in locked or locked[each.pk].version != each.version for each in [plan, *others]):
        raise PlanChanged
    return locked[plan.pk]


def linked_plans(plan, steps=None):
    """Return the ids of the other plans on whose pages a change shows: those that this one continues, and vice versa.

    With `steps`, only where one of them shows there.
    """
    if steps is not None and not any(step.names_codes for step in steps):
        return set()

    continued = {step.part.continues.plan.pk for step in steps or () if getattr(step.part, "continues_id", None)}
    deliverables = Deliverable.objects.filter(measure__action_line__plan=plan)
    earlier = deliverables.exclude(continues=None).values_list("continues__measure__action_line__plan", flat=True)
    later = Deliverable.objects.filter(continues__in=deliverables).values_list("measure__action_line__plan", flat=True)
    return {*earlier.order_by().distinct(), *later.order_by().distinct()} | continued


def part_as_seen(plan, code, was):
    """Return the part with this code. Raise `ValidationError` if its text is not the one that the person saw."""
    part = get_part(plan, code)
    if not same_text(text_of(part), was):
        text = _("The plan has changed: %s now refers to a different part. Nothing was saved. Please check it.")
        raise ValidationError(text % code)
    return part


def copy_structure(source, plan, *, only_open=False):
    """Copy lines, measures and deliverables from `source` to a new plan, with themes, regions and people but no dates.

    With `only_open`, copy what is not attained, with the lines and measures that have any: each copy continues the old
    deliverable.
    """
    with transaction.atomic():
        for line in source.action_lines.prefetch_related("measures__themes", "measures__deliverables__regions"):
            measures = list(line.measures.all())
            if only_open:
                measures = [measure for measure in measures if deliverables_to_copy(measure, only_open)]
            if only_open and not measures:
                continue

            copy = ActionLine.objects.create(plan=plan, number=line.number, title=line.title)
            for measure in measures:
                copy_measure(measure, copy, only_open=only_open)
        Translation.objects.copy(source, plan)
        Plan.objects.raise_revision(pk__in=[plan.pk, source.pk] if only_open else [plan.pk])


def deliverables_to_copy(measure, only_open):
    """Return the deliverables of a measure that a new plan takes over: none that are withdrawn."""
    deliverables = [deliverable for deliverable in measure.deliverables.all() if deliverable.withdrawn_on is None]
    return [each for each in deliverables if not (only_open and each.status == Status.ATTAINED)]


def copy_measure(measure, line, *, only_open):
    """Copy a measure with its themes and its deliverables, except withdrawn ones, to a line of another plan."""
    copied = ("number", "statement", "short_name", "short_name_by_tracker")
    copy = Measure.objects.create(action_line=line, **{name: getattr(measure, name) for name in copied})
    copy.themes.set(measure.themes.all())
    copied = deliverables_to_copy(measure, only_open)
    copies = Deliverable.objects.bulk_create(
        Deliverable(
            measure=copy,
            number=deliverable.number,
            title=deliverable.title,
            target=deliverable.target,
            target_unit=deliverable.target_unit,
            responsible_id=deliverable.responsible_id,
            continues=deliverable if only_open else None,
        )
        for deliverable in copied
    )
    membership = Deliverable.regions.through
    membership.objects.bulk_create(
        membership(deliverable=new, region=region)
        for new, old in zip(copies, copied, strict=True)
        for region in old.regions.all()
        if region.organisation_id == line.plan.organisation_id
    )


def get_part(plan, code):
    """Return the line, measure or deliverable of a plan that a code names. Raise 404 if there is none."""
    if code.deliverable:
        return get_object_or_404(
            Deliverable.objects.of_plan(plan.slug, code)
            .with_update()
            .select_related("responsible", "continues__measure__action_line__plan")
        )
    if code.measure:
        measures = Measure.objects.select_related("action_line__plan")
        return get_object_or_404(measures, action_line__plan=plan, action_line__number=code.line, number=code.measure)
    return get_object_or_404(ActionLine.objects.select_related("plan"), plan=plan, number=code.line)


def siblings_of(part):
    """Return the parts that are numbered together with this one, including it."""
    return type(part).objects.filter(**{part.parent_field: getattr(part, part.parent_field)})


def next_number(part):
    """Return the next free number for a new part. Numbers of withdrawn siblings are not used again."""
    return (siblings_of(part).aggregate(last=Max("number"))["last"] or 0) + 1
