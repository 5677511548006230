"""Require a second factor, besides the password, from people who can change what others read."""

import base64
import hashlib
import re

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from metropolis_tracker.accounts.organisation.session import is_by_organisation
from plans.common.paths import without_language
from plans.form_drafts import form_page_path

EXEMPT_PATHS = re.compile(r"/(accounts|language)/")  # needed to set up a second factor or to sign out


class SecondFactorMiddleware:
    """Redirects people who need a second factor, and have none, to the page where they set one up.

    It comes after the middleware that sets `request.user`, `request.session` and the language of the redirect, and it
    covers every page except `EXEMPT_PATHS`. A new page is therefore protected without anyone having to think of it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.needs_second_factor = (
            settings.SECOND_FACTOR
            and needs_second_factor(request.user)
            and not is_by_organisation(request, request.user)  # its provider asks for one
        )
        if EXEMPT_PATHS.match(without_language(request.path_info)):
            return self.get_response(request)
        if not request.needs_second_factor:
            if request.user.is_authenticated and "requested_page" in request.session:
                del request.session["requested_page"]
            return self.get_response(request)

        page = reverse("mfa_index")
        if "HX-Request" in request.headers:
            return HttpResponseClientRedirect(page)
        store_wanted_page(request)
        return HttpResponseRedirect(page)


def store_wanted_page(request):
    """Store the page they asked for until they have set up a second factor. What they typed becomes a form draft."""
    request.session["requested_page"] = form_page_path(request)


def needs_second_factor(user):
    """Return whether this is a member of the Secretariat or an administrator who has only a password."""
    return user.is_authenticated and user.has_perm("deliverables.record_status") and not is_mfa_enabled(user)


class MFAAdapter(DefaultMFAAdapter):
    """Encrypts the secrets of authenticator apps and recovery codes, so that a copy of the database reveals none."""

    def encrypt(self, text):
        return fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return fernet().decrypt(encrypted_text.encode()).decode()


def fernet():
    """Return the cipher of `SECRET_KEY`, which also decrypts what was encrypted under `SECRET_KEY_FALLBACKS`."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(f"second factor {secret}".encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
