import json
import time
from datetime import datetime
from functools import wraps
from urllib.parse import urljoin

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from plans.common.dates import date_format
from plans.models import Plan

TYPED_LIMIT = 20_000  # characters; a session is not a place for more
TYPED_SECONDS = 3600  # after that, finding it in the form would be a surprise


def plan_and_date(request, slug):
    """The plan this person asked to read, and the as-of date it is to be shown at, None for now.

    Raises 404 for a plan that is not theirs to see, 400 with a sentence for a date that cannot be.
    """
    plan = getattr(request, "plan_permitted", None) or Plan.objects.get_for(request.user, slug)
    return plan, as_of_date(request.GET.get("as_of", ""), plan)


def as_of_date(text, plan):
    """The date written in `?as_of=`, a day from the plan's first on; None for nothing written."""
    if not text.strip():
        return None
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007 (a day has no time zone)
    except ValueError:
        written = text[:40].replace("\0", "")
        raise BadRequest(_("“%s” is not a date. Write it as year-month-day, such as 2019-12-31.") % written) from None
    if day < plan.starts_on:
        raise BadRequest(_("The plan starts on %s. Choose that day or a later one.") % date_format(plan.starts_on))
    if day > timezone.localdate():
        raise BadRequest(_("%s is still to come. Choose today or an earlier day.") % date_format(day))
    return day


def return_url(request, default):
    """The page of ours that `next` names, so that the reader comes back with their filters; else the default."""
    page = request.POST.get("next") or request.GET.get("next", "")
    is_ours = page.startswith("/") and url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return page if is_ours else default


def post_only(view):
    """Lets a view be posted to, nothing else; whoever loads its address again finds the way to the page above it."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method == "POST":
            return view(request, *args, **kwargs)
        response = render(request, "405.html", {"page": urljoin(request.path, "..")}, status=405)
        response.headers["Allow"] = "POST"
        return response

    return guarded


def plan_permission_required(permission):
    """Lets a view of a plan be used by those with a permission: 403 for other members, 404 where it is not theirs.

    A signed-out visitor signs in and comes back to the page they were on, with what they had typed.
    """

    def decorate(view):
        @wraps(view)
        def guarded(request, slug, *args, **kwargs):
            if not request.user.is_authenticated:
                page = urljoin(request.path, "..") if request.method == "POST" else request.get_full_path()
                store_typed(request, page)
                way = redirect_to_login(page)
                # A part of a page asked for this: the whole page goes to sign in, not that part of it.
                return HttpResponseClientRedirect(way.url) if request.htmx else way
            request.plan_permitted = Plan.objects.get_for(request.user, slug)
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, slug, *args, **kwargs)

        return guarded

    return decorate


def editor_required(view):
    """Lets a page that belongs to no plan be used by those who may make plans; a visitor signs in."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.has_perm("plans.add_plan"):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def member_required(view):
    """Lets a view of a plan be read by those with an account who may read the plan; others sign in, or find nothing."""

    @wraps(view)
    def guarded(request, slug, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, slug, *args, **kwargs)

    return guarded


def store_typed(request, page):
    """Keep what was typed on a page while its author signs in again."""
    fields = request.POST.dict()
    if fields and len(json.dumps(fields)) <= TYPED_LIMIT:
        request.session["typed"] = {"page": page, "fields": fields, "at": time.time()}


def restore_typed(request):
    """What was typed on this page before its author had to sign in, by field."""
    typed = request.session.get("typed", {})
    is_ours = typed.get("page") == request.path and time.time() - typed["at"] < TYPED_SECONDS
    return typed["fields"] if is_ours else {}
