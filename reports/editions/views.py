"""Editions: preparing, publishing, reading and verifying them."""

import re
import uuid

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from deliverables.counts import Counts
from deliverables.models import Deliverable
from plans.access import plan_permission_required, post_only
from plans.common.security_log import log_event
from plans.common.uploads import HashingUploadHandler, is_too_large
from plans.models import Plan, PlanChanged, Visibility
from plans.page_cache import cached_page
from plans.translations import ENGLISH, OTHER_LANGUAGES
from reports.editions.forms import TOO_LARGE, DraftForm, PublishForm, VerifyForm
from reports.editions.models import Edition, EditionDocument
from reports.figures.comparison import Comparison
from reports.figures.snapshot import from_snapshot
from reports.files.context import missing_sentence
from reports.files.formats import FORMATS
from reports.files.pdf import keeps_standards
from reports.files.responses import file_response

PREVIEWS = ("pdf", "html", "xlsx")  # for people, each marked as what it is
FOR_GOOD = "max-age=31536000, immutable, no-transform"


@plan_permission_required("reports.publish_edition")
@require_safe
def edition_draft(request, slug):
    """The next edition in preparation: its title and day, what is missing, the preview, and the form to publish."""
    plan = Plan.objects.get_for(request.user, slug)
    draft = draft_of(plan, request.GET)
    marks = {"seen": plan.revision, "submission": uuid.uuid4()}
    publish = PublishForm(initial=draft.cleaned_data | marks, plan=plan) if draft.is_valid() else None
    return draft_page(request, plan, draft, publish)


def draft_of(plan, typed):
    """The form of titles, languages and day, filled with what was typed, else with what is likely."""
    today = timezone.localdate()
    likely = {"as_of": today, "title": likely_title(plan, today, ENGLISH)}
    likely |= {f"title_{code}": likely_title(plan, today, code) for code, _name in OTHER_LANGUAGES}
    asked = {name: value for name, value in typed.items() if name in likely}
    return DraftForm(likely | asked | {"languages": typed.getlist("languages")}, plan=plan)


def likely_title(plan, day, language):
    with override(language):
        return f"{plan.report_name_on(day)} {plan.period}"


def draft_page(request, plan, draft, publish, *, status=200, outdated=False):
    latest = Edition.objects.latest_of(plan)
    context = {
        "plan": plan,
        "draft": draft,
        "latest": latest,
        "publish": publish,
        "outdated": outdated,
        "can_be_drawn": draft.is_valid() and can_be_drawn(plan, draft),
        "is_empty": not Deliverable.objects.of_plan(plan.slug).exists(),
        "is_draft_plan": plan.visibility == Visibility.DRAFT,
        "next_number": latest.number + 1 if latest else 1,
    }
    return render(request, "reports/editions/prepare.html", context, status=status)


def can_be_drawn(plan, draft):
    """Whether the PDFs of a draft will keep their standards: a character without a font is better mended before."""
    summary, publication = Edition.objects.draft(plan, **draft.edition, on=timezone.localdate())
    for language in publication.titles:
        with override(language):
            if not keeps_standards(summary, publication):
                return False
    return True


@plan_permission_required("reports.publish_edition")
@require_safe
def edition_preview(request, slug, extension):
    """A document of the next edition as it would be, marked as a preview."""
    plan = Plan.objects.get_for(request.user, slug)
    draft = draft_of(plan, request.GET)
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
    plan = Plan.objects.get_for(request.user, slug)
    form = PublishForm(request.POST, plan=plan)
    if not form.is_valid():
        return draft_page(request, plan, draft_of(plan, request.POST), form, status=422)
    marks = {name: form.cleaned_data[name] for name in ("seen", "submission")}
    try:
        edition = Edition.objects.publish(plan, by=request.user, **form.edition, **marks)
    except PlanChanged:
        plan = Plan.objects.get_for(request.user, slug)  # with its words, too, as they are now
        form.renew(plan)
        return draft_page(request, plan, draft_of(plan, request.POST), form, status=409, outdated=True)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return draft_page(request, plan, draft_of(plan, request.POST), form, status=422)
    log_event("published", request, plan=plan.slug, edition=edition.number)
    messages.success(request, _("Published: %s. Its documents will never change.") % edition)
    return redirect(edition)


@require_safe
@cached_page
def edition_page(request, slug, number):
    """An edition for good: its figures, its documents with their hashes, what changed since another edition."""
    plan = Plan.objects.get_for(request.user, slug)
    edition = get_object_or_404(Edition.objects.for_page(plan), number=number)
    summary, earlier = from_snapshot(edition.summary), edition_to_compare_with(edition, request.GET.get("since", ""))
    context = {
        "plan": plan,
        "edition": edition,
        "summary": summary,
        "texts": summary.translated_texts(),
        "documents": edition.documents.for_list(),
        "earlier": earlier,
        "changes": earlier and Comparison(from_snapshot(earlier.summary), summary),
        "earlier_numbers": plan.editions.filter(number__lt=edition.number).values_list("number", flat=True),
        "gaps": [missing_sentence(gap, codes, summary.counts.total) for gap, codes in edition.gaps.items()],
        "untranslated": edition.untranslated,
        "record_now": record_now(edition, summary),
        "entries_since": plan.history_length - edition.history_length,
    }
    return render(request, "reports/editions/edition.html", context)


def edition_to_compare_with(edition, number):
    """The earlier edition that was asked for by its number, else the one before; None for the first."""
    if not number:
        return edition.supersedes
    earlier = edition.plan.editions.filter(number__lt=edition.number)
    found = earlier.filter(number=int(number)).first() if re.fullmatch("[0-9]{1,9}", number) else None
    if found is None:
        raise BadRequest(_("There is no earlier edition “%s” to compare with.") % number[:40].replace("\0", ""))
    return found


def record_now(edition, summary):
    """What the record now says of the day of an edition, as counts, where a deliverable stands otherwise; else None."""
    deliverables = (
        Deliverable.objects.of_plan(edition.plan.slug).not_withdrawn(edition.as_of).with_current_status(edition.as_of)
    )
    now = {deliverable.code: deliverable.current_status for deliverable in deliverables}
    return Counts.of(now.values()) if now != {row.code: row.status for row in summary.rows} else None


@require_safe
def edition_document(request, slug, number, extension):
    """The stored bytes. They never change, so that whoever has them need never ask again."""
    found = EditionDocument.objects.visible_to(request.user)
    found = found.filter(edition__plan__slug=slug, edition__number=number, extension=extension)
    document = found.in_language(get_language()).first()
    if document is None:
        raise Http404
    plan = document.edition.plan
    if plan.visibility != Visibility.PUBLIC:
        log_event("export of non-public data", request, path=request.get_full_path(), status=200)
    response = file_response(bytes(document.content), document.file_name)
    response["ETag"] = f'"{document.sha256}"'
    response["Cache-Control"] = f"{'public' if plan.visibility == Visibility.PUBLIC else 'private'}, {FOR_GOOD}"
    response = get_conditional_response(request, etag=response["ETag"], response=response)
    response["Content-Language"] = document.language
    return response


@csrf_exempt  # it changes nothing, and a program may ask it as well as a person
@require_http_methods(["GET", "HEAD", "POST"])
@cached_page
def verify(request):
    """Which edition a file or a hash is. A file is hashed as it comes in and kept nowhere."""
    if is_too_large(request):
        return render(request, "reports/editions/verify.html", {"form": VerifyForm(), "refusal": TOO_LARGE}, status=413)
    request.upload_handlers = [HashingUploadHandler(request)]
    asked = request.method == "POST" or "hash" in request.GET
    form = VerifyForm(request.POST or request.GET, request.FILES) if asked else VerifyForm()
    context = {"form": form}
    if asked and form.is_valid():
        found = EditionDocument.objects.with_hash(form.sha256, request.user)
        context |= {"sha256": form.sha256, "found": found}
    return render(
        request, "reports/editions/verify.html", context, status=422 if asked and not form.is_valid() else 200
    )
