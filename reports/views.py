from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from deliverables.amendments import Amendment
from deliverables.filters import DeliverableFilter, UpdateFilter
from deliverables.updates import StatusUpdate
from plans.access import plan_in_view
from plans.kept import kept, kept_file
from plans.models import Plan, Translation, Visibility
from plans.words import ENGLISH
from reports.columns import COLUMNS, ORIGIN
from reports.comparison import compare
from reports.content import fallback_sentence
from reports.document import write_card
from reports.exports import ALL_LANGUAGES_IN_ONE, FORMATS, write_history
from reports.feed import write_atom
from reports.forms import PeriodForm
from reports.progress import progress_of
from reports.responses import file_response
from reports.schema import SCHEMA_FILE, keys
from reports.summary import summarise

LATEST_CHANGES = 6
ENTRIES_A_PAGE = 50


@require_safe
def home(request):
    """The newest plan that has begun, or the list where there is none to read.

    Who comes from elsewhere to the address of the site finds it in the language their browser asks for.
    """
    comes_from_here = request.headers.get("Referer", "").startswith(settings.SITE_URL)
    is_open = request.path == "/" and not (comes_from_here or request.user.is_authenticated)
    language = translation.get_language_from_request(request) if is_open else translation.get_language()
    with translation.override(language):
        response = redirect_to_newest(request)
    patch_vary_headers(response, ["Accept-Language", "Referer"])
    return response


def redirect_to_newest(request):
    begun = Plan.objects.visible_to(request.user).filter(starts_on__lte=timezone.localdate())
    return redirect(begun.exclude(visibility=Visibility.DRAFT).first() or "plans")


@require_safe
@kept
def plan_list(request):
    plans = list(Plan.objects.visible_to(request.user).select_related("organisation"))
    Translation.objects.load(plans, translation.get_language())
    return render(request, "plans.html", {"plans": plans})


@require_safe
@kept
def overview(request, slug):
    plan, as_of = plan_in_view(request, slug)
    summary = summarise(plan, as_of, today=timezone.localdate())
    context = {
        "plan": plan,
        "as_of": as_of,
        "summary": summary,
        "fallback": fallback_sentence(summary),
        "progress": progress_of(plan, summary.as_of),
        "latest": Amendment.objects.worded(plan, as_of, StatusUpdate.objects.for_feed(plan, as_of)[:LATEST_CHANGES]),
        "since_last_visit": since_last_visit(request, plan),
        "edition": plan.editions.for_list().first(),
    }
    return render(request, "overview.html", context)


@require_safe
@kept
def action_line(request, slug, code):
    plan, as_of = plan_in_view(request, slug)
    summary = summarise(plan, as_of, today=timezone.localdate())
    line = part_of(summary.lines, code)
    progress = progress_of(plan, summary.as_of, line=code.line)
    return render(request, "action_line.html", {"plan": plan, "as_of": as_of, "line": line, "progress": progress})


@require_safe
@kept
def measure(request, slug, code):
    plan, as_of = plan_in_view(request, slug)
    summary = summarise(plan, as_of, today=timezone.localdate())
    context = {
        "plan": plan,
        "as_of": as_of,
        "measure": part_of(summary.measures, code),
        "line": part_of(summary.lines, code.in_line),
    }
    return render(request, "measure.html", context)


def part_of(parts, code):
    """The line or measure with this code, or 404."""
    for part in parts:
        if part.code == code:
            return part
    raise Http404


@require_safe
@kept
def changes(request, slug):
    """The feed of everything recorded; with `?from=&to=`, what changed between two dates."""
    plan, as_of = plan_in_view(request, slug)
    if "from" in request.GET or "to" in request.GET:
        return comparison(request, plan, as_of)
    found = UpdateFilter(request.GET, plan=plan, as_of=as_of)
    page = Paginator(found.rows, ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "plan": plan,
        "as_of": as_of,
        "filter": found,
        "page": Amendment.objects.worded(plan, as_of, page),
        "since_last_visit": since_last_visit(request, plan),
        "period": PeriodForm(initial={"from": plan.starts_on, "to": as_of or timezone.localdate()}, plan=plan),
    }
    return render(request, "changes.html", context)


def comparison(request, plan, as_of):
    """Two dates compared, which rule here; the second, left out, is the as-of date, or today."""
    latest = {"to": as_of or timezone.localdate()}
    period = PeriodForm(latest | request.GET.dict(), plan=plan)
    context = {"plan": plan, "period": period}
    if period.is_valid():
        context |= compare(plan, period.cleaned_data["from"], period.cleaned_data["to"])
    return render(request, "comparison.html", context)


def since_last_visit(request, plan):
    """For a member who has been here before: when, and how much was recorded since. Else None."""
    moment = getattr(request.user, "last_visit_at", None)
    return moment and {"moment": moment, "number": plan.updates.filter(recorded_at__gt=moment).count()}


@require_safe
@kept_file
def changes_feed(request, slug):
    """The latest changes as an Atom feed, filtered like the page."""
    plan, as_of = plan_in_view(request, slug)
    found = UpdateFilter(request.GET, plan=plan, as_of=as_of)
    demand_valid(found)
    entries = Amendment.objects.worded(plan, as_of, found.rows[:ENTRIES_A_PAGE])
    feed = write_atom(plan, entries, request.GET.urlencode())
    return HttpResponse(feed, content_type="application/atom+xml; charset=utf-8")


def demand_valid(found):
    """A file cannot show an error beside its field: 400 with the sentence instead."""
    if not found.is_valid():
        raise BadRequest(" ".join(error for errors in found.errors.values() for error in errors))


@require_safe
@kept_file
def history(request, slug):
    """The whole history with its digests, from which anyone can recompute the chain."""
    plan, _as_of = plan_in_view(request, slug)
    return HttpResponse(write_history(plan), content_type="application/json", headers={"Content-Language": ENGLISH})


@require_safe
@kept
def reports(request, slug):
    plan, as_of = plan_in_view(request, slug)
    summary = summarise(plan, as_of, today=timezone.localdate())
    context = {
        "plan": plan,
        "as_of": as_of,
        "summary": summary,
        "editions": plan.editions.for_list(),
        "may_publish": request.user.has_perm("reports.publish_edition"),
    }
    return render(request, "reports.html", context)


@require_safe
@kept_file
def download(request, slug, extension):
    """The summary as a file: its figures are the whole plan's, its rows those the list's filters let through."""
    plan, as_of = plan_in_view(request, slug)
    if extension not in FORMATS:
        raise Http404
    found = DeliverableFilter(request.GET, plan=plan, reader=request.user, as_of=as_of)
    demand_valid(found)
    shown = frozenset(codes_shown(found, request, plan, as_of)) if found.chosen else None
    chosen = {"filters": found.chosen, "selection": found.in_words, "shown": shown}
    summary = summarise(plan, as_of, today=timezone.localdate(), **chosen)
    _content_type, write = FORMATS[extension]
    language = translation.get_language() if extension not in ALL_LANGUAGES_IN_ONE else ENGLISH
    mark = f"-{language}" if language != ENGLISH else ""
    name = f"{plan.organisation.slug}-{plan.slug}-summary-as-of-{summary.as_of}{mark}.{extension}"
    response = file_response(write(summary), name)
    response.headers["Content-Language"] = language
    return response


@require_safe
@kept_file
def card(request, slug):
    """The image that other sites show beside a link to the plan, drawn from its figures."""
    plan, as_of = plan_in_view(request, slug)
    content = write_card(summarise(plan, as_of, today=timezone.localdate()))
    return HttpResponse(content, content_type="image/png")


def codes_shown(found, request, plan, as_of):
    """What the filters let through, of what is withdrawn too: a file lists both, each as what it is."""
    yield from (deliverable.code for deliverable in found.rows)
    if plan.amendments_length:
        query = request.GET.copy()
        query["withdrawn"] = "1"
        apart = DeliverableFilter(query, plan=plan, reader=request.user, as_of=as_of)
        yield from (deliverable.code for deliverable in apart.rows)


@require_safe
@kept
def data(request):
    """What the open data means, column by column and key by key."""
    return render(request, "data.html", {"columns": COLUMNS, "origin": ORIGIN, "keys": list(keys())})


@require_safe
@kept
def schema(request):
    """The JSON Schema of the summary as JSON."""
    return HttpResponse(SCHEMA_FILE.read_bytes(), content_type="application/schema+json")
