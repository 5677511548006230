"""Prepare, publish, show and verify editions."""

import re
import unicodedata
import uuid

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from deliverables.counts import Counts
from deliverables.models import Deliverable
from deliverables.rounds.board import progress_of_round
from plans.access import get_plan, plan_permission_required, post_only
from plans.common.security_log import log_event
from plans.common.uploads import is_too_large
from plans.form_drafts import form_data
from plans.models import Plan, PlanChanged, Visibility
from plans.page_cache import PRIVATE, PUBLIC, cached_page
from plans.translations import ENGLISH, OTHER_LANGUAGES
from reports.editions.forms import TOO_LARGE, DraftForm, PublishForm, VerifyForm
from reports.editions.models import Edition, EditionDocument
from reports.editions.references import EditionLink
from reports.figures.comparison import Comparison
from reports.figures.snapshot import from_snapshot
from reports.files.context import missing_sentence
from reports.files.formats import FORMATS
from reports.files.pdf import characters_without_font
from reports.files.responses import file_response

PREVIEWS = ("pdf", "html", "xlsx")  # the formats for people, which are marked as previews


@plan_permission_required("reports.publish_edition")
@require_http_methods(["GET", "HEAD", "POST"])
def edition_draft(request, slug):
    """Show the page that prepares the next edition: its form, the preview and the missing information.

    A POST shows it again for the title, the languages and the day that were entered. Nothing is published.
    """
    plan = get_plan(request, slug)
    data = request.GET if request.GET and request.method != "POST" else form_data(request, page=request.path)
    draft = draft_form(plan, data or QueryDict())
    if not draft.is_valid():
        return draft_page(request, plan, draft, draft, status=422 if request.method == "POST" else 200)

    hidden = {"seen": plan.revision, "checked": draft.query, "submission": uuid.uuid4()}
    return draft_page(request, plan, draft, PublishForm(initial=draft.cleaned_data | hidden, plan=plan))


def draft_form(plan, data):
    """Return the form of titles, languages and day, with suggestions for fields that `data` lacks."""
    today = timezone.localdate()
    suggested = {"as_of": today, "title": suggested_title(plan, today, ENGLISH)}
    suggested |= {f"title_{code}": suggested_title(plan, today, code) for code, _name in OTHER_LANGUAGES}
    entered = {name: value for name, value in data.items() if name in suggested}
    return DraftForm(suggested | entered | {"languages": data.getlist("languages")}, plan=plan)


def suggested_title(plan, day, language):
    with override(language):
        return f"{plan.report_name_on(day)} {plan.period}"


def draft_page(request, plan, draft, form, *, status=200):
    """Return the page that prepares an edition. `form` is the form to publish it, or the draft if that is invalid."""
    latest = Edition.objects.latest_of(plan)
    last_round = plan.rounds.select_related("plan__organisation").order_by("-number").first()
    context = {
        "plan": plan,
        "draft": draft,
        "current": Edition.objects.current_of(plan),
        "round": last_round,
        "round_progress": last_round and progress_of_round(last_round),
        "proposals_waiting": plan.proposals.waiting().count(),
        "publish": form,
        "shown_first": form.shown_first if isinstance(form, PublishForm) else form,
        "outdated": status == 409,
        "without_font": characters_without_font_of(plan, draft) if draft.is_valid() else [],
        "is_empty": not Deliverable.objects.of_plan(plan.slug).exists(),
        "is_draft_plan": plan.visibility == Visibility.DRAFT,
        "next_number": latest.number + 1 if latest else 1,
    }
    return render(request, "reports/editions/prepare.html", context, status=status)


def characters_without_font_of(plan, draft):
    """Return the characters that the PDFs of a draft have no font for, each with its name in Unicode.

    With any, they cannot meet the accessibility standards.
    """
    summary, publication = Edition.objects.draft(plan, **draft.edition, on=timezone.localdate())
    letters = set()
    for language in publication.titles:
        with override(language):
            letters.update(characters_without_font(summary, publication))
    return [(letter, unicodedata.name(letter, f"U+{ord(letter):04X}").lower()) for letter in sorted(letters)]


@plan_permission_required("reports.publish_edition")
@require_safe
def edition_preview(request, slug, extension):
    """Return a document of the next edition, marked as a preview."""
    plan = get_plan(request, slug)
    draft = draft_form(plan, request.GET)
    if extension not in PREVIEWS:
        raise Http404
    if not draft.is_valid():
        raise BadRequest(" ".join(error for errors in draft.errors.values() for error in errors))

    summary, publication = Edition.objects.draft(plan, **draft.edition, on=timezone.localdate())
    _content_type, write = FORMATS[extension]
    return file_response(write(summary, publication), f"{plan.slug}-preview.{extension}", inline=True)


@plan_permission_required("reports.publish_edition")
@post_only
def publish_edition(request, slug):
    plan = get_plan(request, slug)
    data = form_data(request)
    form = PublishForm(data, plan=plan)
    if not form.is_valid():
        return draft_page(request, plan, draft_form(plan, data), form, status=422)

    hidden = {name: form.cleaned_data[name] for name in ("seen", "submission")}
    try:
        edition = Edition.objects.publish(plan, by=request.user, **form.edition, **hidden)
    except PlanChanged:
        plan = Plan.objects.get_for(request.user, slug)  # its cached texts are outdated, too
        form.renew(plan)
        return draft_page(request, plan, draft_form(plan, data), form, status=409)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return draft_page(request, plan, draft_form(plan, data), form, status=422)

    log_event("published", request, plan=plan.slug, edition=edition.number)
    messages.success(request, _("Published: %s. Its documents will never change.") % edition)
    return redirect(edition)


@require_safe
@cached_page("since")
def edition_page(request, slug, number):
    """Show an edition: its figures, its documents with their hashes, what changed since an earlier edition."""
    plan = get_plan(request, slug)
    edition = get_object_or_404(Edition.objects.for_page(plan), number=number)
    if edition.is_withdrawn:
        is_erased = any(withdrawal.is_erased for withdrawal in edition.withdrawals.all())
        context = {"plan": plan, "edition": edition, "documents": edition.documents.for_list(), "is_erased": is_erased}
        return render(request, "reports/editions/withdrawn.html", context)

    summary, earlier = from_snapshot(edition.summary), edition_to_compare_with(edition, request.GET.get("since", ""))

    context = {
        "plan": plan,
        "edition": edition,
        "summary": summary,
        "texts": summary.translated_texts(),
        "documents": edition.documents.for_list(),
        "earlier": earlier,
        "changes": earlier and Comparison(from_snapshot(earlier.summary), summary),
        "earlier_numbers": earlier_editions(edition).values_list("number", flat=True),
        "missing": [missing_sentence(kind, codes, summary.counts.total) for kind, codes in edition.missing.items()],
        "untranslated": edition.untranslated,
        "unofficial": edition.unofficial,
        "record_now": record_now(edition, summary),
        "entries_since": plan.history_length - edition.history_length,
    }
    return render(request, "reports/editions/edition.html", context)


def edition_to_compare_with(edition, number):
    """Return the earlier edition with this number, by default that of the nearest earlier day; None without any.

    Raise 400 if there is no such edition.
    """
    editions = earlier_editions(edition)
    if not number:
        return editions.to_compare(edition.plan, edition.as_of)

    earlier = editions.filter(number=int(number)).first() if re.fullmatch("[0-9]{1,9}", number) else None
    if earlier is None:
        raise BadRequest(_("There is no earlier edition “%s” to compare with.") % number[:40].replace("\0", ""))
    return earlier


def earlier_editions(edition):
    """Return the editions published before this one that show no later day: the changes since are no steps back."""
    return edition.plan.editions.filter(number__lt=edition.number, as_of__lte=edition.as_of).readable()


def record_now(edition, summary):
    """Return the counts on the day of an edition as recorded now, or None if no status differs from the edition's.

    They differ when something was recorded or corrected for that day after the edition was published.
    """
    deliverables = (
        Deliverable.objects.of_plan(edition.plan.slug).not_withdrawn(edition.as_of).with_current_status(edition.as_of)
    )
    now = {deliverable.code: deliverable.current_status for deliverable in deliverables}
    return Counts.of(now.values()) if now != {row.code: row.status for row in summary.rows} else None


@require_safe
def edition_document(request, slug, number, extension):
    """Return the stored bytes of a document.

    They never change, but caches must ask each time: the plan may be made private, and after a restore of a backup an
    edition that was lost is published again, with other bytes at the same address.
    """
    documents = EditionDocument.objects.visible_to(request.user)
    documents = documents.filter(edition__plan__slug=slug, edition__number=number, extension=extension)
    document = documents.in_language(get_language()).first()
    if document is None:
        raise Http404

    plan = document.edition.plan
    if document.is_withdrawn:
        return redirect(document.edition)  # its page says why

    if plan.visibility != Visibility.PUBLIC:
        log_event("export of non-public data", request, path=request.get_full_path(), status=200)

    response = file_response(bytes(document.content), document.file_name)
    response["ETag"] = f'"{document.sha256}"'
    response["Cache-Control"] = f"{PUBLIC if plan.visibility == Visibility.PUBLIC else PRIVATE}, no-transform"
    response = get_conditional_response(request, etag=response["ETag"], response=response)
    response["Content-Language"] = document.language
    return response


@csrf_exempt  # it changes nothing, and programs may use it without a cookie
@require_http_methods(["GET", "HEAD", "POST"])
@cached_page("hash")
def verify(request):
    """Show which edition a file, a hash or a link belongs to. A file is hashed as it arrives and never stored."""
    if is_too_large(request):
        return render(request, "reports/editions/verify.html", {"form": VerifyForm(), "refusal": TOO_LARGE}, status=413)

    is_submitted = request.method == "POST" or "hash" in request.GET
    form = VerifyForm(request.POST or request.GET, request.FILES) if is_submitted else VerifyForm()
    context = {"form": form}
    if is_submitted and form.is_valid():
        context |= found_by(form.reference, request.user)

    status = 422 if is_submitted and not form.is_valid() else 200
    return render(request, "reports/editions/verify.html", context, status=status)


def found_by(reference, user):
    """Return what the person may read of that which a hash or an `EditionLink` names, for the page that verifies."""
    if isinstance(reference, EditionLink):
        return {"link": reference, "linked": Edition.objects.at_link(reference, user)}

    documents = list(EditionDocument.objects.with_hash(reference, user))
    made_from = [] if documents else Edition.objects.made_from(reference, user)
    return {"sha256": reference, "documents": documents, "made_from": made_from}
