"""What a reader is told when something fails: 503 and what they typed where it is the database, else 500."""

import sys

from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpResponse, HttpResponseServerError
from django.middleware.csrf import CsrfViewMiddleware
from django.template.loader import render_to_string
from redis.exceptions import RedisError

from plans.page_cache import NO_STORE

AGAIN_IN = "10"  # seconds
SIGN_IN = "/accounts/"  # what is typed there is secret: it is typed again


def server_error(request):
    """The page for an error that nothing expected. Locked, slow, gone or full: a database, or a cache, comes back."""
    error = sys.exc_info()[1]
    if not isinstance(error, OperationalError | InterfaceError | InternalError | RedisError):
        return HttpResponseServerError(render_to_string("500.html"), headers={"Cache-Control": NO_STORE})
    typed = typed_here(request)
    context = {
        "page": request.get_full_path(),
        "fields": typed,
        "texts": [text for name, text in typed if name != "csrfmiddlewaretoken" and (" " in text or len(text) > 40)],
        "has_files": bool(typed and request.FILES),
    }
    headers = {"Retry-After": AGAIN_IN, "Cache-Control": NO_STORE}
    return HttpResponse(render_to_string("503.html", context), status=503, headers=headers)


def typed_here(request):
    """What was typed into one of our own forms, by field, to be sent again as it is; nothing that others posted."""
    if request.method != "POST" or SIGN_IN in request.path or is_forged(request):
        return []
    return [(name, text) for name, texts in request.POST.lists() for text in texts]


def is_forged(request):
    """Whether it lacks the token of our forms: it may have failed before that was looked at."""
    return TokenCheck(server_error).process_view(request, server_error, (), {}) is not None


class TokenCheck(CsrfViewMiddleware):
    """The check alone, without the page that tells of it."""

    def _reject(self, request, reason):
        return reason
