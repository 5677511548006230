"""What a reader is told when something fails: 403 for an expired form, 503 for the database, else 500.

The first two show what was typed, to be sent again.
"""

import sys
from http import HTTPStatus

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError
from django.http import HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_protect

from metropolis_tracker.middleware.form_drafts import is_from_our_page, is_secret
from plans.common.waiting import unavailable
from plans.form_drafts import long_texts
from plans.page_cache import NO_STORE


def server_error(request):
    """The page for an error that nothing expected. Locked, slow, gone or full: a database comes back."""
    error = sys.exc_info()[1]
    if not isinstance(error, (OperationalError, InterfaceError, InternalError)):
        return HttpResponseServerError(render_to_string("500.html"), headers={"Cache-Control": NO_STORE})
    return unavailable(send_again_context(request, with_token=True) if not is_forged(request) else {})


def csrf_failure(request, reason=""):
    """Answer 403 to a form that has expired, with what was typed and a button that sends it again.

    What another site posted is not shown.
    """
    context = send_again_context(request, with_token=False) if is_from_our_page(request) else {}
    return render(request, "403_csrf.html", context, status=403)


def send_again_context(request, *, with_token):
    """Return the context of `components/send_again.html`: what was typed into a form of ours, unless it is secret."""
    fields = request.POST.lists() if request.method == "POST" and not is_secret(request) else []
    typed = [(name, text) for name, texts in fields for text in texts if with_token or name != "csrfmiddlewaretoken"]
    return {
        "page": request.get_full_path(),
        "fields": typed,
        "texts": long_texts(typed),
        "has_files": bool(typed and request.FILES),
    }


def is_forged(request):
    """Return whether the request lacks the token of our forms; it may have failed before the token was checked."""
    try:
        return csrf_protect(lambda request: HttpResponse())(request).status_code == HTTPStatus.FORBIDDEN
    except (DatabaseError, InterfaceError):  # the page about a forged form cannot be rendered either
        return True
