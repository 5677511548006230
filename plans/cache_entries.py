"""Entries of the page cache and their keys, and the headers by which browsers ask whether a page is still the same."""

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

PRIVATE = "private, no-cache"  # the reader's browser may store it, but revalidates each time
MAX_BYTES = 300_000  # larger responses are not cached


def cache_key(request, state):
    """Return the cache key of a response: a digest of everything that the response depends on."""
    parts = (release_digest(), *state, timezone.localdate(), request.get_full_path())
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def etag_for(key):
    return f'W/"{key}"'


def set_cache_headers(response, etag, cache_control):
    """Set the headers that caches need, and return the response."""
    response.headers["ETag"], response.headers["Cache-Control"] = etag, cache_control
    response.headers["Vary"] = "Cookie, Accept-Encoding"
    return response


@cache
def release_digest():
    """Return a digest of the code, templates and translations, so that a new release never serves the old one's pages.

    A file that pages depend on and that is not read here could leave outdated pages in the cache after a release.
    """
    digest = hashlib.sha256(f"{settings.SITE_URL} {settings.TIME_ZONE} {settings.CONTACT_EMAIL}".encode())
    kinds = ("*.py", "*.html", "*.mo", "*.typ", "*.txt", "*.json", "*.css")
    folders = ("metropolis_tracker", "reports", "deliverables", "plans", "templates", "static", ".ci")
    for path in sorted(
        path for name in folders for kind in kinds for path in Path(settings.BASE_DIR, name).rglob(kind)
    ):
        digest.update(path.read_bytes())

    manifest = Path(settings.STATIC_ROOT, "staticfiles.json")
    digest.update(manifest.read_bytes() if manifest.exists() else b"")
    return digest.hexdigest()


def entry_name(request, key):
    """Return the name of a cache entry: responses are stored compressed or plain, as browsers accept them."""
    return f"{key}/{'gzip' if accepts_gzip(request) else 'plain'}"


def accepts_gzip(request):
    return re.search(r"\bgzip\b", request.headers.get("Accept-Encoding", "")) is not None


def fetch(request, key, cache):
    """Return the response that a cache has under a key, None without one."""
    return response_of(cache.get(entry_name(request, key)))


def response_of(entry):
    """Return an entry as a response; None without one."""
    return entry and HttpResponse(entry["content"], headers=entry["headers"])


def pack(request, response, **values):
    """Return the entry of a response, compressed where the browser accepts it, with more values."""
    content = response.content
    headers = {name: value for name, value in response.items() if name != "Content-Length"}  # that of the plain bytes
    if accepts_gzip(request):
        content, headers["Content-Encoding"] = gzip.compress(content, 6, mtime=0), "gzip"
    return {"content": content, "headers": headers} | values


def is_worth_storing(entry):
    return len(entry["content"]) <= MAX_BYTES and not settings.DEBUG
