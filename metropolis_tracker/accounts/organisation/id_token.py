"""Check the ID token, by which the provider says who signed in."""

import time

import jwt
from django.conf import settings

from metropolis_tracker.accounts.organisation.problems import Problem, SignInProblem

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
UNREADABLE = (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError)
LEEWAY = 60  # seconds by which the clocks may differ
FRESH_SECONDS = 300  # within which somebody has typed a password who is asked to prove again who they are
MAX_SUBJECT_LENGTH = 191  # of the column that stores it


def checked_claims(token, keys):
    """Return the claims of a token that one of the provider's keys has signed, for the tracker and not expired.

    `keys` is the provider's JSON Web Key Set. Raise `SignInProblem` for any other token.
    """
    try:
        claims = jwt.decode(
            token,
            signing_key(token, keys),
            algorithms=ALGORITHMS,
            audience=settings.OIDC.client_id,
            issuer=settings.OIDC.url,
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "sub", "exp", "iat"]},
        )
    except UNREADABLE as error:
        raise SignInProblem(Problem.NOT_GENUINE, reason_of(error)) from error

    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else settings.OIDC.client_id) != settings.OIDC.client_id:
        raise SignInProblem(Problem.NOT_GENUINE, "issued to another client")
    if not 0 < len(claims["sub"]) <= MAX_SUBJECT_LENGTH:
        raise SignInProblem(Problem.NOT_GENUINE, "no usable subject")
    return claims


def signing_key(token, keys):
    """Return the key that the header of the token names. Only a provider with one key may leave the name out."""
    named = jwt.get_unverified_header(token).get("kid")
    found = [key for key in jwt.PyJWKSet.from_dict(keys).keys if named in (key.key_id, None)]
    if len(found) != 1:
        raise jwt.InvalidKeyError("unknown key")
    return found[0]


def has_key(token, keys):
    """Return whether the key of a token is among these."""
    try:
        signing_key(token, keys)
    except UNREADABLE:
        return False
    return True


def reason_of(error):
    """Return what is wrong with a token, for the log: the kind of the error, and what to do about a clock."""
    if isinstance(error, (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError)):
        return f"{type(error).__name__}: compare the clocks of this machine and the provider"
    return type(error).__name__


def check_nonce(claims, nonce):
    """Raise `SignInProblem` unless the token was made for this very sign-in."""
    if not nonce or claims.get("nonce") != nonce:
        raise SignInProblem(Problem.NOT_GENUINE, "made for another sign-in")


def check_is_fresh(claims):
    """Raise `SignInProblem` unless the provider says that the person has just proved who they are.

    The browser could have left out of the address that the provider is to ask again, so its word is needed. Google
    never gives it.
    """
    if "auth_time" not in claims and not settings.OIDC.is_google:
        raise SignInProblem(Problem.NOT_GENUINE, "no auth_time: let the provider add this claim to the ID token")
    if "auth_time" in claims and not is_fresh(claims):
        raise SignInProblem(Problem.NOT_GENUINE, "the provider did not ask again")


def is_fresh(claims):
    """Return whether the provider says that it has asked the person within the last minutes who they are."""
    moment = claims.get("auth_time")
    return isinstance(moment, (int, float)) and -LEEWAY <= time.time() - moment <= FRESH_SECONDS


def verified_email(claims):
    """Return the e-mail address if the provider vouches for it, else an empty text.

    Entra has no `email_verified`; its `xms_edov` says that the address is in a domain of the tenant. For Google an
    address is vouched for only where Google runs its mail: a private account may hold a former address of work.
    """
    email, organisation = claims.get("email"), settings.OIDC
    if not isinstance(email, str) or "@" not in email:
        return ""
    stated = claims.get("email_verified", claims.get("xms_edov"))
    is_verified = organisation.trust_email if stated is None else stated in (True, "true", "1")
    if organisation.is_google:
        is_verified = is_verified and (bool(claims.get("hd")) or email.lower().endswith("@gmail.com"))
    # Lower case of ASCII alone: of other letters some become ASCII, and so another person's address.
    return (email.lower() if email.isascii() else email) if is_verified else ""
