"""The page “To do”: the deliverables of a plan that need attention, most pressing first."""

from django.db.models import BooleanField, ExpressionWrapper
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from deliverables.attention import TODO, TODO_AFTER_THE_END, Attention, attention_rules, visible_to
from deliverables.models import PLANNED_FIELDS, STANDING_COLUMNS, Deliverable, Standing, open_round_of
from deliverables.proposals.to_check import proposals_to_check
from deliverables.rows import list_rows
from deliverables.status import Status
from deliverables.views import may_record_now
from plans.access import account_required, plan_and_date
from plans.common.prepared import prepared
from plans.member_pages import kept_for_members

ROWS_SHOWN = 5


@account_required
@require_safe
@kept_for_members
def todo(request, slug):
    """Show the reader's own deliverables, or all with `?who=all` and to readers who are responsible for none."""
    plan, _as_of = plan_and_date(request, slug)
    day = timezone.localdate()

    deliverables = deliverables_with_needs(slug, day)
    mine = [each for each in deliverables if each.responsible_id == request.user.pk]
    who = request.GET.get("who") or ("me" if mine else "all")
    is_over = plan.ends_on < day
    asked = visible_to(request.user, TODO_AFTER_THE_END if is_over else TODO)

    may_answer = request.user.has_perm("deliverables.record_status")
    context = (proposals_to_check(plan) if may_answer else {}) | {
        "plan": plan,
        "who": who,
        "is_over": is_over,
        "round": open_round_of(plan) if may_answer else None,
        "may_answer": may_answer,
        "tasks": tasks_of(mine if who == "me" else deliverables, asked, plan, day),
        "has_none": not mine,
        "is_empty": not deliverables,
        "may_record": may_record_now(request, None),
        "recordable_statuses": Status.recordable(),
        "next": request.get_full_path(),
    }
    return render(request, "deliverables/todo.html", context)


def tasks_of(deliverables, asked, plan, day):
    """Return each kind of attention asked for that some need, with these deliverables, and the rows to show of them."""
    groups = {kind: [each for each in deliverables if kind in each.needs] for kind in asked}
    return [
        (kind, group, list_rows(group[:ROWS_SHOWN], plan, None, day, table=kind.value))
        for kind, group in groups.items()
        if group
    ]


def deliverables_with_needs(slug, day):
    """Return the `Standing` of each deliverable of a plan, with its next step and its `needs`. One query."""
    rows, width = standings_with_needs(slug, day), len(Standing._fields) - 1
    return [
        Standing(*row[:width], needs={kind for kind, is_so in zip(Attention, row[width:], strict=True) if is_so})
        for row in rows
    ]


@prepared
def standings_with_needs(slug, day):
    rules = {f"needs_{kind}": ExpressionWrapper(rule, BooleanField()) for kind, rule in attention_rules(day).items()}
    deliverables = Deliverable.objects.of_plan(slug).not_withdrawn().with_current_status().with_seen()
    names = [f"needs_{kind}" for kind in Attention]
    return deliverables.with_next_step().annotate(**rules).values_list(*STANDING_COLUMNS, *PLANNED_FIELDS, *names)
