"""The page “To do”: the deliverables of a plan that need attention, most pressing first."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from deliverables.attention import TODO, TODO_AFTER_THE_END, needing_attention, visible_to
from deliverables.models import Deliverable, ReportingRound, StatusUpdate
from deliverables.proposals.to_check import proposals_to_check
from deliverables.status import Status
from deliverables.views import may_record_now, prepare_rows
from plans.access import account_required, plan_and_date

ROWS_SHOWN = 5


def show_next_steps(rows):
    """Give the rows the next step and the expected date of their last report, with one query."""
    updates = StatusUpdate.objects.in_bulk({row.update_id for row in rows if row.update_id})
    for row in rows:
        update = updates.get(row.update_id)
        row.next_step, row.expected_on = (update.next_step, update.expected_on) if update else ("", None)


@account_required
@require_safe
def todo(request, slug):
    """Show the reader's own deliverables, or all with `?who=all` and to readers who are responsible for none."""
    plan, _as_of = plan_and_date(request, slug)
    day = timezone.localdate()

    deliverables = Deliverable.objects.of_plan(slug).not_withdrawn().with_current_status().with_seen()
    mine = deliverables.filter(responsible=request.user)
    who = request.GET.get("who") or ("me" if mine.exists() else "all")
    rows = mine if who == "me" else deliverables
    is_over = plan.ends_on < day
    asked = visible_to(request.user, TODO_AFTER_THE_END if is_over else TODO)
    groups = [(attention, list(needing_attention(attention, rows, day))) for attention in asked]
    groups = [(attention, group) for attention, group in groups if group]

    may_answer = request.user.has_perm("deliverables.record_status")
    show_next_steps([row for _attention, group in groups for row in group[:ROWS_SHOWN]])
    context = (proposals_to_check(plan) if may_answer else {}) | {
        "plan": plan,
        "who": who,
        "is_over": is_over,
        "round": ReportingRound.objects.open_in(plan) if may_answer else None,
        "may_answer": may_answer,
        "tasks": [
            (attention, group, prepare_rows(group[:ROWS_SHOWN], plan, None, day, table=attention.value))
            for attention, group in groups
        ],
        "has_none": not mine.exists(),
        "is_empty": not groups and not deliverables.exists(),
        "may_record": may_record_now(request, None),
        "recordable_statuses": Status.recordable(),
        "next": request.get_full_path(),
    }
    return render(request, "deliverables/todo.html", context)
