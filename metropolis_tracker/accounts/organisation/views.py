"""The way to the organisation's provider and back.

The form does not redirect to the provider. Browsers apply `form-action` of the Content-Security-Policy to every
redirection after a form, and nobody knows to which hosts a provider redirects. So it leads to a page that goes on.
"""

import time
from functools import wraps

from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.cache import caches
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from metropolis_tracker.accounts.organisation.problems import SignInProblem, problem_page
from metropolis_tracker.accounts.organisation.provider import OrganisationOAuth
from plans.common.security_log import network_of

LANGUAGE = "organisation_language"
A_MINUTE = 60  # requests of an address, such as that of an office, that each worker answers; a sign-in has two


def showing_problems(view):
    """Let a view answer a `SignInProblem` with its page, and too many requests of one address with 429."""

    @wraps(view)
    def answer(request):
        if is_flood(request):
            request.retry_after = 60
            return ratelimit.respond_429(request)
        try:
            return view(request)
        except SignInProblem as error:
            return problem_page(request, error)

    return answer


def is_flood(request):
    """Return whether an address asks too often. Counted without the database, which strangers shall not slow down."""
    key = f"organisation/{network_of(request)}/{int(time.time() / 60)}"
    counts = caches["limits"]
    counts.add(key, 0, 60)
    try:
        return counts.incr(key) > A_MINUTE
    except ValueError:  # evicted meanwhile
        return False


@never_cache
@require_POST
@showing_problems
def start(request):
    """Lead to the provider: to sign in or, who is signed in, to prove again who they are."""
    provider = get_adapter().get_provider(request, settings.OIDC.url)
    process, params = AuthProcess.LOGIN, {}
    if request.user.is_authenticated:
        # Google has no “login”, which asks for the password.
        prompt = "select_account" if settings.OIDC.is_google else "login"
        process, params = AuthProcess.REDIRECT, {"prompt": prompt, "max_age": "0"}

    address = provider.redirect(request, process, get_next_redirect_url(request), auth_params=params).url
    request.session[LANGUAGE] = translation.get_language()  # the address that the provider returns to has none
    page = render(request, "socialaccount/login_redirect.html", {"address": address})
    page.headers["Refresh"] = f"0; url={address}"
    return page


def in_language_of_start(view):
    """Let a view, with its pages about problems, answer in the language in which the sign-in began."""

    @wraps(view)
    def answer(request):
        request.LANGUAGE_CODE = request.session.get(LANGUAGE, request.LANGUAGE_CODE)
        with translation.override(request.LANGUAGE_CODE):
            return view(request)

    return answer


@never_cache
@require_safe
@in_language_of_start
@showing_problems
def callback(request):
    """Sign in whom the provider names, and go on to where they wanted to go."""
    return OAuth2CallbackView.adapter_view(OrganisationOAuth(request, settings.OIDC.url))(request)


@never_cache
@require_safe
@login_required
def reauthenticate(request):
    """Show the button by which somebody proves again who they are."""
    context = {"next": get_next_redirect_url(request) or ""}
    return render(request, "account/reauthenticate_organisation.html", context)
