"""The language of a page is in its address: none for English, `/es/` and `/fr/` for the others.

Whoever has an account keeps the one they chose: an address without a language opens in it.
"""

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import Resolver404, resolve, translate_url
from django.utils import translation
from django.utils.translation import get_language_from_path

from plans.access import post_only, return_url

FILES = ["summary", "summary_page", "history", "changes_feed", "card", "schema", "edition_document", "edition_preview"]


class LanguageMiddleware:
    """Answers in the language of the address. Comes after it is known who asks."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = get_language_from_path(request.path_info)
        if not language and (page := page_in_kept_language(request)):
            return HttpResponseRedirect(page)
        request.LANGUAGE_CODE = language or settings.LANGUAGE_CODE
        with translation.override(request.LANGUAGE_CODE):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response


def page_in_kept_language(request):
    """The address of this page in the language its reader keeps, where that is another; None to stay.

    A file is what its address says: whoever keeps Spanish can have the English one.
    """
    if request.method not in ("GET", "HEAD") or not request.user.is_authenticated:
        return None
    language = request.user.language or settings.LANGUAGE_CODE
    if language == settings.LANGUAGE_CODE or is_file(request.path_info):
        return None
    here = request.get_full_path()
    with translation.override(settings.LANGUAGE_CODE):
        there = translate_url(here, language)
    return there if there != here else None


def is_file(path):
    """Whether an address is that of a file, or of no page at all."""
    try:
        return resolve(path).url_name in FILES
    except Resolver404:
        return True


@post_only
def choose_language(request):
    """Show the page they were on in the language chosen, and keep it for those signed in."""
    language = request.POST.get("language", "")
    page = return_url(request, "/")
    if language not in dict(settings.LANGUAGES):
        return HttpResponseRedirect(page)
    if request.user.is_authenticated:
        request.user.language = language
        request.user.save(update_fields=["language"])
    return HttpResponseRedirect(translate_url(page, language))
