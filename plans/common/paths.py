"""URL paths without their language, so that no pattern has to know how a language is written there."""

from django.conf import settings
from django.utils.translation import get_language_from_path


def without_language(path):
    """Return a path as it is in the default language: `/es/plans/` becomes `/plans/`."""
    language = get_language_from_path(path)
    return path[len(language) + 1 :] if language else path


def in_language(path, language):
    """Return a path, with its query, as it is in a language: `/plans/` becomes `/es/plans/`.

    It never begins with two slashes, which would lead to another host.
    """
    path = "/" + without_language(path).lstrip("/\\")
    return path if language == settings.LANGUAGE_CODE else f"/{language}{path}"
