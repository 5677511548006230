import threading
from contextlib import contextmanager

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from requests import Session

from metropolis_tracker.accounts.organisation.id_token import check_is_fresh, check_nonce, is_fresh
from metropolis_tracker.accounts.organisation.people import person_of
from metropolis_tracker.accounts.organisation.problems import Problem, SignInProblem, problem_page
from metropolis_tracker.accounts.organisation.session import note_proof
from plans.common.security_log import log_event
from plans.common.waiting import Busy, WaitingRoom

TIMEOUT = (3, 5)  # seconds: to connect, and for each part of an answer
# Of its own: while a provider hangs, nobody else is refused a wait for the database.
provider_room = WaitingRoom(1)
places = threading.BoundedSemaphore(2)  # the seat, and one who waits for it: more would hold all threads


class ProviderSession(Session):
    """Requests to the provider, one at a time, so that one that is slow or hangs does not hold all threads."""

    def request(self, *args, **kwargs):
        with place(), provider_room.seat():
            # A redirection could lead to an address that is not https.
            return super().request(*args, **{"timeout": TIMEOUT} | kwargs | {"allow_redirects": False})


@contextmanager
def place():
    """Take one of the places for the block. Raise `Busy` if there is none, even where the provider answers soon."""
    if not places.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        places.release()


class OrganisationAdapter(DefaultSocialAccountAdapter):
    """Leads allauth's sign-in by a provider to a person whom the tracker knows, or to a page that says why not."""

    def list_apps(self, request, provider=None, client_id=None):
        """Return the one provider of the settings. Links belong to its issuer: another one has other people."""
        organisation = settings.OIDC
        app = SocialApp(
            provider="openid_connect",
            provider_id=organisation.url,
            name=organisation.name[:40],
            client_id=organisation.client_id,
            secret=organisation.secret,
            settings={"server_url": organisation.url},
        )
        return [app]

    def get_requests_session(self):
        return ProviderSession()

    def pre_social_login(self, request, sociallogin):
        """Choose the person who is signed in, or check that it is the one who is."""
        try:
            check_nonce(sociallogin.claims, sociallogin.state.get("nonce"))
            if sociallogin.state.get("process") == AuthProcess.REDIRECT:
                prove_again(request, sociallogin.claims)
            else:
                sociallogin.user = person_of(sociallogin.claims, request)
                request.is_named_by_provider = True
                if is_fresh(sociallogin.claims):
                    note_proof(request)
                log_event("named by the organisation's provider", request, account=sociallogin.user.pk)
        except SignInProblem as error:
            raise ImmediateHttpResponse(problem_page(request, error)) from error

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        """Answer with our page: a state that this browser does not have, or an error that the provider sent."""
        refusal = request.GET.get("error")
        if refusal:
            problem, detail = Problem.REFUSED, "access_denied" if refusal == "access_denied" else "another error"
        elif "state_id" in (extra_context or {}):
            problem, detail = Problem.EXPIRED, ""
        else:
            problem, detail = Problem.MISCONFIGURED, type(exception).__name__
        raise ImmediateHttpResponse(problem_page(request, SignInProblem(problem, detail)))


def prove_again(request, claims):
    """Note that the person who is signed in has just proved who they are. Raise `SignInProblem` if they have not."""
    check_is_fresh(claims)
    if not request.user.is_authenticated or person_of(claims, request) != request.user:
        raise SignInProblem(Problem.OTHER_PERSON)
    note_proof(request)
    log_event("proved to the organisation's provider who they are", request)
