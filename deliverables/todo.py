"""My work: what a plan waits for, most pressing first, for one person or for all."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from deliverables.attention import WORK, rows_with
from deliverables.models import Deliverable
from deliverables.views import may_record_now, ready_to_show
from plans.access import members_only, plan_in_view

ROWS_SHOWN = 20


@members_only
@require_safe
def work(request, slug):
    """Everybody's with `?who=all`; without it one's own where one is responsible for anything."""
    plan, _as_of = plan_in_view(request, slug)
    day = timezone.localdate()
    standing = Deliverable.objects.of(slug).promised().standing().to_record_on()
    mine = standing.filter(responsible=request.user)
    who = request.GET.get("who") or ("me" if mine.exists() else "all")
    rows = mine if who == "me" else standing
    tasks = [(gap, found) for gap in WORK if (found := list(rows_with(gap, rows, day)))]
    context = {
        "plan": plan,
        "who": who,
        "tasks": [
            (gap, found, ready_to_show(found[:ROWS_SHOWN], plan, None, day, table=gap.value)) for gap, found in tasks
        ],
        "has_none": not mine.exists(),
        "is_empty": not tasks and not standing.exists(),
        "may_record": may_record_now(request, None),
        "next": request.get_full_path(),
    }
    return render(request, "deliverables/todo.html", context)
