"""Who may see which page: the plan of a request, permissions, and sign-in."""

from datetime import datetime
from functools import wraps
from urllib.parse import urljoin

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from plans.common.dates import future_error, not_a_date, start_error
from plans.common.text import normalise
from plans.form_drafts import form_page_path
from plans.models import Plan


def get_plan(request, slug):
    """Return the plan of a request, fetched once per request. Raise 404 if this person may not read it.

    A request must name one plan only: the first that is fetched is returned for any slug.
    """
    if getattr(request, "plan", None) is None:
        request.plan = Plan.objects.get_for(request.user, slug)
        request.plan.is_only_read = request.method in ("GET", "HEAD")
    return request.plan


def plan_and_date(request, slug):
    """Return the plan of a request and its as-of date, None for today.

    Raises 404 for a plan that this person may not read, and 400 with an explanation for an invalid date.
    """
    plan = get_plan(request, slug)
    return plan, as_of_date(request.GET.get("as_of", ""), plan)


def as_of_date(text, plan):
    """Return the date in the text of `?as_of=`, None for an empty text. Raise 400 unless the plan has that date."""
    if not text.strip():
        return None

    try:
        day = datetime.strptime(normalise(text), "%Y-%m-%d").date()  # noqa: DTZ007 (a day has no time zone)
    except ValueError:
        raise BadRequest(not_a_date(text)) from None

    if error := start_error(day, plan) or future_error(day, timezone.localdate()):
        raise BadRequest(error)
    return day


def return_url(request, default):
    """Return the path in `next`, so that readers come back with their filters, or the default.

    Only paths of this site are accepted: otherwise a crafted link could redirect anywhere.
    """
    path = request.POST.get("next") or request.GET.get("next", "")
    is_local = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_local else default


def post_only(view):
    """Decorate a view to accept POST only. Other methods get a 405 page with a link to the page above."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method == "POST":
            return view(request, *args, **kwargs)

        response = render(request, "405.html", {"page": urljoin(request.path, "..")}, status=405)
        response.headers["Allow"] = "POST"
        return response

    guarded.is_post_only = True  # see `form_page_path`
    return guarded


def redirect_to_sign_in(request):
    """Send somebody to sign in, and then back to the page they are on, whose form shows what they had typed."""
    to_login = redirect_to_login(form_page_path(request))
    # htmx follows an ordinary redirect and puts the sign-in page into the list: this one moves the browser.
    return HttpResponseClientRedirect(to_login.url) if request.htmx else to_login


def plan_permission_required(permission):
    """Decorate a view of a plan to require a permission: 403 without it, 404 if the person may not read the plan.

    A signed-out visitor is sent to sign in, and comes back to the page they were on with what they had typed.
    """

    def decorate(view):
        @wraps(view)
        def guarded(request, slug, *args, **kwargs):
            if not request.user.is_authenticated:
                return redirect_to_sign_in(request)

            get_plan(request, slug)
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, slug, *args, **kwargs)

        return guarded

    return decorate


def editor_required(view):
    """Decorate a view that belongs to no plan to require the permission to create plans. Visitors sign in first."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect_to_sign_in(request)

        if not request.user.has_perm("plans.add_plan"):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def account_required(view):
    """Decorate a view to require an account. Whether the person may read a plan is up to the view."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        return view(request, *args, **kwargs) if request.user.is_authenticated else redirect_to_sign_in(request)

    return guarded
