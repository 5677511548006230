"""The font of headings: cut once, small, the same bytes each time, with its licence beside it."""

import io
from pathlib import Path

import fontpkg_source_serif_4
import pytest
from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont

from metropolis_tracker.config import heading_font
from metropolis_tracker.config.font_subset import NAME, cut_font
from metropolis_tracker.config.heading_font import FONT, LICENCE, HeadingFontFinder

SOURCE = fontpkg_source_serif_4.ROOT / "files" / "SourceSerif4[opsz,wght].ttf"


@pytest.fixture(scope="module")
def content():
    return cut_font(SOURCE)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the font is written."""
    monkeypatch.setattr(heading_font, "FOLDER", tmp_path)
    return tmp_path


def test_the_font_is_small(content):
    assert len(content) < 20_000


def test_the_font_is_the_same_bytes_each_time(content):
    assert cut_font(SOURCE) == content


def test_the_font_has_the_letters_of_europe(content):
    letters = "AZaz09áàâäãåæçčďđéèêëěğíîïłñňóôöõőøœřśşšșťțúûüűůýÿžżŻÞðßĦħŁŐŒŠŽ¿¡«»“”‘’„–—…%€"
    assert [letter for letter in letters if ord(letter) not in TTFont(io.BytesIO(content)).getBestCmap()] == []


def test_the_font_has_a_name_of_its_own_as_its_licence_wants(content):
    names = {str(record) for record in TTFont(io.BytesIO(content))["name"].names if record.nameID == 1}
    assert names == {NAME}
    assert f'"{NAME}"' in Path("static/css/tokens.css").read_text(encoding="utf-8")


def test_the_font_is_made_once(folder):
    font = Path(finders.find(FONT))
    made = font.stat().st_ino
    finders.find(FONT)
    assert (font.stat().st_ino, sorted(path.name for path in font.parent.iterdir())) == (
        made,
        ["OFL.txt", "heading.woff2"],
    )


def test_the_licence_is_collected_beside_the_font(folder):
    collected = {path: Path(storage.path(path)) for path, storage in HeadingFontFinder().list([])}
    assert list(collected) == [FONT, LICENCE]
    assert "SIL OPEN FONT LICENSE" in collected[LICENCE].read_text(encoding="utf-8")
