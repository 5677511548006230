"""My work: what a plan waits for, most pressing first, for one person or for all."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from deliverables.attention import TODO, needing
from deliverables.models import Deliverable
from deliverables.views import may_record_now, ready_to_show
from plans.access import member_required, plan_and_date

ROWS_SHOWN = 20


@member_required
@require_safe
def todo(request, slug):
    """Everybody's with `?who=all`; without it one's own where one is responsible for anything."""
    plan, _as_of = plan_and_date(request, slug)
    day = timezone.localdate()
    deliverables = Deliverable.objects.of_plan(slug).not_withdrawn().with_current_status().with_seen()
    mine = deliverables.filter(responsible=request.user)
    who = request.GET.get("who") or ("me" if mine.exists() else "all")
    rows = mine if who == "me" else deliverables
    tasks = [(gap, found) for gap in TODO if (found := list(needing(gap, rows, day)))]
    context = {
        "plan": plan,
        "who": who,
        "tasks": [
            (gap, found, ready_to_show(found[:ROWS_SHOWN], plan, None, day, table=gap.value)) for gap, found in tasks
        ],
        "has_none": not mine.exists(),
        "is_empty": not tasks and not deliverables.exists(),
        "may_record": may_record_now(request, None),
        "next": request.get_full_path(),
    }
    return render(request, "deliverables/todo.html", context)
