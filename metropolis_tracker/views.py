import math
import re
from datetime import date

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from metropolis_tracker.accounts.roles import Role
from plans.common.paths import without_language
from plans.common.security_log import log_event
from plans.models import Plan
from plans.page_cache import cached_page

MAX_RETRY_SECONDS = 600  # the longest period of a rate limit, used when the time left is unknown
CHECKED_ON = date(2026, 11, 24)

# By slug: the readers of a guide, and its template.
GUIDES = {
    "reader": (_("Everyone"), "metropolis_tracker/help/reader.html"),
    "board": (Role.BOARD.label, "metropolis_tracker/help/board.html"),
    "regional-secretaries": (Role.REGIONAL_SECRETARIES.label, "metropolis_tracker/help/regional-secretaries.html"),
    "secretariat": (Role.SECRETARIAT.label, "metropolis_tracker/help/secretariat.html"),
    "administrators": (Role.ADMINISTRATORS.label, "metropolis_tracker/help/administrators.html"),
}


def page_not_found(request, exception):
    """Answer 404 with a link to the plan in the URL and its search, if the reader may see that plan."""
    return render(request, "404.html", {"plan": plan_of(request)}, status=404)


def permission_denied(request, exception):
    """Answer 403 and log it as a security event."""
    log_event("access refused", request, path=request.path)
    return render(request, "403.html", status=403)


def too_many_requests(request):
    """Answer 429 with the time to wait. The limits on sign-in set `request.retry_after`, in seconds."""
    seconds = math.ceil(getattr(request, "retry_after", MAX_RETRY_SECONDS))
    context = {"minutes": math.ceil(seconds / 60) or 1}
    response = render(request, "429.html", context, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def bad_request(request, exception):
    """Answer 400, with the message of the `BadRequest` that the view raised, if any."""
    if not isinstance(exception, BadRequest):
        return render(request, "400.html", status=400)
    return render(request, "400.html", {"plan": plan_of(request), "reason": str(exception)}, status=400)


def plan_of(request):
    """Return the plan in the URL, or None if there is none that this reader may see."""
    slug = re.match(r"/plans/([-\w]+)/", without_language(request.path))
    return Plan.objects.visible_to(request.user).filter(slug=slug[1]).first() if slug else None


def not_offered(request):
    """Answer 404 instead of a page of allauth that the tracker does not offer."""
    raise Http404


def favicon(request):
    return redirect(static("icon.svg"))


@require_safe
def robots(request):
    """Tell search engines which pages to leave out: those for people with an account, and filtered lists."""
    prefixes = ["", *(f"/{code}" for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE)]
    folders = ["/admin/", *(f"{prefix}/accounts/" for prefix in prefixes)]
    lines = ["User-agent: *", *(f"Disallow: {folder}" for folder in folders), "Disallow: /*?", "Allow: /*?page="]
    headers = {"Cache-Control": "public, max-age=3600"}
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8", headers=headers)


@require_safe
@cached_page()
def accessibility(request):
    """Show the accessibility statement. `CHECKED_ON` is the date of its last review."""
    context = {"contact": settings.CONTACT_EMAIL, "checked_on": CHECKED_ON}
    return render(request, "metropolis_tracker/accessibility.html", context)


@require_safe
@cached_page()
def guide(request, name=""):
    """Show the guide of this name, or the list of all guides. There is one for each role."""
    if name and name not in GUIDES:
        raise Http404

    title, page = GUIDES.get(name, ("", "metropolis_tracker/help/index.html"))
    started = Plan.objects.visible_to(request.user).filter(starts_on__lte=timezone.localdate())
    context = {"guides": GUIDES, "name": name, "title": title, "plan": started.first()}
    return render(request, page, context)
