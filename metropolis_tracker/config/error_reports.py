import importlib.util

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string


def send_error_reports(dsn):
    """Begin to report unexpected errors, if there is a DSN. Raise `ImproperlyConfigured` if it cannot be used."""
    if not dsn:
        return
    if not importlib.util.find_spec("sentry_sdk"):
        raise ImproperlyConfigured(
            "SENTRY_DSN needs a package that is not installed. Install those of .ci/requirements-optional.txt, as"
            " docs/operating.md says."
        )
    import_string("metropolis_tracker.config.sentry.send_errors")(dsn)
