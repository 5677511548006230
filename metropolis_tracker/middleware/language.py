"""Set the language of a page from its URL: `/es/` or `/fr/`, and English without a prefix.

Members may choose a language. For them, a URL without a prefix redirects to that language.
"""

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import Resolver404, resolve, translate_url
from django.utils import translation
from django.utils.translation import get_language_from_path

from plans.access import post_only, return_url
from plans.common.paths import in_language

# Names of the URLs of files. A file keeps the language of its URL, so that a link always gives the same bytes.
FILES = [
    "summary", "brief", "summary_page", "history", "changes_feed", "card", "schema", "edition_document",
    "edition_preview",
]  # fmt: skip


class LanguageMiddleware:
    """Activates the language of the URL. It comes after authentication, because it needs the member's choice."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = get_language_from_path(request.path_info)
        if not language and (page := page_in_chosen_language(request)):
            return HttpResponseRedirect(page)
        request.LANGUAGE_CODE = language or settings.LANGUAGE_CODE
        with translation.override(request.LANGUAGE_CODE):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response


def page_in_chosen_language(request):
    """Return the URL of this page in the language that the member chose, or None if it is this one.

    Files are never redirected: someone who chose Spanish can still download the English one.
    """
    if request.method not in ("GET", "HEAD") or not request.user.is_authenticated:
        return None
    language = request.user.language or settings.LANGUAGE_CODE
    if language == settings.LANGUAGE_CODE or is_file(request.path_info):
        return None

    here = request.get_full_path()
    with translation.override(settings.LANGUAGE_CODE):
        translated = translate_url(here, language)
    return translated if translated != here else None


def is_file(path):
    """Return whether this path leads to a file, or to no page at all."""
    try:
        return resolve(path).url_name in FILES
    except Resolver404:
        return True


@post_only
def choose_language(request):
    """Redirect to the same page in the chosen language, and save the choice of a member."""
    language = request.POST.get("language", "")
    page = return_url(request, "/")
    if language not in dict(settings.LANGUAGES):
        return HttpResponseRedirect(page)

    if request.user.is_authenticated:
        request.user.language = language
        request.user.save(update_fields=["language"])
    return HttpResponseRedirect(in_language(page, language))
