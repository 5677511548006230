"""Join the style sheets of static/css: a page loads one file, and no build step stands before a start."""

import os
import re
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage

SOURCES = settings.BASE_DIR / "static" / "css"
FOLDER = settings.DATA_DIR / "stylesheets"
SHEET, ADMIN_SHEET = "css/site.css", "css/admin.css"
IN_ADMIN = ["buttons", "languages", "masthead", "text"]  # the components that the admin has too
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class StylesheetFinder(FileSystemFinder):
    """Finds what lies in static/, and the joined style sheets in place of their sources."""

    def find(self, path, find_all=False, **kwargs):
        if path not in (SHEET, ADMIN_SHEET):
            return super().find(path, find_all=find_all, **kwargs)
        write_sheet(path)
        sheet = str(FOLDER / path)
        return [sheet] if find_all else sheet

    def list(self, ignore_patterns):
        for path in (SHEET, ADMIN_SHEET):
            write_sheet(path)
            yield path, FileSystemStorage(location=FOLDER)
        yield from super().list([*(ignore_patterns or []), SOURCES.name])


def write_sheet(path):
    """Write a joined sheet if its sources have changed. Several processes may do so at once."""
    sheet, content = FOLDER / path, joined_sources(path)
    if sheet.exists() and sheet.read_text(encoding="utf-8") == content:
        return

    sheet.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", encoding="utf-8", dir=sheet.parent, delete=False) as draft:
        draft.write(content)
    os.replace(draft.name, sheet)


def joined_sources(path: str, folder: Path = SOURCES) -> str:
    """Return the sources of a sheet as one text, without comments: those are for readers of the sources.

    The order of the components carries no meaning: the more specific rule wins.
    """
    components = [folder / "components" / f"{name}.css" for name in IN_ADMIN]
    last = "admin"
    if path == SHEET:
        components, last = sorted((folder / "components").glob("*.css")), "print"
    names = ["tokens", "base", "layout"]
    paths = [*(folder / f"{name}.css" for name in names), *components, folder / f"{last}.css"]
    return COMMENT.sub("", "\n".join(source.read_text(encoding="utf-8") for source in paths))
