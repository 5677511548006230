"""Save parts of a plan: lines, measures and deliverables, new ones and changed ones, all of a kind at once.

They are validated first. That needs no lock, where the plan is still the same when they are written.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from deliverables.models import Amendment, AmendmentKind, Change, Deliverable, Target
from plans.common.bulk_writes import BulkInsert, BulkUpdate
from plans.common.text import normalise
from plans.models import ActionLine, Measure, Plan, Region, Theme

CODES_ARE_FIXED = _("This plan is public: its codes cannot be changed.")
REMOVED = _("Somebody else has removed this part, or the one that it belongs to, in the meantime.")
KINDS = {  # each after the one that it belongs to, with what its code and its rules need
    ActionLine: ("plan",),
    Measure: ("action_line__plan",),
    Deliverable: ("measure__action_line__plan", "continues__measure__action_line__plan"),
}


@dataclass
class SavePart:
    """A line, measure or deliverable to save: a new one, or the `fields` of a stored one that change.

    `themes` are those of a measure from now on, `regions` those of a deliverable; None leaves them as they are.
    """

    part: ActionLine | Measure | Deliverable
    fields: tuple[str, ...] = ()
    themes: list[Theme] | None = None
    regions: list[Region] | None = None

    @property
    def is_new(self):
        return self.part._state.adding

    @property
    def names_codes(self):
        """Return whether the change shows on the pages of other plans: they name a deliverable by its code."""
        is_linked = self.is_new and getattr(self.part, "continues_id", None)
        return bool({"continues", "number"} & set(self.fields) or is_linked)


class PartChanges:
    """Changes of a plan's parts, validated for the plan as it was read. Nothing is written before `write`.

    `saved` are the parts as they will be stored, in the order of `steps`. Other fields of a stored part stay as they
    are. In a public plan, a new part, a new wording, due date or target needs the `Decision` behind it, and becomes an
    amendment. Raises `ValidationError` when a rule is broken. A constant number of queries.
    """

    def __init__(self, plan, steps, *, by, decision=None, at=None):
        self.plan, self.steps, self.decision, self.is_promised = plan, joined(steps), decision, plan.is_promised
        self.stored, self.fields, changes = stored_parts(self.steps), {}, []
        self.saved = []
        for step in self.steps:
            part, before = self.change(step)
            changes += changes_of(part, before) if self.is_promised else []
            self.saved.append(part)
        require_free_numbers([step.part for step in self.steps if step.is_new or "number" in step.fields])
        new = [part for part in self.saved if part._state.adding]
        self.writes = [BulkInsert(part for part in new if type(part) is model) for model in KINDS] + self.updates()
        self.amendments = Amendment.objects.chain(plan, changes, by=by, decision=decision, at=at)

    def change(self, step):
        """Return the part to save, validated, and what it promises so far: see `promises_of`. None for a new part."""
        fields = set(step.fields)
        part, before = (step.part, None) if step.is_new else (self.stored[type(step.part), step.part.pk],) * 2
        if before:
            before = promises_of(part)
            for name in fields:
                setattr(part, name, getattr(step.part, name))
        if before and "number" in fields and self.is_promised:
            raise ValidationError({"number": CODES_ARE_FIXED})
        if "short_name" in fields:
            part.short_name_by_tracker = False
            fields |= {"short_name_by_tracker"}
        if step.is_new and self.is_promised and self.decision:
            part.added_on = self.decision.in_force_on

        validate(part)
        if step.regions and any(each.organisation_id != self.plan.organisation_id for each in step.regions):
            raise ValidationError({"regions": _("Choose regions of the plan's own organisation.")})
        if before and same_text(text_of(part), before[AmendmentKind.REWORDED]):
            # The text as it is stored, which validating may have normalised: its translations name it.
            setattr(part, part.text_field, before[AmendmentKind.REWORDED])
            fields -= {part.text_field}
        if before:
            self.fields[part] = fields
        return part, before

    @property
    def continued_plans(self):
        """Return the other plans whose deliverables are continued from now on, as they were read."""
        return [step.part.continues.plan for step in self.steps if "continues" in step.fields and step.part.continues]

    def updates(self):
        """Return the writes of changed parts: one for all of a kind whose changed fields are the same."""
        alike = {}
        for part in self.stored.values():
            alike.setdefault((type(part), *sorted(self.fields[part])), []).append(part)
        return [BulkUpdate(parts, names) for (_model, *names), parts in alike.items() if names]

    def prepare(self):
        """Make the statements ready that `write` executes, before a lock is taken."""
        for write in [*self.writes, self.amendments]:
            write.prepare()

    def write(self, plan, linked=()):
        """Save the changes and their amendments. The caller has locked the plan, and `linked`: the ids of others."""
        for write in self.writes:
            write.write()
        write_themes([step for step in self.steps if step.themes is not None])
        write_links(
            Deliverable.regions, {step.part.pk: step.regions for step in self.steps if step.regions is not None}
        )
        Amendment.objects.append(plan, self.amendments)
        Plan.objects.raise_revision(pk__in=[plan.pk, *linked])


def joined(steps):
    """Return the steps with those of one part joined to one."""
    by_part = {}
    for step in steps:
        first = by_part.setdefault(id(step.part), SavePart(step.part))
        first.fields = tuple(dict.fromkeys([*first.fields, *step.fields]))
        first.themes = first.themes if step.themes is None else step.themes
        first.regions = first.regions if step.regions is None else step.regions
    return list(by_part.values())


def stored_parts(steps):
    """Return the parts that are stored already as they are now, by model and id. A query for each kind.

    Raises `ValidationError` where one was removed meanwhile, or the part that a new one belongs to.
    """
    stored = {}
    for model, relations in KINDS.items():
        wanted = [step.part.pk for step in steps if type(step.part) is model and not step.is_new]
        if wanted:
            found = model.objects.filter(pk__in=wanted).select_related(*relations)
            stored |= {(model, part.pk): part for part in found}
            if len(found) < len(set(wanted)):
                raise ValidationError(REMOVED)
        new = [step.part for step in steps if type(step.part) is model and step.is_new]
        parent = model._meta.get_field(model.parent_field)
        above = {getattr(part, parent.attname) for part in new} - {None}
        if above and parent.related_model.objects.filter(pk__in=above).count() < len(above):
            raise ValidationError(REMOVED)
    return stored


def validate(part):
    """Raise `ValidationError` where a part breaks a rule of its own. What it refers to was read before: no query."""
    part.clean_fields(exclude={field.name for field in part._meta.local_fields if field.is_relation})
    part.clean()


def require_free_numbers(parts):
    """Raise `ValidationError` where the number of a part is that of a sibling. A query for each kind."""
    for model in KINDS:
        of_kind = [part for part in parts if type(part) is model]
        parent = f"{model.parent_field}_id"
        siblings = model.objects.filter(**{f"{parent}__in": {getattr(part, parent) for part in of_kind} - {None}})
        taken = (
            {(above, number): pk for pk, above, number in siblings.values_list("pk", parent, "number")}
            if of_kind
            else {}
        )
        for part in of_kind:
            if taken.get((getattr(part, parent), part.number), part.pk) != part.pk:
                raise ValidationError(part.unique_error_message(model, (model.parent_field, "number")))


def promises_of(part) -> dict[AmendmentKind, str]:
    """Return what a part promises, as an amendment holds it, by the kind of amendment that changes it."""
    promises = {AmendmentKind.REWORDED: text_of(part)}
    if isinstance(part, Deliverable):
        promises[AmendmentKind.DUE_DATE] = part.due_on.isoformat() if part.due_on else ""
        promises[AmendmentKind.TARGET] = str(Target.of(part) or "")
    return promises


def changes_of(part, before):
    """Return a `Change` for each promise of a part that differs from those `before`; None for a new part.

    Other white space is no other text, nor is what `normalise` removes: texts of earlier releases may still have it.
    """
    if before is None:
        return [Change(AmendmentKind.ADDED, part, "", text_of(part))]
    return [
        Change(kind, part, before[kind], after)
        for kind, after in promises_of(part).items()
        if not same_text(before[kind], after)
    ]


def write_themes(steps):
    """Give measures their themes. Those that are not stored yet are saved."""
    # Another plan may have got the same new theme meanwhile, and the lock is on this plan only.
    new = {theme.slug: theme for step in steps for theme in step.themes if theme.pk is None}
    Theme.objects.bulk_create(new.values(), ignore_conflicts=True)
    stored = {theme.slug: theme for theme in Theme.objects.filter(slug__in=new)} if new else {}
    write_links(
        Measure.themes, {step.part.pk: [stored.get(theme.slug, theme) for theme in step.themes] for step in steps}
    )


def write_links(relation, targets):
    """Replace what each row with an id in `targets` is linked with, in a relation of many to many."""
    if not targets:
        return
    through, (source, target) = relation.through, (relation.field.m2m_column_name, relation.field.m2m_reverse_name)
    source, target = source(), target()
    through.objects.filter(**{f"{source}__in": targets}).delete()
    through.objects.bulk_create(
        through(**{source: pk, target: each.pk}) for pk, chosen in targets.items() for each in dict.fromkeys(chosen)
    )


def text_of(part):
    """Return the text of a part of a plan: its title or statement."""
    return getattr(part, part.text_field)


def same_text(one, other):
    """Return whether two texts are equal apart from white space, and from what `normalise` removes."""
    return normalise(one).split() == normalise(other).split()
