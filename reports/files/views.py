"""The summary as files, the feed, the history, and what the open data means."""

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from deliverables.filters import DeliverableFilter, UpdateFilter
from deliverables.models import Amendment
from plans.access import plan_and_date
from plans.page_cache import cached_file, cached_page
from plans.translations import ENGLISH
from reports.figures.summary import summarise
from reports.files.atom import write_atom
from reports.files.fields import COLUMNS, ORIGIN
from reports.files.formats import ALL_LANGUAGES_IN_ONE, FORMATS, write_history
from reports.files.pdf import write_card
from reports.files.responses import file_response
from reports.files.schema import SCHEMA_FILE, keys

ENTRIES_IN_FEED = 50


@require_safe
@cached_file
def download(request, slug, extension):
    """The summary as a file: its figures are the whole plan's, its rows those the list's filters let through."""
    plan, as_of = plan_and_date(request, slug)
    if extension not in FORMATS:
        raise Http404
    found = DeliverableFilter(request.GET, plan=plan, reader=request.user, as_of=as_of)
    demand_valid(found)
    shown = frozenset(codes_shown(found, request, plan, as_of)) if found.active else None
    chosen = {"filters": found.active, "selection": found.description, "shown": shown}
    summary = summarise(plan, as_of, today=timezone.localdate(), **chosen)
    _content_type, write = FORMATS[extension]
    language = translation.get_language() if extension not in ALL_LANGUAGES_IN_ONE else ENGLISH
    mark = f"-{language}" if language != ENGLISH else ""
    name = f"{plan.organisation.slug}-{plan.slug}-summary-as-of-{summary.as_of}{mark}.{extension}"
    response = file_response(write(summary), name)
    response.headers["Content-Language"] = language
    return response


def codes_shown(found, request, plan, as_of):
    """What the filters let through, of what is withdrawn too: a file lists both, each as what it is."""
    yield from (deliverable.code for deliverable in found.rows)
    if plan.amendments_length:
        query = request.GET.copy()
        query["withdrawn"] = "1"
        apart = DeliverableFilter(query, plan=plan, reader=request.user, as_of=as_of)
        yield from (deliverable.code for deliverable in apart.rows)


def demand_valid(found):
    """A file cannot show an error beside its field: 400 with the sentence instead."""
    if not found.is_valid():
        raise BadRequest(" ".join(error for errors in found.errors.values() for error in errors))


@require_safe
@cached_file
def card(request, slug):
    """The image that other sites show beside a link to the plan, drawn from its figures."""
    plan, as_of = plan_and_date(request, slug)
    content = write_card(summarise(plan, as_of, today=timezone.localdate()))
    return HttpResponse(content, content_type="image/png")


@require_safe
@cached_file
def changes_feed(request, slug):
    """The latest changes as an Atom feed, filtered like the page."""
    plan, as_of = plan_and_date(request, slug)
    found = UpdateFilter(request.GET, plan=plan, as_of=as_of)
    demand_valid(found)
    entries = Amendment.objects.with_wording_on(plan, as_of, found.rows[:ENTRIES_IN_FEED])
    feed = write_atom(plan, entries, request.GET.urlencode())
    return HttpResponse(feed, content_type="application/atom+xml; charset=utf-8")


@require_safe
@cached_file
def history(request, slug):
    """The whole history with its digests, from which anyone can recompute the chain."""
    plan, _as_of = plan_and_date(request, slug)
    return HttpResponse(write_history(plan), content_type="application/json", headers={"Content-Language": ENGLISH})


@require_safe
@cached_page
def data(request):
    """What the open data means, column by column and key by key."""
    return render(request, "reports/files/data.html", {"columns": COLUMNS, "origin": ORIGIN, "keys": list(keys())})


@require_safe
@cached_page
def schema(request):
    """The JSON Schema of the summary as JSON."""
    return HttpResponse(SCHEMA_FILE.read_bytes(), content_type="application/schema+json")
