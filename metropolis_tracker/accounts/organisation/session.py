"""What a session knows about the sign-in of the organisation. Imports nothing that is needed only where it is on."""

import time

from allauth.account.authentication import get_authentication_records
from django.conf import settings

PROVED_AT = "organisation_proved_at"


def is_by_organisation(request, user):
    """Return whether this person has signed in, in this session, by the organisation's provider."""
    return bool(settings.OIDC) and bool(provider_records(request, user))


def provider_records(request, user):
    return [record for record in get_authentication_records(request, user) if record["method"] == "socialaccount"]


def note_proof(request):
    """Note that the person who is signed in has proved to the provider, again, who they are."""
    request.session[PROVED_AT] = time.time()


def seconds_since_proof(request):
    """Return how long ago the person last proved to the provider who they are."""
    moments = [record["at"] for record in provider_records(request, request.user)]
    return time.time() - max([*moments, request.session.get(PROVED_AT, 0)])
