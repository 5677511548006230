"""Sign-in of the organisation by OpenID Connect, as the settings OIDC_... say. Off where OIDC_URL is not set."""

import importlib.util
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from metropolis_tracker.config.production_checks import LOOPBACK

PACKAGES = ("requests", "jwt", "oauthlib")  # the extra `oidc`
APPS = ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
ROLES = ("board", "regional-secretaries", "secretariat", "administrators")  # by rank, as `add_person` names them
MAX_URL_LENGTH = 200  # of the column that names the provider of a linked person
GOOGLE = "https://accounts.google.com"
# Tenants of Microsoft that stand for others: everybody with an account of any organisation, or of their own.
MANY_TENANTS = {"common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"}


@dataclass(frozen=True)
class OrganisationSignIn:
    """What the tracker knows about the provider. `roles` maps values of the claim `roles_claim` to roles."""

    url: str
    client_id: str
    secret: str = field(repr=False)
    name: str
    roles_claim: str
    roles: dict
    trust_email: bool

    @property
    def is_google(self):
        return self.url == GOOGLE

    @property
    def is_on_loopback(self):
        return urlsplit(self.url).hostname in LOOPBACK


def organisation_sign_in(*, url, client_id, secret, name, roles, roles_claim, trust_email):
    """Return the sign-in of the organisation, or None where it is off.

    Raise `ImproperlyConfigured` if a setting is missing or wrong, or a package is not installed.
    """
    if not url:
        if client_id or secret or name or roles:
            raise ImproperlyConfigured("OIDC_... settings have no effect without OIDC_URL. Set it, or unset them all.")
        return None

    check_url(url)
    needed = {"OIDC_CLIENT_ID": client_id, "OIDC_CLIENT_SECRET": secret, "OIDC_NAME": name}
    if missing := [setting for setting, value in needed.items() if not value]:
        raise ImproperlyConfigured(f"OIDC_URL is set, so {', '.join(missing)} must be set too: see docs/operating.md.")
    if not all(importlib.util.find_spec(package) for package in PACKAGES):
        raise ImproperlyConfigured(
            "OIDC_URL needs packages that are not installed. Install those of .ci/requirements-optional.txt, as"
            " docs/operating.md says."
        )
    return OrganisationSignIn(url, client_id, secret, name, roles_claim, mapping(roles), trust_email)


def check_url(url):
    """Raise `ImproperlyConfigured` unless this is the issuer of one organisation, over a connection that is private."""
    try:
        parts = urlsplit(url)
        is_private = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        is_plain = parts.hostname and not (parts.username or parts.query or parts.fragment) and parts.port != 0
    except ValueError:
        is_private = is_plain = False

    if not is_plain or not is_private or len(url) > MAX_URL_LENGTH:
        raise wrong(url, "It is the issuer of the provider, such as https://login.example/realms/staff.")
    if "/.well-known/" in url:
        raise wrong(url, "Leave out /.well-known/ and what follows it.")
    if "microsoft" in parts.hostname and MANY_TENANTS & set(parts.path.lower().split("/")):
        raise wrong(url, "It would let in people of any organisation. Put the id of your own tenant into it.")


def mapping(pairs):
    """Return a dictionary of pairs such as `tracker-editors=secretariat`."""
    roles = {}
    for pair in pairs:
        value, _equals, role = (part.strip() for part in pair.rpartition("="))
        if not value or role not in ROLES:
            raise ImproperlyConfigured(
                f"OIDC_ROLES has “{pair}”. Each part is a value of the claim, =, and one of {', '.join(ROLES)}."
            )
        roles[value] = role
    return roles


def allauth_settings(organisation):
    """Return the settings of allauth for this provider. Nothing of them is read from the database."""
    package = "metropolis_tracker.accounts.organisation"
    return {
        "SOCIALACCOUNT_ADAPTER": f"{package}.adapter.OrganisationAdapter",
        "SOCIALACCOUNT_PROVIDERS": {
            "openid_connect": {"provider_class": f"{package}.provider.OrganisationProvider", "OAUTH_PKCE_ENABLED": True}
        },
        "SOCIALACCOUNT_STORE_TOKENS": False,
    }


def wrong(url, rule):
    return ImproperlyConfigured(f"OIDC_URL is “{re.sub('//[^/]*@', '//…@', url)}”. {rule}")
