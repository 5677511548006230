import pytest
from django.utils.translation import override

from plans.common.text import TranslatedText
from reports.files.office.fitting import lines_of, shorten, size_for

SENTENCE = "An agreement on the shared use of metropolitan data, which all members sign"


@pytest.mark.parametrize(("width", "lines"), [(20, 1), (4, 2), (2, 4)])
def test_a_narrower_box_needs_more_lines(width, lines):
    assert lines_of(SENTENCE, width, 12) == lines


@pytest.mark.parametrize("text", [SENTENCE * 5, "x" * 300, "关于共同使用大都市数据的协议" * 20, "e\u0301" * 200])
@pytest.mark.parametrize("lines", [1, 2, 5])
def test_a_shortened_text_fits_and_says_that_it_is_cut_off(text, lines):
    short = shorten(text, 2, 12, lines)
    assert lines_of(short, 2, 12) <= lines
    assert text.startswith(short.removesuffix("…"))
    assert short.endswith("…")


def test_a_text_that_fits_stays_as_it_is():
    assert shorten("Short", 2, 12) == "Short"


def test_a_letter_keeps_its_accent():
    assert shorten("e\u0301" * 200, 2, 12).endswith("\u0301…")


def test_a_shortened_text_keeps_its_language():
    with override("fr"):
        assert shorten(TranslatedText(SENTENCE, "en"), 2, 12).is_foreign


@pytest.mark.parametrize(("height", "size"), [(5, 28), (0.8, 24), (0.1, 12)])
def test_the_largest_size_that_fits_is_taken(height, size):
    assert size_for(SENTENCE, 7, height, (28, 24, 12)) == size
