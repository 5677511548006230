"""URL paths without their language, so that no pattern has to know how a language is written there."""

from django.utils.translation import get_language_from_path


def without_language(path):
    """Return a path as it is in the default language: `/es/plans/` becomes `/plans/`."""
    language = get_language_from_path(path)
    return path[len(language) + 1 :] if language else path
