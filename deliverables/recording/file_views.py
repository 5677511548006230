"""Uploading a file for a form, and downloading a file of evidence."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls.converters import StringConverter
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from deliverables.evidence.attached import Attached, store_upload
from deliverables.evidence.content import KINDS
from deliverables.models import EvidenceFile, EvidenceItem, ProposalItem
from deliverables.proposals.rights import records_directly, reportable
from plans.access import account_required, get_plan, post_only
from plans.common.security_log import log_event
from plans.models import Plan, Visibility

# Whatever a file holds, no browser runs it as a part of this site.
POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"


class Sha256(StringConverter):
    """The SHA-256 of a file in an address, in hexadecimal."""

    regex = "[0-9a-f]{64}"


@post_only
@account_required
def upload_file(request, slug):
    """Store one file for a form. Return what the form shows of it, or 422 with a sentence about what is wrong.

    Only those who record, or report on something in the plan, may upload.
    """
    plan = get_plan(request, slug)
    if not (records_directly(request.user) or reportable(request.user, plan).exists()):
        raise PermissionDenied
    return answer_upload(request)


def answer_upload(request):
    """Store the file of a request, and return its row on the form; 422 with a sentence if it cannot be accepted."""
    upload = request.FILES.get("files")
    try:
        if upload is None:
            raise ValidationError(_("No file arrived. Choose it again."))
        piece = store_upload(upload)
    except ValidationError as error:
        return HttpResponse(" ".join(error.messages), status=422, content_type="text/plain; charset=utf-8")
    return render(request, "deliverables/recording/attached_file.html", {"file": Attached(piece)})


@require_safe
def evidence_file(request, sha256):
    """Return a file of evidence as a download, to whoever may read a plan that has it. Raise 404 for other people."""
    file = EvidenceFile.objects.filter(sha256=sha256).first()
    found = file and (found_in(file, request.user) or proposed(file, request.user))
    if not found:
        raise Http404
    kind, (title, is_public) = KINDS[file.kind], found
    try:
        with file.open() as content:
            # In one piece: the server holds a thread until it has all pieces of a response, however slow the reader is.
            response = HttpResponse(content.read(), content_type=kind.content_type)
    except OSError:
        raise Http404 from None

    response.headers["Content-Disposition"] = content_disposition_header(True, f"{title}.{kind.extension}")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-cache" if is_public else "private, no-store"
    patch_vary_headers(response, ["Cookie"])
    if not is_public:
        log_event("export of non-public data", request, path=request.path, status=200)
    return response


def found_in(file, user):
    """Return the title of a file that is evidence in a plan the person may read, and whether it is public; or None."""
    items = EvidenceItem.objects.filter(file=file.sha256, update__plan__in=Plan.objects.visible_to(user))
    item = items.select_related("update__plan").order_by("-update__plan__visibility", "-pk").first()  # public first
    return item and (item.title or _("Document"), item.update.plan.visibility == Visibility.PUBLIC)


def proposed(file, user):
    """Return the same of a file in a proposal, for the secretariat and the author of the proposal. It is not public."""
    if not user.is_authenticated:
        return None
    items = ProposalItem.objects.filter(file=file.sha256, proposal__plan__in=Plan.objects.visible_to(user))
    if not user.has_perm("deliverables.record_status"):
        items = items.filter(proposal__proposed_by=user)
    item = items.order_by("-pk").first()
    return item and (item.title or _("Document"), False)
