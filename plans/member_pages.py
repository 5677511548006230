"""Keep pages of a plan for the member who has read them, so that reading one again costs no rendering.

A page is kept under the state of the plan and of its reports, and whatever of the person and of the request it shows:
nobody gets a page of somebody else's. Each worker keeps its own, and no shared cache stores any.
"""

from functools import wraps

from django.contrib.messages import get_messages
from django.core.cache import caches
from django.utils.cache import get_conditional_response

from plans.access import get_plan
from plans.cache_entries import (
    PRIVATE,
    cache_key,
    entry_name,
    etag_for,
    fetch,
    is_worth_storing,
    pack,
    set_cache_headers,
)
from plans.form_drafts import draft_on
from plans.models import Visibility


def kept_for_members(view, *, has_form=False):
    """Return a view of a plan whose page is kept for each member. `has_form` says whether it may show a form draft.

    What such a page shows must raise the plan's revision when it changes, or its reporting revision: see `Plan`.
    """

    @wraps(view)
    def keeping(request, slug, *args, **kwargs):
        if not may_keep(request):
            return view(request, slug, *args, **kwargs)

        plan = get_plan(request, slug)
        key = cache_key(request, [plan.version, *shown_of(request, has_form=has_form)])
        response = get_conditional_response(request, etag=etag_for(key)) or fetch(request, key, caches["members"])
        if response is None:
            request.page_version = etag_for(key)  # for static/js/shown_again.js
            response = view(request, slug, *args, **kwargs)
            if response.status_code != 200 or response.cookies:
                return response
            entry = pack(request, response)
            if is_worth_storing(entry):
                caches["members"].set(entry_name(request, key), entry, None)
        # The browser keeps no page of a plan that is not public, so that going back asks for it again.
        is_public = plan.visibility == Visibility.PUBLIC
        return set_cache_headers(response, etag_for(key), PRIVATE) if is_public else response

    return keeping


def private_for_members(view):
    """Return a view of no plan whose page a member's browser may show again when they go back."""

    @wraps(view)
    def asked_again(request, *args, **kwargs):
        is_page = may_keep(request)
        response = view(request, *args, **kwargs)
        if is_page and response.status_code == 200:
            response.headers["Cache-Control"] = PRIVATE
        return response

    return asked_again


def may_keep(request):
    """Return whether the answer is a whole page of a member that shows no message, which is for one time only."""
    is_page = request.method == "GET" and "HX-Request" not in request.headers and "CSRF_COOKIE" in request.META
    return is_page and request.user.is_authenticated and not len(get_messages(request))


def shown_of(request, *, has_form):
    """Return what a page shows besides the plan: the state of its reports, and of the person."""
    person, draft = request.user, has_form and draft_on(request, request.path)
    return [
        request.plan.reporting_revision,
        request.META["CSRF_COOKIE"],
        person.pk,
        person.name,
        sorted(map(str, person.roles)),
        person.is_superuser,
        person.region_id,
        person.last_visit_at,
        draft and draft.saved_at,
    ]
