"""Prepare and publish the next edition: write, check, publish."""

import unicodedata

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from deliverables.models import Deliverable
from deliverables.rounds.board import progress_of_round
from plans.access import get_plan, plan_permission_required, post_only
from plans.common.imported_on_use import imported_on_use
from plans.common.security_log import log_event
from plans.form_drafts import form_data
from plans.models import Plan, PlanChanged, Visibility
from reports.editions.draft_forms import EditionForm, PublishForm
from reports.editions.drafts import EditionDraft
from reports.editions.models import Edition
from reports.files.formats import DOCUMENTS
from reports.files.responses import file_response

PREVIEWS = ("pdf", "html", "docx", "pptx", "xlsx", "png")  # the formats for people, which are marked as previews
characters_without_font = imported_on_use("reports.files.pdf.characters_without_font")


@plan_permission_required("reports.publish_edition")
@require_http_methods(["GET", "HEAD", "POST"])
def edition_draft(request, slug):
    """Write what the next edition says besides the figures. It is stored as a draft; nothing is published."""
    plan = get_plan(request, slug)
    with transaction.atomic():
        if request.method == "POST":
            Plan.objects.select_for_update().get(pk=plan.pk)  # two who save at once do so one after the other
        draft = EditionDraft.objects.of(plan)
        form = EditionForm(form_data(request), draft=draft)
        if not form.is_bound and draft.fields:
            form = with_errors_of_draft(form, draft)
        if request.method == "POST" and form.is_valid():
            EditionDraft.objects.store(plan, form.changed_values, by=request.user)
            return redirect("edition_check", slug)

    context = {"plan": plan, "form": form, "draft": draft, "next_number": next_number(plan)}
    return render(request, "reports/editions/write.html", context, status=422 if request.method == "POST" else 200)


def with_errors_of_draft(form, draft):
    """Return the form of a draft with its errors where it is no longer valid, such as after its meeting was removed."""
    checked = EditionForm.of_draft(draft)
    return form if checked.is_valid() else checked


def next_number(plan):
    latest = Edition.objects.latest_of(plan)
    return latest.number + 1 if latest else 1


@plan_permission_required("reports.publish_edition")
@require_safe
def edition_check(request, slug):
    """Show all that the next edition would freeze, its preview, and what is missing."""
    plan = get_plan(request, slug)
    draft = EditionDraft.objects.of(plan)
    edition = EditionForm.of_draft(draft)
    if not edition.is_valid():
        messages.error(request, _("Something is missing for an edition. Please complete the form."))
        return redirect("edition_draft", slug)
    return check_page(request, draft, edition, PublishForm(draft=draft))


def check_page(request, draft, edition, publish, *, status=200):
    """Return the page that checks an edition. `edition` is the valid form of its draft, `publish` that to publish."""
    plan, last_round = draft.plan, draft.plan.rounds.select_related("plan__organisation").order_by("-number").first()
    summary, publication = Edition.objects.draft(plan, **edition.edition, on=timezone.localdate())
    context = {
        "plan": plan,
        "draft": draft,
        "edition": edition,
        "publish": publish,
        "summary": summary,
        "publication": publication,
        "changes": publication.changes,
        "missing": missing_by_name(publication.missing, summary),
        "current": Edition.objects.current_of(plan),
        "round": last_round,
        "round_progress": last_round and progress_of_round(last_round),
        "proposals_waiting": plan.proposals.waiting().count(),
        "outdated": status == 409,
        "without_font": characters_without_font_of(summary, publication),
        "is_empty": not Deliverable.objects.of_plan(plan.slug).exists(),
        "is_draft_plan": plan.visibility == Visibility.DRAFT,
    }
    return render(request, "reports/editions/check.html", context, status=status)


def missing_by_name(missing, summary):
    """Return the deliverables that lack something, by what they lack, as the rows of the summary."""
    rows = {row.code: row for row in summary.rows}
    return {kind: [rows[code] for code in codes if code in rows] for kind, codes in missing.items()}


def characters_without_font_of(summary, publication):
    """Return the characters that the PDFs of an edition have no font for, each with its name in Unicode.

    With any, they cannot meet the accessibility standards.
    """
    letters = set()
    for language in publication.titles:
        with override(language):
            letters.update(characters_without_font(summary, publication))
    return [(letter, unicodedata.name(letter, f"U+{ord(letter):04X}").lower()) for letter in sorted(letters)]


@plan_permission_required("reports.publish_edition")
@require_safe
def edition_preview(request, slug, kind, extension):
    """Return a document of the next edition, marked as a preview."""
    plan = get_plan(request, slug)
    edition = EditionForm.of_draft(EditionDraft.objects.of(plan))
    if (kind, extension) not in DOCUMENTS or extension not in PREVIEWS:
        raise Http404
    if not edition.is_valid():
        return redirect("edition_draft", slug)

    summary, publication = Edition.objects.draft(plan, **edition.edition, on=timezone.localdate())
    content = DOCUMENTS[kind, extension](summary, publication)
    return file_response(content, f"{plan.slug}-{kind}-preview-{get_language()}.{extension}", inline=True)


@plan_permission_required("reports.publish_edition")
@post_only
def publish_edition(request, slug):
    """Publish what was checked. An error leads back to the page that checks it, with what is there now."""
    plan = get_plan(request, slug)
    draft = EditionDraft.objects.of(plan)
    edition = EditionForm.of_draft(draft)
    if not edition.is_valid():
        return redirect("edition_check", slug)

    form = PublishForm(form_data(request), draft=draft, lacks_something=edition.lacks_something)
    if not form.is_valid():
        return check_page(request, draft, edition, form, status=422)
    try:
        published = form.publish(edition, by=request.user)
    except PlanChanged:
        draft.plan = Plan.objects.get_for(request.user, slug)  # its cached texts are outdated, too
        edition = EditionForm.of_draft(draft)
        if not edition.is_valid():
            return redirect("edition_draft", slug)
        form.renew()
        return check_page(request, draft, edition, form, status=409)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return check_page(request, draft, edition, form, status=422)

    log_event("published", request, plan=plan.slug, edition=published.number)
    messages.success(request, _("Published: %s. Its documents will never change.") % published)
    return redirect(published)
