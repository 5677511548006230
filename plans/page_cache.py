"""What a visitor reads is a function of the plan's revision, the address and the day: it is rendered once, then kept.

Pages of those signed in are their own: rendered for them, kept by nobody. Nothing else is needed to make a kept page
stale than what makes it another page: a change of anything a plan shows raises its revision.
"""

import gzip
import hashlib
import re
import time
from functools import cache, wraps
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.html import format_html
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _

from plans.common.dates import date_format
from plans.common.security_log import log_event
from plans.models import Plan, Visibility

PUBLIC = "public, max-age=0, s-maxage=10, stale-if-error=86400"  # a shared cache asks again after ten seconds
NO_STORE = "private, no-store"
PRIVATE = "private, no-cache"  # the reader's browser may keep it, and asks each time
MAX_BYTES = 300_000  # bytes of an answer that is kept
RETRY_SECONDS = 1  # seconds within which a dead connection has failed; a database that hangs takes longer
STALE_SECONDS = 3600  # seconds in which a page may stand in while the database does not answer

# In SQL, since it is asked for every page: building it by the ORM costs three times as much as asking.
PLAN_REVISION = "SELECT id, revision FROM plans_plan WHERE slug = %s AND visibility = 'public'"
ALL_REVISIONS = "SELECT count(*), coalesce(sum(revision), 0) FROM plans_plan"

# Files of editions answer by themselves: their bytes never change.
CACHED_PATHS = re.compile(
    r"(?:/[a-z]{2})?/(?:plans/(?:(?P<slug>[-\w]+)/(?!editions/\d+/summary\.).*)?|(?:help|accessibility|data|verify)/.*)"
)
NOTICES = b'<div id="notices" role="status">'
NOTICE = '<p class="banner">{}</p>'


def cached_page(view):
    """Lets what a view answers a visitor be kept. It must show nothing that a plan's revision does not cover."""

    @wraps(view)
    def keeping(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response.is_cacheable = response.status_code == 200
        return response

    return keeping


def cached_file(view):
    """The same for a file of a plan. Whoever is signed in asks for it again only when it changed, by its `ETag`."""

    @wraps(view)
    def keeping(request, slug, *args, **kwargs):
        if not request.user.is_authenticated:
            return cached_page(view)(request, slug, *args, **kwargs)
        plan = Plan.objects.get_for(request.user, slug)
        etag = etag_for(cache_key(request, (plan.pk, plan.revision, request.user.pk)))
        response = get_conditional_response(request, etag=etag) or view(request, slug, *args, **kwargs)
        if plan.visibility != Visibility.PUBLIC:
            log_event("export of non-public data", request, path=request.get_full_path(), status=response.status_code)
        elif response.status_code in (200, 304):
            set_cache_headers(response, etag, PRIVATE)
        return response

    return keeping


class PageCacheMiddleware:
    """Answers visitors with what is kept, and says of every answer who else may keep it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        match = CACHED_PATHS.fullmatch(request.path_info) if is_from_visitor(request) else None
        response = self.answer(request, match["slug"]) if match else self.get_response(request)
        response.headers.setdefault("Cache-Control", NO_STORE)
        return response

    def answer(self, request, slug):
        try:
            state = plan_state(slug)
        except DatabaseError:
            if page := stale_copy(request):
                return page
            raise
        if state is None:
            return self.get_response(request)
        key = cache_key(request, state)
        if unchanged := get_conditional_response(request, etag=etag_for(key)):
            return set_cache_headers(unchanged, etag_for(key), PUBLIC)
        response = fetch(request, key)
        if response is None:
            response = self.get_response(request)
            if not getattr(response, "is_cacheable", False) or response.cookies:
                return response
            response = store(request, key, response)
        return set_cache_headers(response, etag_for(key), PUBLIC)


def is_from_visitor(request):
    """Whether nobody is signed in who could see more, and nothing waits to be told to them."""
    its_own = {settings.SESSION_COOKIE_NAME, settings.MESSAGES_COOKIE_NAME} & request.COOKIES.keys()
    return request.method in ("GET", "HEAD") and not its_own and "HX-Request" not in request.headers


def plan_state(slug):
    """What a visitor's pages follow from: the plan's revision, or without a slug those of all plans. One query.

    None for a plan that is not public.
    """
    connection.health_check_done = True  # this query itself finds a connection that died since the last request
    began = time.monotonic()
    try:
        return query_state(slug)
    except DatabaseError:
        if connection.in_atomic_block or time.monotonic() - began > RETRY_SECONDS:
            raise
        connection.close()
        return query_state(slug)


def query_state(slug):
    with connection.cursor() as cursor:
        cursor.execute(*(PLAN_REVISION, [slug]) if slug else (ALL_REVISIONS,))
        return cursor.fetchone()


def cache_key(request, state):
    """The name under which an answer is kept: a digest of all that it follows from."""
    parts = (release_digest(), *state, timezone.localdate(), request.get_full_path())
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def etag_for(key):
    return f'W/"{key}"'


def set_cache_headers(response, etag, who):
    """The answer with what it is known by, and who may keep it."""
    response.headers["ETag"], response.headers["Cache-Control"] = etag, who
    response.headers["Vary"] = "Cookie, Accept-Encoding"
    return response


@cache
def release_digest():
    """A digest of the code and texts that pages are made of, so that a new release shares nothing with the old."""
    digest = hashlib.sha256(f"{settings.SITE_URL} {settings.TIME_ZONE} {settings.CONTACT_EMAIL}".encode())
    kinds = ("*.py", "*.html", "*.mo", "*.typ", "*.txt", "*.json")
    folders = ("metropolis_tracker", "reports", "deliverables", "plans", "templates", ".ci")
    for path in sorted(
        path for name in folders for kind in kinds for path in Path(settings.BASE_DIR, name).rglob(kind)
    ):
        digest.update(path.read_bytes())
    manifest = Path(settings.STATIC_ROOT, "staticfiles.json")
    digest.update(manifest.read_bytes() if manifest.exists() else b"")
    return digest.hexdigest()


def entry_name(request, key):
    """Where an answer lies: as its bytes, or compressed for those who take that."""
    return f"{key}/{'gzip' if accepts_gzip(request) else 'plain'}"


def accepts_gzip(request):
    return re.search(r"\bgzip\b", request.headers.get("Accept-Encoding", "")) is not None


def fetch(request, key):
    """The answer kept under a key, or None."""
    match = caches["pages"].get(entry_name(request, key))
    return match and HttpResponse(match["content"], headers=match["headers"])


def store(request, key, response):
    """Keep an answer, and give it out as it will be given out from now on."""
    content = response.content
    headers = {name: value for name, value in response.items() if name != "Content-Length"}  # of what is not yet packed
    if accepts_gzip(request):
        content, headers["Content-Encoding"] = gzip.compress(content, 6, mtime=0), "gzip"
    if len(content) <= MAX_BYTES and not settings.DEBUG:
        name, pages = entry_name(request, key), caches["pages"]
        pages.set(name, {"content": content, "headers": headers, "at": timezone.now()}, None)
        pages.set(latest_entry_key(request), name, STALE_SECONDS)
    return HttpResponse(content, headers=headers)


def latest_entry_key(request):
    """Where it is noted under which name an address was last kept."""
    digest = hashlib.sha256(request.get_full_path().encode()).hexdigest()
    return f"last/{digest}/{accepts_gzip(request)}"


def stale_copy(request):
    """The page as it was last drawn, saying so, while the database does not answer; None where none is kept."""
    pages = caches["pages"]
    match = pages.get(pages.get(latest_entry_key(request), ""))
    if not match:
        return None
    with override(get_language_from_path(request.path_info) or settings.LANGUAGE_CODE):
        text = _("The database does not answer just now. This page is as it was at %(time)s on %(day)s.")
        moment = timezone.localtime(match["at"])
        notice = format_html(NOTICE, text % {"time": f"{moment:%H:%M}", "day": date_format(moment)})
    headers = dict(match["headers"])
    is_packed = headers.pop("Content-Encoding", None) == "gzip"
    content = gzip.decompress(match["content"]) if is_packed else match["content"]
    return HttpResponse(content.replace(NOTICES, NOTICES + notice.encode(), 1), headers=headers)
