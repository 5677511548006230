"""Serve the font of headings and figures: a small part of Source Serif 4, cut from its package once and then reused."""

import os
from importlib import metadata
from tempfile import NamedTemporaryFile

import fontpkg_source_serif_4
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from django.utils.module_loading import import_string

RECIPE = 1  # raise it when font_subset.py changes what it cuts
PACKAGES = ("fontpkg-source-serif-4", "fonttools")
MADE_OF = "-".join([str(RECIPE), *(metadata.version(name) for name in PACKAGES)])
FOLDER = settings.DATA_DIR / "heading-font" / MADE_OF
FONT, LICENCE = "fonts/heading.woff2", "fonts/OFL.txt"


class HeadingFontFinder(BaseFinder):
    """Finds the font and its licence in the data folder, and makes them when they are not there yet."""

    def check(self, **kwargs):
        return []

    def find(self, path, find_all=False, **kwargs):
        if path not in (FONT, LICENCE):
            return []
        write_font()
        return [str(FOLDER / path)] if find_all else str(FOLDER / path)

    def list(self, ignore_patterns):
        write_font()
        storage = FileSystemStorage(location=FOLDER)
        yield from ((name, storage) for name in (FONT, LICENCE))


def write_font():
    """Write the font and its licence unless they are there. Several processes may do so at once."""
    if (FOLDER / FONT).exists():
        return
    # By name, so that fontTools takes memory only in the process that makes the font.
    cut_font = import_string("metropolis_tracker.config.font_subset.cut_font")

    (FOLDER / FONT).parent.mkdir(parents=True, exist_ok=True)
    write(FOLDER / LICENCE, (fontpkg_source_serif_4.ROOT / "LICENSE").read_bytes())
    write(FOLDER / FONT, cut_font(fontpkg_source_serif_4.ROOT / "files" / "SourceSerif4[opsz,wght].ttf"))


def write(path, content):
    """Write a file so that nobody ever reads a part of it."""
    with NamedTemporaryFile("wb", dir=path.parent, delete=False) as draft:
        draft.write(content)
    os.replace(draft.name, path)
