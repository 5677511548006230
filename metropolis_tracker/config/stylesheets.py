"""Serve the style sheets of static/css as one: readers load one file, and no build step stands before a start."""

import os
import re
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage

SOURCES = settings.BASE_DIR / "static" / "css"
FOLDER = settings.DATA_DIR / "stylesheets"
SHEET = "css/site.css"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class StylesheetFinder(FileSystemFinder):
    """Finds what lies in static/, and the joined style sheet in place of its sources."""

    def find(self, path, find_all=False, **kwargs):
        if path != SHEET:
            return super().find(path, find_all=find_all, **kwargs)
        write_sheet()
        sheet = str(FOLDER / SHEET)
        return [sheet] if find_all else sheet

    def list(self, ignore_patterns):
        write_sheet()
        yield SHEET, FileSystemStorage(location=FOLDER)
        yield from super().list([*(ignore_patterns or []), SOURCES.name])


def write_sheet():
    """Write the joined sheet if its sources have changed. Several processes may do so at once."""
    sheet, content = FOLDER / SHEET, joined_sources()
    if sheet.exists() and sheet.read_text(encoding="utf-8") == content:
        return

    sheet.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", encoding="utf-8", dir=sheet.parent, delete=False) as draft:
        draft.write(content)
    os.replace(draft.name, sheet)


def joined_sources(folder: Path = SOURCES) -> str:
    """Return all sources as one text, without the comments: those are for readers of the sources, not of the pages.

    The order of the components carries no meaning: the more specific rule wins.
    """
    components = sorted((folder / "components").glob("*.css"))
    paths = [folder / "tokens.css", folder / "base.css", folder / "layout.css", *components, folder / "print.css"]
    return COMMENT.sub("", "\n".join(path.read_text(encoding="utf-8") for path in paths))
