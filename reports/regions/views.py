"""The page of a region, and its files: where its deliverables stand, and what changed."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from deliverables.counts import Counts
from deliverables.models import Amendment, StatusUpdate
from deliverables.proposals.rights import records_directly, regions_of
from plans.access import plan_and_date
from plans.common.imported_on_use import imported_on_use
from plans.models import Region
from plans.page_cache import cached_file, cached_page
from reports.figures.summary import PlanSummary, Row, summarise
from reports.files.responses import translated_file
from reports.rounds.asked import asked_of

write_ics = imported_on_use("reports.files.ics.write_ics")
LATEST_CHANGES, MOST_CHANGES = 6, 50  # on the page, without and after a last visit; it links to all
RECENT_DAYS = 90  # of the changes in a file, which knows no reader and so no last visit
WRITERS = {
    "pdf": imported_on_use("reports.files.region.write_region_pdf"),
    "xlsx": imported_on_use("reports.files.region.write_region_xlsx"),
}


@dataclass(frozen=True)
class RegionSummary:
    """What a plan has to do with a region: its rows, and its changes, latest first.

    `is_as_of` is true where an earlier day was asked for: then the rows are those of that day, but of the deliverables
    that the region has today.
    """

    region: Region
    plan_summary: PlanSummary
    updates: list[StatusUpdate]
    is_as_of: bool = False

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        return self.plan_summary.of_region(self.region)

    @property
    def others(self):
        """Return the other regions of the plan, each with the counts of its deliverables."""
        regions = [region for region in self.plan_summary.plan.regions if region != self.region]
        return [(each, Counts.of(row.status for row in self.plan_summary.of_region(each))) for each in regions]

    @property
    def counts(self):
        """Return the counts of the region or, where the plan has nothing for it, of the whole network."""
        return Counts.of(row.status for row in self.rows) if self.rows else self.plan_summary.counts


def summarise_region(request, slug, name, *, since=None, days=None):
    """Return the plan, its as-of date and the `RegionSummary`, with the changes recorded after the moment `since`.

    With `days` they are those recorded in so many days up to the as-of date, without both the latest few. Raises 404
    for a region that the plan's organisation does not have.
    """
    plan, as_of = plan_and_date(request, slug)
    region = get_object_or_404(Region, organisation=plan.organisation_id, slug=name)
    summary = summarise(plan, as_of, today=timezone.localdate())

    updates = StatusUpdate.objects.for_feed(plan, as_of)
    if summary.of_region(region):
        updates = updates.filter(deliverable__regions=region)
    if days:
        last = summary.as_of
        updates = updates.filter(recorded_at__date__range=(last - timedelta(days=days), last))
    else:
        updates = updates.filter(recorded_at__gt=since)[:MOST_CHANGES] if since else updates[:LATEST_CHANGES]
    updates = Amendment.objects.worded_on(plan, as_of, updates.entries())
    return plan, as_of, RegionSummary(region, summary, updates, is_as_of=as_of is not None)


@require_safe
@cached_page("as_of")
def region_page(request, slug, region):
    """Show where a region stands and what changed since the reader's last visit; to its people, what is asked of it."""
    moment = getattr(request.user, "last_visit_at", None)
    plan, as_of, summary = summarise_region(request, slug, region, since=moment)
    context = {"plan": plan, "as_of": as_of, "summary": summary, "last_visit_at": moment}
    is_theirs = as_of is None and summary.region in regions_of(request.user)
    if is_theirs:
        context |= {"asked": asked_of(request.user, plan), "next": request.path}
    if as_of is None and summary.rows:
        context["may_fill_in"] = is_theirs or records_directly(request.user)
    return render(request, "reports/regions/region.html", context)


@require_safe
@cached_file("as_of")
def region_file(request, slug, region, extension):
    """Return the page of a region as a file, with the changes of the last `RECENT_DAYS`."""
    if extension not in WRITERS:
        raise Http404

    plan, _as_of, summary = summarise_region(request, slug, region, days=RECENT_DAYS)
    name = f"{plan.organisation.slug}-{plan.slug}-{summary.region.slug}-as-of-{summary.plan_summary.as_of}"
    return translated_file(WRITERS[extension](summary), name, extension)


@require_safe
@cached_file()
def region_calendar(request, slug, region):
    """Return the dates of a plan with those due dates that concern a region, for calendar programs."""
    plan, _as_of = plan_and_date(request, slug)
    region = get_object_or_404(Region, organisation=plan.organisation_id, slug=region)
    summary = summarise(plan, today=timezone.localdate(), with_reports=False)
    name = f"{plan.organisation.slug}-{plan.slug}-{region.slug}-calendar"
    return translated_file(write_ics(summary, region), name, "ics")
