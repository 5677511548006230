"""What a reader pastes to ask which edition it belongs to: a hash, as printed or scanned, or a link."""

import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http.request import validate_host
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import override

from plans.common.paths import without_language
from plans.common.text import normalise
from plans.translations import ENGLISH

HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
# With blanks and line breaks in it, as scanned from paper or copied over two lines of a PDF.
SPACED_HASH = re.compile(r"(?<![0-9a-z])[0-9a-f](?:\s*[0-9a-f]){63}(?!\s*[0-9a-f])")
LINK = re.compile(r"://|(?:^|/)plans/[-\w]+/editions/\d")
SHOWN = 60  # characters of a foreign host that an error repeats


@dataclass(frozen=True)
class EditionLink:
    """The address of an edition's page, or of one of its files."""

    slug: str
    number: int
    is_of_file: bool


def find_hash(text):
    """Return the SHA-256 in a text, None without any: programs print more around it, such as the name of the file."""
    text = normalise(text).lower()
    match = HASH.search(text) or SPACED_HASH.search(text)
    return "".join(match[0].split()) if match else None


def is_link(text):
    return LINK.search(without_spaces(text)) is not None


def read_link(text):
    """Return the `EditionLink` of an address, which may lack the scheme, or scheme and host.

    Raise `ValidationError` if it leads to another host, or to something else than an edition.
    """
    host, path = split_link(without_spaces(text))
    if host and not validate_host(host, settings.ALLOWED_HOSTS):
        raise ValidationError(
            _(
                "This link leads to %(host)s, not to this tracker: it may be forged. Open the edition on the pages of"
                " this tracker instead."
            ),
            params={"host": host[:SHOWN]},
        )

    match = match_of(path)
    if match is None or "/editions/" not in path or not {"slug", "number"} <= match.kwargs.keys():
        raise ValidationError(
            _("This link does not lead to an edition. Paste the link of an edition’s page or of one of its files.")
        )
    return EditionLink(match.kwargs["slug"], match.kwargs["number"], "extension" in match.kwargs)


def without_spaces(text):
    return "".join(normalise(text).split())


def split_link(text):
    """Return the host of an address in lower case, empty without one, and its path."""
    if text.startswith("plans/"):
        text = f"/{text}"
    elif "://" not in text and not text.startswith("/"):
        text = f"//{text}"
    try:
        parts = urlsplit(text)
    except ValueError:  # such as a bracket in the host
        return "", ""
    return parts.hostname or "", unquote(parts.path)


def match_of(path):
    """Return what a path in any language leads to, with or without its last slash; None if it leads nowhere."""
    path = without_language(path)
    for candidate in (path, f"{path}/"):
        with suppress(Resolver404), override(ENGLISH):
            return resolve(candidate)
    return None
