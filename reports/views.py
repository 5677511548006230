from itertools import starmap

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from deliverables.filters import UpdateFilter
from deliverables.models import FEED_COLUMNS, Amendment, FeedEntry, StatusUpdate
from deliverables.proposals.rights import records_directly, regions_of, reportable
from plans.access import plan_and_date
from plans.common.prepared import prepared
from plans.memory import by_structure
from plans.models import Plan, Translation, Visibility
from plans.page_cache import cached_page
from reports.baselines import since_meeting
from reports.figures.comparison import compare
from reports.figures.next_dates import next_dates
from reports.figures.period import finding, has_ended, period_sentence
from reports.figures.plans import figures_of_plans
from reports.figures.progress import progress_of
from reports.figures.summary import summarise
from reports.files.context import regions_to_chart
from reports.files.sentences import fallback_sentence, names_sentence, unofficial_sentence
from reports.forms import PeriodForm

LATEST_CHANGES = 6
ENTRIES_PER_PAGE = 50


@require_safe
def home(request):
    """Redirect to the newest plan that has begun, or to the list of plans.

    Visitors from outside get the language of their browser; on the site itself the language of the URL holds.
    """
    comes_from_here = request.headers.get("Referer", "").startswith(settings.SITE_URL)
    is_arrival = request.path == "/" and not (comes_from_here or request.user.is_authenticated)
    language = translation.get_language_from_request(request) if is_arrival else translation.get_language()

    with translation.override(language):
        response = redirect_to_newest(request)
    patch_vary_headers(response, ["Accept-Language", "Referer"])
    return response


def redirect_to_newest(request):
    begun = Plan.objects.visible_to(request.user).filter(starts_on__lte=timezone.localdate())
    plan = begun.exclude(visibility=Visibility.DRAFT).first()
    if plan and (page := own_page(request.user, plan)):
        return redirect(page)
    return redirect(plan or "plans")


def own_page(person, plan):
    """Return the address of the page that a person begins on: of their region, or of what they report on; or None."""
    if not person.is_authenticated or records_directly(person):
        return None
    region = next((region for region in regions_of(person) if region.organisation_id == plan.organisation_id), None)
    if region:
        return region.url_in(plan)
    return reverse("my_reports", args=[plan.slug]) if reportable(person, plan).exists() else None


@require_safe
@cached_page()
def plan_list(request):
    """Show every plan that the reader may read with its figures, and what became of what it left open."""
    plans = list(Plan.objects.visible_to(request.user).select_related("organisation"))
    Translation.objects.load(plans, translation.get_language())
    figures = figures_of_plans(plans, timezone.localdate())
    return render(request, "reports/plan_list.html", {"plans": plans, "figures": figures})


@require_safe
@cached_page("as_of")
def overview(request, slug):
    """Show a plan at a glance: figures, action lines, progress, latest changes, latest edition."""
    plan, as_of = plan_and_date(request, slug)
    summary = summarise(plan, as_of, today=timezone.localdate(), with_reports=False)
    progress, last_meeting = progress_of(plan, summary.as_of), plan.meeting_before(summary.as_of)
    edition, documents = current_edition_of(plan)

    context = {
        "plan": plan,
        "as_of": as_of,
        "summary": summary,
        "fallback": fallback_sentence(summary),
        "names": names_sentence(summary),
        "unofficial": unofficial_sentence(summary),
        "period": period_sentence(progress, as_of),
        "finding": finding(progress, as_of),
        "has_ended": has_ended(progress, as_of),
        "next_dates": next_dates(summary, request.user),
        "progress": progress,
        "latest": latest_changes(plan, as_of),
        "last_visit_at": last_visit_at(request),
        "since_last_visit": since_last_visit(request, plan),
        "since_last_meeting": last_meeting and since_meeting(last_meeting, plan),
        "edition": edition,
        "documents": documents,
        "region_counts": regions_to_chart(summary),
        "acknowledgement": plan.translated_texts().get(plan.acknowledgement).finished,
    }
    return render(request, "reports/overview.html", context)


@require_safe
@cached_page("as_of")
def action_line(request, slug, code):
    plan, as_of = plan_and_date(request, slug)
    summary = summarise(plan, as_of, today=timezone.localdate())

    line = find_by_code(summary.lines, code)
    progress = progress_of(plan, summary.as_of, line=code.line)
    context = {"plan": plan, "as_of": as_of, "line": line, "progress": progress}
    return render(request, "reports/action_line.html", context)


@require_safe
@cached_page("as_of")
def measure(request, slug, code):
    plan, as_of = plan_and_date(request, slug)
    summary = summarise(plan, as_of, today=timezone.localdate())

    context = {
        "plan": plan,
        "as_of": as_of,
        "measure": find_by_code(summary.measures, code),
        "line": find_by_code(summary.lines, code.in_line),
    }
    return render(request, "reports/measure.html", context)


def find_by_code(summaries, code):
    """Return the line or measure with this code. Raise 404 if there is none."""
    for summary in summaries:
        if summary.code == code:
            return summary
    raise Http404


@require_safe
@cached_page(*UpdateFilter.base_filters, "page", "since", "from", "to")
def changes(request, slug):
    """Show the feed of all changes or, with `?since=&from=&to=`, what changed between two dates."""
    plan, as_of = plan_and_date(request, slug)
    if request.GET.get("since") or request.GET.keys() & {"from", "to"}:
        return comparison(request, plan, as_of)

    update_filter, day = UpdateFilter(request.GET, plan=plan, as_of=as_of), as_of or timezone.localdate()
    page = page_of_feed(update_filter, plan, request.GET.get("page"))
    context = {
        "plan": plan,
        "as_of": as_of,
        "filter": update_filter,
        "page": page,
        "last_visit_at": last_visit_at(request),
        "since_last_visit": since_last_visit(request, plan),
        "period": PeriodForm(initial={"from": plan.starts_on, "to": day}, plan=plan, day=day),
    }
    return render(request, "reports/changes.html", context)


def page_of_feed(update_filter, plan, number):
    """Return a page of the feed, with the wording of the day. The first one of all entries is a prepared query."""
    is_whole, paginator = not update_filter.data, Paginator(update_filter.rows, ENTRIES_PER_PAGE)
    if is_whole:
        paginator.count = plan.history_length
    page = paginator.get_page(number)
    entries = list(starmap(FeedEntry, first_entries(plan.pk))) if is_whole else page.object_list.entries()
    page.object_list = Amendment.objects.worded_on(plan, update_filter.as_of, entries)
    return page


@prepared
def first_entries(plan):
    return StatusUpdate.objects.for_feed(plan).values_list(*FEED_COLUMNS)[:ENTRIES_PER_PAGE]


def comparison(request, plan, as_of):
    """Show the changes between two dates. `to` defaults to the as-of date, else today; `since` names the first one."""
    day = as_of or timezone.localdate()
    period = PeriodForm({"to": day} | request.GET.dict(), plan=plan, day=day)

    context = {"plan": plan, "period": period}
    if period.is_valid():
        context["baseline"] = period.baseline
        context |= compare(plan, period.cleaned_data["from"], period.cleaned_data["to"])
    return render(request, "reports/comparison.html", context)


@by_structure
def editions_of(plan):
    """Return the editions of a plan, newest first."""
    return tuple(plan.editions.for_list())


@by_structure
def current_edition_of(plan):
    """Return the current edition of a plan with its documents, as `for_panel`; None twice without one."""
    edition = plan.editions.current_of(plan)
    return edition, edition and edition.documents.for_panel()


def latest_changes(plan, as_of):
    """Return the latest entries of the feed, with the wording of the day. One query."""
    return Amendment.objects.worded_on(plan, as_of, list(starmap(FeedEntry, latest_entries(plan.pk, as_of))))


@prepared
def latest_entries(plan, as_of):
    return StatusUpdate.objects.for_feed(plan, as_of).values_list(*FEED_COLUMNS)[:LATEST_CHANGES]


def last_visit_at(request):
    """Return the end of a member's last visit, None for other readers."""
    return getattr(request.user, "last_visit_at", None)


def since_last_visit(request, plan):
    """Return the time of a member's last visit and the number of updates since; None for other readers."""
    moment = last_visit_at(request)
    return moment and {"moment": moment, "number": plan.history_length - entries_by(plan, moment)}


@by_structure
def entries_by(plan, moment):
    """Return how many entries the history had at a moment in the past: those recorded later change it no more."""
    return plan.updates.filter(recorded_at__lte=moment).count()


@require_safe
@cached_page("as_of")
def reports(request, slug):
    """Show the current edition with its documents, the live figures in each format, and all editions."""
    plan, as_of = plan_and_date(request, slug)
    edition, documents = current_edition_of(plan)
    summary = summarise(plan, as_of, today=timezone.localdate(), with_reports=False)

    context = {
        "plan": plan,
        "as_of": as_of,
        "summary": summary,
        "editions": editions_of(plan),
        "current_link": settings.SITE_URL + reverse("current_edition", args=[slug]),
        "edition": edition,
        "documents": documents,
        "may_publish": request.user.has_perm("reports.publish_edition"),
    }
    return render(request, "reports/reports.html", context)
