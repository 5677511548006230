"""What a session knows about the sign-in of the organisation. Imports nothing that is needed only where it is on."""

import time

from allauth.account.authentication import get_authentication_records
from django.conf import settings

PROVED_AT = "organisation_proved_at"


def is_by_organisation(request, user):
    """Return whether this person has signed in, in this session, by the provider that the settings name."""
    if not settings.OIDC:
        return False
    records = get_authentication_records(request, user)
    return any(is_of_provider(record) and record.get("provider") == settings.OIDC.url for record in records)


def is_of_provider(record):
    """Return whether a session's record of a sign-in names a provider: this one, or one of earlier settings.

    It proves little: without a question, the provider signs in whoever sits at a browser that is signed in there.
    """
    return record["method"] == "socialaccount"


def note_proof(request):
    """Note that the person has just proved to the provider who they are, such as with the password."""
    request.session[PROVED_AT] = time.time()


def seconds_since_proof(request):
    """Return how long ago the person last proved to the provider who they are."""
    return time.time() - request.session.get(PROVED_AT, 0)
