"""allauth's provider of OpenID Connect with what it leaves out: nonce, signature, issuer, and https.

What the provider sends is checked here; who that is in the tracker, `people` decides.
"""

import secrets
import time
from contextlib import contextmanager

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.urls import reverse
from requests import RequestException

from metropolis_tracker.accounts.organisation.id_token import checked_claims, has_key
from metropolis_tracker.accounts.organisation.problems import Problem, SignInProblem
from plans.common.waiting import Busy

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
FROM_USERINFO = ("name", "email", "email_verified")
REMEMBER_SECONDS = 300  # for which a process goes by what the provider said about itself
NEW_KEYS_SECONDS = 60  # after which it is asked again, by a token of a key that is not known
remembered = {}  # by address: the moment of the answer, and the answer
OAUTH_ERRORS = ("invalid_client", "unauthorized_client", "invalid_grant", "invalid_request", "redirect_uri")


@contextmanager
def asking_provider():
    """Turn whatever goes wrong in a conversation with the provider into a `SignInProblem`."""
    try:
        yield
    except Busy as error:
        raise SignInProblem(Problem.AWAY, "too many wait for it") from error
    except RequestException as error:
        status = getattr(error.response, "status_code", 0)
        problem = Problem.MISCONFIGURED if 300 <= status < 500 else Problem.AWAY
        raise SignInProblem(problem, f"{type(error).__name__} {status or ''}".strip()) from error
    except OAuth2Error as error:
        code = next((code for code in OAUTH_ERRORS if code in str(error)), "no token")
        hint = ": check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET" if "client" in code else ""
        raise SignInProblem(Problem.MISCONFIGURED, code + hint) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SignInProblem(Problem.MISCONFIGURED, f"an answer without sense, {type(error).__name__}") from error


def fetch(url, **options):
    """Return the JSON object at an address of the provider."""
    with asking_provider(), get_adapter().get_requests_session() as session:
        response = session.get(url, **options)
        response.raise_for_status()
        if response.is_redirect:
            raise RequestException(response=response)
        answer = response.json()
        if not isinstance(answer, dict):
            raise TypeError
        return answer


def fetch_seldom(url, seconds, check=lambda answer: None):
    """Return the JSON object at an address of the provider, or what it was if that is not `seconds` ago.

    What `check` refuses, by raising an error, is not remembered.
    """
    moment, answer = remembered.get(url, (0, None))
    if answer is None or time.monotonic() - moment > seconds:
        answer = fetch(url)
        check(answer)
        remembered[url] = time.monotonic(), answer
    return answer


def keys_for(token, url):
    """Return the provider's keys; those of now, at most once a minute, if none of those remembered is the token's."""
    keys = fetch_seldom(url, REMEMBER_SECONDS)
    return keys if has_key(token, keys) else fetch_seldom(url, NEW_KEYS_SECONDS)


class OrganisationOAuth(OpenIDConnectOAuth2Adapter):
    """The conversation with the provider: its addresses, the exchange of the code, the claims."""

    @property
    def openid_config(self):
        """Return the provider's description of itself. Its issuer must be the one of the settings, to the letter."""
        url = settings.OIDC.url.rstrip("/") + "/.well-known/openid-configuration"
        return fetch_seldom(url, REMEMBER_SECONDS, check_description)

    def get_callback_url(self, request, app):
        """Return the address that is registered at the provider, whatever host name was requested."""
        return settings.SITE_URL + reverse("organisation_callback")

    def get_access_token_data(self, request, app, client, pkce_code_verifier=None):
        with asking_provider():
            return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def parse_token(self, data):
        """Return a token that is used once, for `complete_login`, and never stored."""
        return SocialToken(token=data["access_token"])

    def complete_login(self, request, app, token, **kwargs):
        """Return the login of whom the ID token names. An address that it lacks is asked for."""
        config = self.openid_config
        token_of_person = kwargs["response"].get("id_token")
        claims = checked_claims(token_of_person, keys_for(token_of_person, config["jwks_uri"]))
        if "email" not in claims and config.get("userinfo_endpoint"):
            headers = {"Authorization": f"Bearer {token.token}"}
            more = fetch(config["userinfo_endpoint"], headers=headers)
            if more.get("sub") != claims["sub"]:
                raise SignInProblem(Problem.NOT_GENUINE, "userinfo is about somebody else")
            claims = with_address(claims, more)
        login = self.get_provider().sociallogin_from_response(request, claims)
        login.claims = claims
        return login


def with_address(claims, userinfo):
    """Return the claims of a token with the address that userinfo has. Userinfo alone can vouch for that address."""
    signed = {name: value for name, value in claims.items() if name not in ("email_verified", "xms_edov")}
    return signed | {name: userinfo[name] for name in FROM_USERINFO if name in userinfo}


def check_description(config):
    """Raise `SignInProblem` unless this describes the provider of the settings, with addresses that are private."""
    if config.get("issuer") != settings.OIDC.url:
        raise SignInProblem(Problem.MISCONFIGURED, f"OIDC_URL should be {str(config.get('issuer'))[:200]!r}")
    schemes = ("https://", "http://") if settings.OIDC.is_on_loopback else ("https://",)
    urls = [config.get(name) for name in ENDPOINTS] + [config.get("userinfo_endpoint") or config.get("jwks_uri")]
    if not all(isinstance(url, str) and url.startswith(schemes) for url in urls):
        raise SignInProblem(Problem.MISCONFIGURED, "an address of the provider is missing or not https")


class OrganisationProvider(OpenIDConnectProvider):
    """Sends people to the provider, with a nonce that its answer has to repeat."""

    oauth2_adapter_class = OrganisationOAuth

    def redirect(self, request, process, next_url=None, data=None, **kwargs):
        """Return the redirection to the provider. `next_url` is where the person wanted to go."""
        nonce = secrets.token_urlsafe(24)
        params = {"nonce": nonce} | kwargs.pop("auth_params", {})
        return super().redirect(request, process, next_url, data, **kwargs, nonce=nonce, auth_params=params)

    def extract_uid(self, data):
        return data["sub"]

    def extract_extra_data(self, data):
        """Return nothing: the tracker stores no claims."""
        return {}

    def extract_common_fields(self, data):
        """Return nothing: allauth makes nobody's account."""
        return {}

    def extract_email_addresses(self, data):
        return []
