"""Colours have one source, static/css/tokens.css. What cannot read it is compared with it here."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from deliverables.status import Status
from reports.figures.summary import summarise
from reports.files.palette import colours, document_palette, hue, wash
from reports.files.xlsx import write_xlsx
from tests.builders import TODAY

HEX = re.compile(r"#[0-9a-fA-F]{6}\b")


def read(path):
    return Path(path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("scheme", "ink", "surface"), [("light", "#14191f", "#ffffff"), ("dark", "#eeece6", "#1f262e")]
)
def test_the_colours_of_a_scheme_are_read_from_the_tokens(scheme, ink, surface):
    assert (colours(scheme)["ink"], colours(scheme)["surface"]) == (ink, surface)


def test_every_colour_has_its_counterpart_in_the_dark():
    """Except those of the goals, which the United Nations give."""
    light = re.findall(r"^    --([a-z-]+): #", read("static/css/tokens.css"), re.M)
    assert list(colours("light")) == list(colours("dark")) == light


@pytest.mark.parametrize("path", sorted(Path("static/css").rglob("*.css")), ids=str)
def test_no_colour_needs_a_browser_newer_than_2023(path):
    """A custom property with `light-dark()` is not dropped by an older browser, so the bars were black."""
    declared = re.sub(r"/\*.*?\*/", "", read(path), flags=re.S)
    assert re.findall(r"light-dark\(|color-mix\(|oklch\(", declared) == []


@pytest.mark.parametrize("status", Status)
def test_a_status_has_a_hue_and_a_wash(status):
    palette = document_palette()
    assert (palette["hue"][status.value], palette["wash"][status.value]) == (hue(status), wash(status))
    assert hue(status) != wash(status)


@pytest.mark.django_db
def test_the_chart_of_the_workbook_has_the_hues_of_the_pages(plan):
    book = zipfile.ZipFile(io.BytesIO(write_xlsx(summarise(plan, today=TODAY))))
    chart = book.read("xl/charts/chart1.xml").decode()
    fills = [f"#{colour.lower()}" for colour in re.findall(r'<c:spPr><a:solidFill><a:srgbClr val="(\w+)"/>', chart)]
    assert fills == [hue(status) for status in Status]


def test_typst_takes_its_colours_from_the_content():
    """All but the watermark's, which no page shows."""
    templates = "".join(read(path) for path in sorted(Path("reports/files/typst").glob("*.typ")))
    assert HEX.findall(templates) == ["#f1e3e5"]


def test_the_frame_of_a_browser_has_the_colour_of_the_masthead():
    frames = re.findall(
        r'name="theme-color" media="\(prefers-color-scheme: (\w+)\)" content="(#\w+)"', read("templates/base.html")
    )
    assert dict(frames) == {scheme: colours(scheme)["paper"] for scheme in ("light", "dark")}


def test_the_manifest_and_the_icon_have_the_colours_of_the_pages():
    manifest = json.loads(read("static/manifest.webmanifest"))
    assert (manifest["background_color"], manifest["theme_color"]) == (colours()["paper"], colours()["navy"])
    assert HEX.findall(read("static/icon.svg")) == [colours()["navy"], colours()["cream"]]
