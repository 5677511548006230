"""Downloads: the report in each format, the card, the feed, the history, and the page that explains the open data."""

import json

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from deliverables.filters import DeliverableFilter, UpdateFilter
from deliverables.models import Amendment
from plans.access import plan_and_date
from plans.common.imported_on_use import imported_on_use
from plans.page_cache import cached_file, cached_page
from plans.translations import ENGLISH
from reports.figures.comparison import compare
from reports.figures.summary import Selection, summarise
from reports.files.atom import write_atom
from reports.files.fields import COLUMNS, ORIGIN
from reports.files.formats import BRIEF_FORMATS, FORMATS, write_history
from reports.files.responses import translated_file
from reports.files.schema import SCHEMA, schema_keys
from reports.forms import PeriodForm

ENTRIES_IN_FEED = 100
COMPARISON_WRITERS = {
    "pdf": imported_on_use("reports.files.comparison.write_comparison_pdf"),
    "xlsx": imported_on_use("reports.files.comparison.write_comparison_xlsx"),
}
write_ics = imported_on_use("reports.files.ics.write_ics")
write_card = imported_on_use("reports.files.pdf.write_card")


@require_safe
@cached_file(*DeliverableFilter.base_filters)
def download(request, slug, extension):
    """Return the report as a file. The filters of the list choose its rows; its figures are those of the whole plan."""
    plan, as_of = plan_and_date(request, slug)
    if extension not in FORMATS:
        raise Http404

    selection = selection_of(DeliverableFilter(request.GET, plan=plan, reader=request.user, as_of=as_of))
    summary = summarise(plan, as_of, today=timezone.localdate(), selection=selection)

    _content_type, write = FORMATS[extension]
    return translated_file(
        write(summary), f"{plan.organisation.slug}-{plan.slug}-summary-as-of-{summary.as_of}", extension
    )


@require_safe
@cached_file("as_of")
def brief(request, slug, extension):
    """Return the one-page brief as of a date."""
    plan, as_of = plan_and_date(request, slug)
    if extension not in BRIEF_FORMATS:
        raise Http404

    summary = summarise(plan, as_of, today=timezone.localdate())
    _content_type, write = BRIEF_FORMATS[extension]
    return translated_file(
        write(summary), f"{plan.organisation.slug}-{plan.slug}-brief-as-of-{summary.as_of}", extension
    )


def selection_of(deliverables):
    """Return the `Selection` of the list's filters and order, withdrawn deliverables included; None without any."""
    raise_if_invalid(deliverables)
    if not deliverables.active and deliverables.sorted_by == "code":
        return None

    codes = tuple(deliverable.code for deliverable in deliverables.rows_with_withdrawn)
    return Selection(deliverables.active, deliverables.description, codes)


def raise_if_invalid(form):
    """Raise 400 with the errors of a filter form: a file, unlike a page, cannot show them."""
    if not form.is_valid():
        raise BadRequest(" ".join(error for errors in form.errors.values() for error in errors))


@require_safe
@cached_file("as_of")
def card(request, slug):
    """Return the image that other sites show with a link to the plan."""
    plan, as_of = plan_and_date(request, slug)
    content = write_card(summarise(plan, as_of, today=timezone.localdate()))
    return HttpResponse(content, content_type="image/png")


@require_safe
@cached_file(*UpdateFilter.base_filters, "page")
def changes_feed(request, slug):
    """Return a page of the changes as an Atom feed, filtered like the page of changes, the last changed first."""
    plan, as_of = plan_and_date(request, slug)
    update_filter = UpdateFilter(request.GET, plan=plan, as_of=as_of)
    raise_if_invalid(update_filter)

    rows = update_filter.rows.last_updated_first().with_evidence().with_takedowns()
    page = Paginator(rows, ENTRIES_IN_FEED).get_page(request.GET.get("page"))
    Amendment.objects.with_wording_on(plan, as_of, page)
    feed = write_atom(plan, page, request.GET)
    return HttpResponse(feed, content_type="application/atom+xml; charset=utf-8")


@require_safe
@cached_file("since", "from", "to")
def comparison_file(request, slug, extension):
    """Return the comparison of two dates as a file, with the same query as its page."""
    plan, _as_of = plan_and_date(request, slug)
    if extension not in COMPARISON_WRITERS:
        raise Http404

    today = timezone.localdate()
    period = PeriodForm({"to": today} | request.GET.dict(), plan=plan, day=today)
    raise_if_invalid(period)
    start, end = period.cleaned_data["from"], period.cleaned_data["to"]
    content = COMPARISON_WRITERS[extension](plan, compare(plan, start, end), period.baseline)
    return translated_file(content, f"{plan.organisation.slug}-{plan.slug}-changes-{start}-to-{end}", extension)


@require_safe
@cached_file("as_of")
def history(request, slug):
    """Return the whole history with its digests, from which anybody can recompute the hash chain."""
    plan, _as_of = plan_and_date(request, slug)
    return HttpResponse(write_history(plan), content_type="application/json", headers={"Content-Language": ENGLISH})


@require_safe
@cached_file()
def calendar(request, slug):
    """Return the dates of a plan, for calendar programs to subscribe to."""
    plan, _as_of = plan_and_date(request, slug)
    summary = summarise(plan, today=timezone.localdate(), with_reports=False)
    return translated_file(write_ics(summary), f"{plan.organisation.slug}-{plan.slug}-calendar", "ics")


@require_safe
@cached_page()
def data(request):
    """Explain the open data: every column of the tables and every key of the JSON."""
    context = {"columns": COLUMNS, "origin": ORIGIN, "keys": list(schema_keys())}
    return render(request, "reports/files/data.html", context)


@require_safe
@cached_page()
def schema(request):
    """Return the JSON Schema of the summary."""
    return HttpResponse(json.dumps(SCHEMA, indent=1), content_type="application/schema+json")
