"""Send unexpected errors to Sentry. Only with SENTRY_DSN is this imported, since its package is optional."""

import sentry_sdk
from django.core.exceptions import DisallowedHost, ImproperlyConfigured
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.utils import BadDsn

from metropolis_tracker.config.log_filter import hide
from plans.common.request_id import request_id


def send_errors(dsn):
    """Begin to send errors to the server of a DSN, without anything that a person has typed or that names one.

    Raise `ImproperlyConfigured` if it is no DSN.
    """
    try:
        sentry_sdk.init(
            dsn,
            default_integrations=False,  # many, such as one that reports what is in the log, and one for each library
            integrations=[DjangoIntegration(signals_spans=False, cache_spans=False)],
            auto_enabling_integrations=False,
            send_default_pii=False,
            include_local_variables=False,  # they hold what was typed, and passwords
            max_request_body_size="never",
            max_breadcrumbs=0,
            auto_session_tracking=False,
            ignore_errors=[DisallowedHost],  # whoever scans the internet causes it
            before_send=without_people,
        )
    except BadDsn:
        raise ImproperlyConfigured("SENTRY_DSN is no address that Sentry gives: copy it from its project.") from None


def without_people(event, hint):
    """Return an error report with the id of its request, and without cookies, people or the keys of report links."""
    event.pop("user", None)
    request = event.get("request", {})
    for name in ("cookies", "data", "env", "headers", "query_string"):
        request.pop(name, None)
    request["url"] = hide(request.get("url", ""))
    for value in event.get("exception", {}).get("values", []):
        value["value"] = hide(value.get("value") or "").partition("\n")[0]  # PostgreSQL's next lines quote the row
    event.setdefault("tags", {})["request"] = request_id()
    return event
