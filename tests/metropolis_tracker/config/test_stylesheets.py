import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from metropolis_tracker.config import stylesheets
from metropolis_tracker.config.stylesheets import ADMIN_SHEET, COMMENT, SHEET, StylesheetFinder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the joined sheet is written."""
    monkeypatch.setattr(stylesheets, "FOLDER", tmp_path)
    return tmp_path


def test_the_sheet_holds_every_source_of_the_pages(folder):
    sheet = Path(finders.find(SHEET)).read_text(encoding="utf-8")
    others = {"document.css", "embed.css", "admin.css"}  # of other pages
    sources = [path for path in Path("static/css").rglob("*.css") if path.name not in others]
    assert [path for path in sources if COMMENT.sub("", path.read_text(encoding="utf-8")) not in sheet] == []


def test_the_sheet_leaves_the_comments_to_the_sources(folder):
    assert "/*" not in Path(finders.find(SHEET)).read_text(encoding="utf-8")


def test_the_sheet_begins_with_the_order_of_the_layers(folder):
    sheet = Path(finders.find(SHEET)).read_text(encoding="utf-8")
    first, *_others = re.findall(r"@layer ([^{;]+);", sheet)
    assert first == "tokens, base, layout, components, print"


def test_the_sheet_is_written_again_only_when_a_source_has_changed(folder, monkeypatch):
    sheet = Path(finders.find(SHEET))
    written = sheet.stat().st_ino
    finders.find(SHEET)
    assert sheet.stat().st_ino == written

    monkeypatch.setattr(stylesheets, "joined_sources", lambda path: "changed")
    finders.find(SHEET)
    assert sheet.read_text(encoding="utf-8") == "changed"
    assert [path.name for path in sheet.parent.iterdir()] == ["site.css"]


def test_the_sheets_are_collected_in_place_of_their_sources(folder):
    collected = [path for path, storage in StylesheetFinder().list([]) if path.endswith(".css") and storage.path(path)]
    assert collected == [SHEET, ADMIN_SHEET]


def test_the_sheet_of_the_admin_has_our_tokens_and_our_masthead(folder):
    sheet = Path(finders.find(ADMIN_SHEET)).read_text(encoding="utf-8")
    names = ["tokens", "base", "components/masthead", "components/languages", "admin"]
    sources = [COMMENT.sub("", Path(f"static/css/{name}.css").read_text(encoding="utf-8")) for name in names]
    assert [source in sheet for source in sources] == [True] * len(names)
