"""HTTP responses for the report files."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language

from plans.translations import ENGLISH
from reports.files.formats import ALL_LANGUAGES_IN_ONE, CONTENT_TYPES
from reports.files.html import policy_for

SHOWN_IN_THE_BROWSER = ("html", "json", "png")


def file_response(content, name, *, inline=False):
    """Return a file as a response. Browsers show HTML, JSON and images; they save the rest unless `inline` is true."""
    extension = name.partition(".")[2]  # such as `stratml.xml`
    as_attachment = not (inline or extension in SHOWN_IN_THE_BROWSER)
    headers = {"Content-Disposition": content_disposition_header(as_attachment, name)}
    if extension == "html":
        headers["Content-Security-Policy"] = policy_for(content)
    return HttpResponse(content, content_type=CONTENT_TYPES[extension], headers=headers)


def translated_file(content, name, extension):
    """Return a file in the active language as a response. Its name ends in the language, if that is not English."""
    language = get_language() if extension not in ALL_LANGUAGES_IN_ONE else ENGLISH
    suffix = f"-{language}" if language != ENGLISH else ""
    response = file_response(content, f"{name}{suffix}.{extension}")
    response.headers["Content-Language"] = language
    return response
