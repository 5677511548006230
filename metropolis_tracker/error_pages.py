"""What a reader is told when something fails: 503 and what they typed where it is the database, else 500."""

import sys
from http import HTTPStatus

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError
from django.http import HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_protect
from redis.exceptions import RedisError

from plans.form_drafts import long_texts
from plans.page_cache import NO_STORE

RETRY_AFTER = "10"  # seconds
SIGN_IN = "/accounts/"  # what is typed there is secret: it is typed again


def server_error(request):
    """The page for an error that nothing expected. Locked, slow, gone or full: a database, or a cache, comes back."""
    error = sys.exc_info()[1]
    if not isinstance(error, OperationalError | InterfaceError | InternalError | RedisError):
        return HttpResponseServerError(render_to_string("500.html"), headers={"Cache-Control": NO_STORE})
    typed = posted_fields(request)
    context = {
        "page": request.get_full_path(),
        "fields": typed,
        "texts": long_texts(typed),
        "has_files": bool(typed and request.FILES),
    }
    headers = {"Retry-After": RETRY_AFTER, "Cache-Control": NO_STORE}
    return HttpResponse(render_to_string("503.html", context), status=503, headers=headers)


def posted_fields(request):
    """What was typed into one of our own forms, by field, to be sent again as it is; nothing that others posted."""
    if request.method != "POST" or SIGN_IN in request.path or is_forged(request):
        return []
    return [(name, text) for name, texts in request.POST.lists() for text in texts]


def is_forged(request):
    """Return whether the request lacks the token of our forms; it may have failed before the token was checked."""
    try:
        return csrf_protect(lambda request: HttpResponse())(request).status_code == HTTPStatus.FORBIDDEN
    except (DatabaseError, InterfaceError, RedisError):  # the page about a forged form cannot be rendered either
        return True
