"""Show and verify editions, and give out their documents."""

import re

from django.core.exceptions import BadRequest
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from deliverables.counts import Counts
from deliverables.models import Deliverable
from plans.access import get_plan
from plans.cache_entries import PRIVATE
from plans.common.security_log import log_event
from plans.common.uploads import is_too_large
from plans.models import Visibility
from plans.page_cache import PUBLIC, cached_page
from reports.editions.draft_forms import WRITTEN
from reports.editions.forms import TOO_LARGE, VerifyForm
from reports.editions.models import Edition, EditionDocument
from reports.editions.publication import TEXT_NAMES
from reports.editions.references import EditionLink
from reports.figures.comparison import Comparison
from reports.figures.snapshot import from_snapshot
from reports.files.responses import file_response
from reports.files.sentences import missing_sentence


@require_safe
def current_edition(request, slug):
    """Redirect to the current edition of a plan, or to its reports where there is none: the address to share."""
    plan = get_plan(request, slug)
    edition = plan.editions.current_of(plan)
    response = redirect(edition or reverse("reports", args=[slug]))
    response["Cache-Control"] = "no-cache"  # the next edition takes its place
    return response


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
        "main": edition.documents.for_panel(),
        "written": written_texts(edition, summary),
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


def written_texts(edition, summary):
    """Return what was written for an edition, as (label, text), in the active language where it is written in it."""
    texts = [(WRITTEN[name][0], edition.text(name)) for name in TEXT_NAMES]
    titles = summary.translated_texts()
    comments = [(titles.get(line.title), edition.text("comments", line.code)) for line in summary.lines]
    return [(label, text) for label, text in texts + comments if text]


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
def edition_document(request, slug, number, kind, extension):
    """Return the stored bytes of a document.

    They never change, but caches must ask each time: the plan may be made private, and after a restore of a backup an
    edition that was lost is published again, with other bytes at the same address.
    """
    documents = EditionDocument.objects.visible_to(request.user)
    documents = documents.filter(edition__plan__slug=slug, edition__number=number, kind=kind, extension=extension)
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
