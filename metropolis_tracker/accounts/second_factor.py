"""A second factor besides the password: asked of those who can change what others read."""

import base64
import hashlib
import re
from urllib.parse import urljoin

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from plans.access import store_typed

LEFT_OPEN = re.compile(r"(/[a-z]{2})?/(accounts|language)/")  # what they need to set one up, or to leave


class SecondFactorMiddleware:
    """Sends those whose role asks for a second factor to where they set one up, wherever they want to go."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.lacks_second_factor = settings.SECOND_FACTOR and lacks_second_factor(request.user)
        if LEFT_OPEN.match(request.path_info):
            return self.get_response(request)
        if not request.lacks_second_factor:
            if request.user.is_authenticated and "wanted" in request.session:
                del request.session["wanted"]
            return self.get_response(request)
        page = reverse("mfa_index")
        if "HX-Request" in request.headers:
            return HttpResponseClientRedirect(page)
        store_wanted_page(request)
        return HttpResponseRedirect(page)


def store_wanted_page(request):
    """Keep the page they wanted, and what they typed on it, until they have set one up."""
    wanted = urljoin(request.path, "..") if request.method == "POST" else request.get_full_path()
    store_typed(request, wanted)
    request.session["wanted"] = wanted


def lacks_second_factor(user):
    """Whether somebody of the Secretariat or an administrator has only a password."""
    return user.is_authenticated and user.has_perm("deliverables.record_status") and not is_mfa_enabled(user)


class MFAAdapter(DefaultMFAAdapter):
    """Keeps the secrets of apps and recovery codes unreadable for whoever reads only the database."""

    def encrypt(self, text):
        return keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return keys().decrypt(encrypted_text.encode()).decode()


def keys():
    """The key in use, and those before it, which can still be read with."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(f"second factor {secret}".encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
