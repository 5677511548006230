"""The statuses of a plan, a region or a round as a workbook to be filled in, for those who report on them."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from deliverables.models import ReportingRound
from deliverables.proposals.rights import records_directly, regions_of
from deliverables.rounds.board import board_of
from plans.access import account_required, get_plan, plan_permission_required
from plans.common.imported_on_use import imported_on_use
from plans.common.security_log import log_event
from plans.file_limits import count_file, is_over_limit, too_many_files, turn_to_make_a_file
from plans.models import Region, Visibility
from plans.translations import ENGLISH
from reports.figures.summary import summarise
from reports.files.responses import file_response

write_to_fill_in = imported_on_use("reports.files.to_fill_in.write_to_fill_in")


@plan_permission_required("deliverables.record_status")
@require_safe
def plan_to_fill_in(request, slug):
    """Return the statuses of the whole plan to be filled in."""
    plan = get_plan(request, slug)
    return workbook(request, plan, lambda summary: summary.rows, _("all statuses"), "statuses")


@account_required
@require_safe
def region_to_fill_in(request, slug, region):
    """Return the statuses of a region to be filled in, to its people and to who records."""
    plan = get_plan(request, slug)
    region = get_object_or_404(Region, organisation=plan.organisation_id, slug=region)
    if not records_directly(request.user) and region not in regions_of(request.user):
        raise PermissionDenied

    name = plan.translated_texts().get(region.name)
    return workbook(request, plan, lambda summary: summary.of_region(region), name, region.slug)


@account_required
@require_safe
def round_to_fill_in(request, slug, number):
    """Return what an open round asks a person to be filled in; all that it asks, to who records."""
    plan = get_plan(request, slug)
    reporting_round = get_object_or_404(ReportingRound, plan=plan, number=number)
    if not reporting_round.is_open:
        raise Http404
    reporting_round.plan, board = plan, board_of(reporting_round)
    asks = board.asks if records_directly(request.user) else board.asks_of(request.user)
    if not asks and not records_directly(request.user):
        raise PermissionDenied

    codes = {ask.deliverable.code for ask in asks}
    name = f"round-{number}"
    return workbook(
        request, plan, lambda summary: [row for row in summary.rows if row.code in codes], reporting_round.name, name
    )


def workbook(request, plan, rows_of, title, name):
    """Return the workbook with the rows that `rows_of` takes from the plan's summary. `name` is part of the file's."""
    if is_over_limit(request):
        return too_many_files(request)
    count_file(request)
    summary = summarise(plan, today=timezone.localdate())
    with turn_to_make_a_file():
        content = write_to_fill_in(summary, rows_of(summary), title)

    if plan.visibility != Visibility.PUBLIC:
        log_event("export of non-public data", request, path=request.get_full_path(), status=200)
    language = get_language()
    suffix = f"-{language}" if language != ENGLISH else ""
    parts = [plan.organisation.slug, plan.slug, name, "to-fill-in", str(summary.as_of)]
    response = file_response(content, f"{'-'.join(parts)}{suffix}.xlsx")
    response.headers["Content-Language"] = language
    return response
