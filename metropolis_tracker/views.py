import math
import re
from datetime import date

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from metropolis_tracker.accounts.roles import Role
from plans.common.security_log import log_event
from plans.models import Plan
from plans.page_cache import cached_page

AGAIN_IN = 600  # seconds: the longest that a limit lasts, where none says how much is left of it
CHECKED_ON = date(2026, 11, 24)

# By address: whom a guide is for, and its page.
GUIDES = {
    "reader": (_("Everyone"), "metropolis_tracker/help/reader.html"),
    "board": (Role.BOARD.label, "metropolis_tracker/help/board.html"),
    "regional-secretaries": (Role.REGIONAL_SECRETARIES.label, "metropolis_tracker/help/regional-secretaries.html"),
    "secretariat": (Role.SECRETARIAT.label, "metropolis_tracker/help/secretariat.html"),
    "administrators": (Role.ADMINISTRATORS.label, "metropolis_tracker/help/administrators.html"),
}


def page_not_found(request, exception):
    """404 with a way on: the plan the address lies in, where the reader may see it, and its search."""
    return render(request, "404.html", {"plan": plan_of(request)}, status=404)


def permission_denied(request, exception):
    """403, and told in the security log."""
    log_event("access refused", request, path=request.path)
    return render(request, "403.html", status=403)


def too_many_requests(request):
    """429 that says when to try again: what limits signing in notes it in `again_in`, in seconds."""
    seconds = math.ceil(getattr(request, "again_in", AGAIN_IN))
    context = {"minutes": math.ceil(seconds / 60) or 1}
    response = render(request, "429.html", context, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def bad_request(request, exception):
    """400 with the sentence that says what to do, where the view gave one."""
    if not isinstance(exception, BadRequest):
        return render(request, "400.html", status=400)
    return render(request, "400.html", {"plan": plan_of(request), "reason": str(exception)}, status=400)


def plan_of(request):
    """The plan that the address lies in, None where it lies in none that this reader may see."""
    slug = re.match(r"(?:/[a-z]{2})?/plans/([-\w]+)/", request.path)
    return Plan.objects.visible_to(request.user).filter(slug=slug[1]).first() if slug else None


def not_offered(request):
    raise Http404


def favicon(request):
    return redirect(static("icon.svg"))


@require_safe
@cached_page
def accessibility(request):
    """What is true of the tracker's accessibility; `CHECKED_ON` moves when the statement is gone over again."""
    context = {"contact": settings.CONTACT_EMAIL, "checked_on": CHECKED_ON}
    return render(request, "metropolis_tracker/accessibility.html", context)


@require_safe
@cached_page
def guide(request, name=""):
    """The guides, or one of them: a page for each role."""
    if name and name not in GUIDES:
        raise Http404
    title, page = GUIDES.get(name, ("", "metropolis_tracker/help/index.html"))
    begun = Plan.objects.visible_to(request.user).filter(starts_on__lte=timezone.localdate())
    context = {"guides": GUIDES, "name": name, "title": title, "plan": begun.first()}
    return render(request, page, context)
