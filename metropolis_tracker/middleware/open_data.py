"""Let the pages of other sites read the data of public plans (CORS), as everybody may: see `docs/security.md`.

The answer must be the one that every visitor gets: nothing of a plan that is not public, and nothing that a session
has a part in. No answer allows credentials.
"""

import re

from django.conf import settings
from django.http import HttpResponse

from plans.common.paths import without_language
from plans.page_cache import is_public

# Files alone: a page of another site has no use for our pages, and may frame the one that is made for it.
DATA = re.compile(
    r"/plans/(?P<slug>[-\w]+)/"
    r"(?:(?:summary|brief|changes|history|calendar)|regions/[-\w]+/(?:summary|calendar)|editions/\d+/[-\w]+)\.[\w.]+"
    r"|/data/summary\.schema\.json"
)
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "600",
}
ANSWER = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Content-Disposition"}


def open_data(get_response):
    """Return the middleware that sets the headers, and that answers a browser that asks whether it may ask."""

    def answer(request):
        match = DATA.fullmatch(without_language(request.path_info))
        if match and is_preflight(request) and is_public(match["slug"]):
            return HttpResponse(status=204, headers=PREFLIGHT)

        response = get_response(request)
        if match and is_for_everybody(request, response):
            for name, value in ANSWER.items():
                response.headers[name] = value
        return response

    return answer


def is_preflight(request):
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def is_for_everybody(request, response):
    """Return whether an answer is what each visitor gets: one that a shared cache may store, or a copy of it."""
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    is_shared = response.headers.get("Cache-Control", "").startswith("public") or getattr(response, "is_stale", False)
    return response.status_code in (200, 304) and is_shared and not has_session
