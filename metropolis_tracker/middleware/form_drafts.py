"""Store what people send in vain: when their session has ended, their form has expired, or it has an error.

A signed cookie says who was signed in with this browser last, since the session that has ended does not. Where nobody
was, what was sent waits in a cookie of its own, if it is short enough: the database keeps nothing for strangers.
"""

import re
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

from django import db
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from plans.access import return_url
from plans.common.paths import without_language
from plans.form_drafts import ACCOUNT_PAGES, FormDraft, form_page_path, typed_fields, view_of

SALT = "last-person"
COOKIE_SECONDS = 90 * 24 * 3600
RENEW_SECONDS = 30 * 24 * 3600
DRAFT_SALT, DRAFT_SECONDS = "draft", 3600
MAX_COOKIE_LENGTH = 3800  # browsers take about 4000 characters


class FormDraftMiddleware:
    """Stores the fields of a form that was sent in vain, and discards the draft of one that was saved.

    It comes after the body limit, since it reads the fields, and before the second factor, which refuses requests.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if request.method == "POST" and view_of(request) not in (save_draft, discard_draft) and not is_secret(request):
            with suppress(db.Error):  # what was typed is saved, or on the page about the failure
                self.update_draft(request, response)
        if request.user.is_authenticated:
            remember_person(request, response)
            with suppress(db.Error):
                draft_from_cookie(request, response)
        elif was_signed_in:
            # They signed out, and the browser may be somebody else's: nothing of theirs stays in it, nor behind “Back”.
            response.delete_cookie(settings.PERSON_COOKIE_NAME)
            response.headers["Clear-Site-Data"] = '"cache"'
        return response

    def update_draft(self, request, response):
        """Store or discard the draft of the form that this request sent."""
        if not typed_fields(request.POST.lists()) or not is_from_our_page(request):
            return
        if getattr(view_of(request), "csrf_exempt", False):
            return  # programs may post there

        person = request.user if request.user.is_authenticated else last_person(request)
        if person is None:
            set_cookie_of_stranger(request, response)
        elif is_saved(request, response):
            FormDraft.objects.discard(person, form_page_path(request), timezone.now())
        elif request.user.is_authenticated or response.status_code == 403 or leads_to_account(response):
            FormDraft.objects.store(person, form_page_path(request), request.POST.lists(), timezone.now())


def is_saved(request, response):
    """Return whether a form did what it should: it redirects, or answers htmx, elsewhere than to sign in."""
    is_answer = response.status_code in (302, 303) or (response.status_code == 200 and "HX-Request" in request.headers)
    return is_answer and not leads_to_account(response)


def leads_to_account(response):
    """Return whether a response sends the browser to sign in, or to set up a second factor."""
    target = response.headers.get("Location") or response.headers.get("HX-Redirect", "")
    return without_language(urlsplit(target).path).startswith(ACCOUNT_PAGES)


def is_from_our_page(request):
    """Return whether a form was sent from a page of this site, by the header that browsers send and no page can forge.

    Without it, another site could plant a text that the person would then find in their form.
    """
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.scheme}://{request.get_host()}"


def set_cookie_of_stranger(request, response):
    """Put what was sent into a cookie of the browser, if it is short enough, until somebody signs in there."""
    if not leads_to_account(response):
        return
    waiting = {"page": form_page_path(request), "fields": typed_fields(request.POST.lists())}
    text = signing.dumps(waiting, salt=DRAFT_SALT, compress=True)
    if len(text) <= MAX_COOKIE_LENGTH:
        set_cookie(response, settings.DRAFT_COOKIE_NAME, text, DRAFT_SECONDS)


def draft_from_cookie(request, response):
    """Make a draft of what waits in a cookie: its author has signed in."""
    if settings.DRAFT_COOKIE_NAME not in request.COOKIES:
        return
    response.delete_cookie(settings.DRAFT_COOKIE_NAME)
    with suppress(signing.BadSignature):
        text = request.COOKIES[settings.DRAFT_COOKIE_NAME]
        waiting = signing.loads(text, salt=DRAFT_SALT, max_age=DRAFT_SECONDS)
        FormDraft.objects.store(request.user, waiting["page"], waiting["fields"].items(), timezone.now())


def remember_person(request, response):
    """Set the cookie that names the person, unless the browser has a recent one."""
    if last_person_id(request, RENEW_SECONDS) == str(request.user.pk):
        return
    text = signing.dumps(str(request.user.pk), salt=SALT)
    set_cookie(response, settings.PERSON_COOKIE_NAME, text, COOKIE_SECONDS)


def set_cookie(response, name, text, seconds):
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, text, max_age=seconds, secure=secure, httponly=True, samesite="Lax")


def last_person(request):
    """Return the person who was last signed in with this browser, None if nobody was or their account is inactive."""
    key = last_person_id(request, COOKIE_SECONDS)
    return key and get_user_model().objects.filter(pk=key, is_active=True).first()


def last_person_id(request, max_age):
    try:
        return signing.loads(request.COOKIES.get(settings.PERSON_COOKIE_NAME, ""), salt=SALT, max_age=max_age)
    except signing.BadSignature:
        return None


@require_POST
def save_draft(request):
    """Store what somebody types, also after their session has ended.

    The header `Form-Page` names the page of the form, `Form-Begun` how many milliseconds ago they began to type.
    """
    person = request.user if request.user.is_authenticated else last_person(request)
    if person:
        now, begun = timezone.now(), request.headers.get("Form-Begun", "")
        age = timedelta(milliseconds=int(begun) if re.fullmatch("[0-9]{1,12}", begun) else 0)
        page = request.headers.get("Form-Page", "")
        FormDraft.objects.store(person, page, request.POST.lists(), now, begun_at=now - age)
    return HttpResponse(status=204)


@require_POST
def discard_draft(request):
    """Discard a draft, and go back to its page, whose form is then in its first state."""
    if request.user.is_authenticated:
        page = request.headers.get("Form-Page") or request.POST.get("page", "")
        FormDraft.objects.discard(request.user, page, timezone.now())
    return HttpResponse(status=204) if "Form-Page" in request.headers else redirect(return_url(request, "/"))


def is_secret(request):
    return without_language(request.path_info).startswith(ACCOUNT_PAGES)
