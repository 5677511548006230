"""Cache pages for anonymous visitors.

The cache key is the plan's timeline and revision, the URL, the date and a digest of the release. Every change of a plan
raises its revision, so it invalidates the plan's pages without naming them. Pages of signed-in people are never cached.
"""

import gzip
import hashlib
import re
import time
from functools import wraps
from inspect import signature

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _

from plans.access import get_plan
from plans.cache_entries import (
    PRIVATE,
    accepts_gzip,
    cache_key,
    entry_name,
    etag_for,
    fetch,
    is_worth_storing,
    pack,
    response_of,
    set_cache_headers,
)
from plans.common.dates import date_format
from plans.common.paths import without_language
from plans.common.security_log import log_event
from plans.common.text import normalise
from plans.common.waiting import waiting_at_most
from plans.file_limits import count_file, is_over_limit, too_many_files, turn_to_make_a_file
from plans.form_drafts import view_of
from plans.member_pages import kept_for_members, private_for_members
from plans.memory import plan_states
from plans.models import Visibility

# A shared cache asks again after ten seconds, and serves nothing older: a plan may have been made private meanwhile.
PUBLIC = "public, max-age=0, s-maxage=10"
NO_STORE = "private, no-store"
LOCKED_SECONDS = 1  # how long a page waits for the state of its plan: PostgreSQL may have locked the whole table
RETRY_SECONDS = 1  # a dead connection fails faster than this, a database that hangs does not
OVERVIEWS = "-"  # stands for the pages that belong to no plan, which may show any
PAGE_SECONDS = 24 * 3600  # how long a page is stored: its key has the date
STALE_SECONDS = 3600  # how long a page may be served while the database is not responding

# In SQL, since every page runs it: building this query with the ORM takes three times as long as running it.
PLAN_STATE = "SELECT id, timeline, revision FROM plans_plan WHERE slug = %s AND visibility = 'public'"
ALL_STATES = "SELECT count(*), max(CAST(timeline AS varchar)), coalesce(sum(revision), 0) FROM plans_plan"

# The files of editions are left out: they never change, and their views set headers of their own.
CACHED_PATHS = re.compile(
    r"/(?:plans/(?:(?P<slug>[-\w]+)/(?!editions/\d+/[-\w]+\.).*)?|(?:help|accessibility|data|verify)/.*)"
)
READ_AS_SENT = {"hash", "from", "to"}  # of forms that say what is missing or wrong
NOTICES = b'<div id="notices" role="status">'
NOTICE = '<p class="banner">{}</p>'


def cached_page(*parameters, has_form=False):
    """Return a decorator for a view whose pages may be cached for visitors, and kept for members if they are a plan's.

    `parameters` are the names that the view reads from the query: visitors' requests lose all others. Everything that
    such a page shows must raise the plan's revision when it changes: otherwise visitors would read an outdated page,
    and nothing would show it. `has_form` is as for `kept_for_members`.
    """

    def decorate(view):
        is_of_plan = "slug" in signature(view).parameters
        view = kept_for_members(view, has_form=has_form) if is_of_plan else private_for_members(view)

        @wraps(view)
        def cacheable(request, *args, **kwargs):
            response = view(request, *args, **kwargs)
            response.is_cacheable = response.status_code == 200
            return response

        cacheable.parameters = set(parameters)
        return cacheable

    return decorate


def cached_file(*parameters):
    """Return a decorator for a view that returns a file of a plan: cached for visitors, else with an `ETag`.

    `parameters` is as for `cached_page`. One file is made at a time. Downloads of a plan that is not public are logged,
    and no browser may store them. Members may choose the rows of a file by link checks, which have a revision of their
    own.
    """

    def decorate(view):
        def make(request, slug, *args, **kwargs):
            if is_over_limit(request):
                return too_many_files(request)
            get_plan(request, slug)  # raises 404: what does not exist is not counted
            count_file(request)
            with turn_to_make_a_file():
                # Somebody else may have made the same one meanwhile.
                return fetch(request, getattr(request, "cache_key", ""), caches["pages"]) or view(
                    request, slug, *args, **kwargs
                )

        @wraps(view)
        def cacheable(request, slug, *args, **kwargs):
            if not request.user.is_authenticated:
                return cached_page()(make)(request, slug, *args, **kwargs)

            plan = get_plan(request, slug)
            etag = etag_for(cache_key(request, (plan.version, plan.reporting_revision, request.user.pk)))
            response = get_conditional_response(request, etag=etag) or make(request, slug, *args, **kwargs)

            if plan.visibility != Visibility.PUBLIC:
                path = request.get_full_path()
                log_event("export of non-public data", request, path=path, status=response.status_code)
            elif response.status_code in (200, 304):
                set_cache_headers(response, etag, PRIVATE)
            return response

        cacheable.parameters = set(parameters)
        return cacheable

    return decorate


class PageCacheMiddleware:
    """Middleware that serves cached pages to visitors, and sets `Cache-Control` on every response."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.get_host()  # raises `DisallowedHost` for a foreign name: a page from the cache would not look at it
        match = CACHED_PATHS.fullmatch(without_language(request.path_info)) if is_from_visitor(request) else None
        response = self.answer(request, match["slug"]) if match else self.get_response(request)
        response.headers.setdefault("Cache-Control", NO_STORE)
        return response

    def answer(self, request, slug):
        """Return a 304, the cached page, or a new page, which is then cached. `slug` is None for pages of no plan."""
        # The revision is read before the page is rendered: a change in between leaves a page that is newer than its
        # key. The other way round, an outdated page would be stored under the new key, and stay.
        read_at = timezone.now()
        if request.META.get("QUERY_STRING"):
            drop_unknown_parameters(request)
        try:
            with waiting_at_most(LOCKED_SECONDS):
                state = plan_state(slug)
        except DatabaseError:
            if page := stale_copy(request, slug):
                page.is_stale = True
                return page
            raise
        if state is None:
            if caches["pages"].get(served_key(slug)):
                forget_stale_copies(slug)
                caches["pages"].delete(served_key(slug))
            return self.get_response(request)

        key = cache_key(request, state)
        if unchanged := get_conditional_response(request, etag=etag_for(key)):
            return set_cache_headers(unchanged, etag_for(key), PUBLIC)

        response = fetch(request, key, caches["pages"])
        if response is None:
            request.cache_key = key
            request.method = "GET"  # the answer to a HEAD is cached for both, and the server sends no body
            response = self.get_response(request)
            if not getattr(response, "is_cacheable", False) or response.cookies:
                return response
            response = store(request, key, response, slug=slug, read_at=read_at)
        return set_cache_headers(response, etag_for(key), PUBLIC)


def is_from_visitor(request):
    """Return whether a request gets the page that all visitors get: no session, no notices waiting, no part of it."""
    has_own_cookies = {settings.SESSION_COOKIE_NAME, settings.MESSAGES_COOKIE_NAME} & request.COOKIES.keys()
    return request.method in ("GET", "HEAD") and not has_own_cookies and "HX-Request" not in request.headers


def drop_unknown_parameters(request):
    """Leave of the query only what the view reads, each name once, in one order, without empty ones.

    Otherwise anybody could have the same page rendered again and again, and fill the cache with it.
    """
    with override(language_of(request)):
        view = view_of(request)
    if not hasattr(view, "parameters"):
        return

    sent = {name: request.GET[name] for name in sorted(view.parameters & request.GET.keys())}
    known = {name: text if name in READ_AS_SENT else normalise(text) for name, text in sent.items()}
    known = {name: text for name, text in known.items() if text or name in READ_AS_SENT}
    request.META["QUERY_STRING"] = urlencode(known)
    request.GET = QueryDict(request.META["QUERY_STRING"])


def language_of(request):
    """Return the language in a path. The middleware that activates it comes later."""
    return get_language_from_path(request.path_info) or settings.LANGUAGE_CODE


def plan_state(slug):
    """Return the id, timeline and revision of a public plan, None if it is not public. One query.

    Without a slug, return what changes with any change of any plan, for pages that show several plans. Remembered for a
    second in each worker, so that a visitor may see a change a second later.
    """
    return plan_states.get(slug, lambda: read_state(slug))


def is_public(slug):
    """Return whether every visitor may read what has this address: a public plan, or, without a slug, no plan."""
    with waiting_at_most(LOCKED_SECONDS):
        return slug is None or plan_state(slug) is not None


def read_state(slug):
    """Query the state, with a new connection where the old one has died."""
    began = time.monotonic()
    try:
        return query_state(slug)
    except DatabaseError:
        # A connection that died since the last request fails at once: try again with a new one. Not in a transaction,
        # which would be lost, and not after a long wait: a database that hangs would only hang again.
        if connection.in_atomic_block or time.monotonic() - began > RETRY_SECONDS:
            raise
        connection.close()
        return query_state(slug)


def query_state(slug):
    """Run the query of `plan_state` once."""
    with connection.cursor() as cursor:
        cursor.execute(*(PLAN_STATE, [slug]) if slug else (ALL_STATES,))
        return cursor.fetchone()


def store(request, key, response, *, slug, read_at):
    """Cache a response, and return it as it will be served from the cache, compressed where the browser accepts it.

    `slug` is the plan of the page, None for none, and `read_at` a moment before its state was read: see `stale_copy`.
    """
    entry = pack(request, response, at=read_at)
    if is_worth_storing(entry):
        name, pages = entry_name(request, key), caches["pages"]
        pages.set(name, entry, PAGE_SECONDS)
        pages.set(latest_entry_key(request), name, STALE_SECONDS)
        if slug:
            pages.set(served_key(slug), True, STALE_SECONDS)

    return response_of(entry)


def latest_entry_key(request):
    """Return the key that holds the name of a URL's latest cache entry, which `stale_copy` needs."""
    digest = hashlib.sha256(request.get_full_path().encode()).hexdigest()
    return f"last/{digest}/{accepts_gzip(request)}"


def served_key(slug):
    """Return the key that says that pages of a plan were cached here, so that `stale_copy` may have them."""
    return f"served/{slug}"


def forget_stale_copies(slug):
    """Serve none of the copies made until now of a plan's pages: it is no longer public. Applies to all workers."""
    now = timezone.now()
    for key in (slug, OVERVIEWS):
        # A request that read the plan before may store its page a moment later: the mark outlives that copy too.
        caches["withdrawals"].set(key, now, STALE_SECONDS + 60)


def stale_copy(request, slug):
    """Return the last cached version of a page with a notice of its age, or None. For when the database is down.

    The revision is unknown then, so the page cannot be found by its key: only by its URL. Whether the plan is still
    public is unknown too, so a page is not shown if any worker has seen since that its plan no longer is.
    """
    pages = caches["pages"]
    entry = pages.get(pages.get(latest_entry_key(request), ""))
    withdrawn_at = caches["withdrawals"].get(slug or OVERVIEWS)
    if not entry or (withdrawn_at and entry["at"] <= withdrawn_at):
        return None

    with override(language_of(request)):
        text = _("The database is not responding. This page was saved at %(time)s on %(day)s.")
        moment = timezone.localtime(entry["at"])
        notice = format_html(NOTICE, text % {"time": f"{moment:%H:%M}", "day": date_format(moment)})

    headers = dict(entry["headers"])
    is_compressed = headers.pop("Content-Encoding", None) == "gzip"
    content = gzip.decompress(entry["content"]) if is_compressed else entry["content"]
    return HttpResponse(content.replace(NOTICES, NOTICES + notice.encode(), 1), headers=headers)
