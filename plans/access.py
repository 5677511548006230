from datetime import date
from functools import wraps
from urllib.parse import urljoin

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from plans.models import Plan

TYPED_LIMIT = 20_000  # characters; a session is not a place for more


def plan_in_view(request, slug):
    """The plan this person asked to read, and the as-of date it is to be shown at, None for now.

    Raises 404 for a plan that is not theirs to see, 400 with a sentence for a date that cannot be.
    """
    plan = Plan.objects.get_for(request.user, slug)
    return plan, as_of_date(request.GET.get("as_of", ""))


def as_of_date(text):
    """The date written in `?as_of=`; None for nothing written."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise BadRequest(_("“%s” is not a date. Write it as year-month-day, such as 2019-12-31.") % text[:40]) from None
    if day > timezone.localdate():
        raise BadRequest(_("%s is still to come. Choose today or an earlier day.") % day.isoformat())
    return day


def permission_needed(permission):
    """Lets a view be used by those with a permission; 403 for other members.

    A signed-out visitor signs in and comes back to the page they were on, with what they had typed.
    """

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.is_authenticated:
                page = urljoin(request.path, "..") if request.method == "POST" else request.get_full_path()
                keep_typed(request, page)
                return redirect_to_login(page)
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def keep_typed(request, page):
    """Keep what was typed on a page while its author signs in again."""
    fields = request.POST.dict()
    if fields and sum(map(len, fields.values())) <= TYPED_LIMIT:
        request.session["typed"] = {"page": page, "fields": fields}


def typed_before_sign_in(request):
    """What was typed on this page before its author had to sign in, by field."""
    typed = request.session.get("typed", {})
    return typed.get("fields", {}) if typed.get("page") == request.path else {}
