"""The forms of a text: as it is stored, compared and sorted, and what is a sentence."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.common.text import TranslatedText, finished, fold, is_sentence, normalise, reads_from_right, sort_key
from tests.any_text import any_text

FIXTURES = Path(__file__).parents[3] / "fixtures"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("\u200b", ""),
        ("\ufeff\u00a0 \u2060\u00ad", ""),
        ("\u2800\u3164", ""),
        ("\u200d\u200c", ""),
        ("https://metropolis.org/\u200bminutes", "https://metropolis.org/minutes"),
        ("Que\u0301bec", "Québec"),
        ("12\u00a0May\u202f2020", "12 May 2020"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("inter\u00adnational", "international"),
        ("user\u202egnp.exe", "usergnp.exe"),
        ("a\x07b\x00c", "abc"),
        ("e\u200b\u0301", "é"),
        ("e\u200d\u0301\u200dم", "éم"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻 at work", "👩\u200d💻 at work"),
    ],
)
def test_a_text_is_stored_without_what_nobody_sees(text, stored):
    assert normalise(text) == stored


@settings(max_examples=300, deadline=None)
@given(any_text)
def test_a_normalised_text_is_composed_and_stays_as_it_is(text):
    once = normalise(text)
    assert (normalise(once), unicodedata.is_normalized("NFC", once)) == (once, True)


@given(st.text())
def test_a_text_is_found_by_itself_in_another_case_and_form(text):
    assert fold(unicodedata.normalize("NFD", normalise(text))) == fold(text)


def test_the_texts_of_the_fixture_are_normalised():
    texts = []

    def collect(part):
        match part:
            case str():
                texts.append(part)
            case list() | dict():
                for item in part.values() if isinstance(part, dict) else part:
                    collect(item)

    collect(json.loads((FIXTURES / "plan-2018-2020.json").read_text(encoding="utf-8")))
    assert len(texts) > 1000
    assert [text for text in texts if normalise(text) != text] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False), ("\u200b\u200b", False), ("x", False), ("ok", False), ("yes", False), ("Adopted.", False),
        ("- - - -", False), ("a a a a a a", False), ("n/a n/a", False), ("1 2 3", False),
        ("On the website", True), ("Board minutes, page 4", True), ("Adoptado por el Consejo", True),
        ("会议记录见网站", True), ("见官网", True), ("好好好好", False),
        ("อยู่ในรายงานการประชุม", True), ("في محضر الاجتماع", True),
    ],
)  # fmt: skip
def test_what_a_sentence_is(text, expected):
    assert is_sentence(text) is expected


def test_sorting_ignores_accents_and_case_and_knows_the_spanish_alphabet():
    names = ["Zaragoza", "Ávila", "avance", "Ñuñoa", "Nunca", "nzebi"]
    assert sorted(names, key=lambda name: sort_key(name, "es")) == [
        "avance", "Ávila", "Nunca", "nzebi", "Ñuñoa", "Zaragoza"
    ]  # fmt: skip
    assert sorted(names, key=lambda name: sort_key(name, "fr")).index("Ñuñoa") < 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [("القاهرة 2020", True), ("2020 القاهرة", True), ("Plan of القاهرة", False), ("תל אביב", True), ("", False)],
)
def test_a_text_runs_as_its_first_letter_does(text, expected):
    assert reads_from_right(text) is expected
    assert ('dir="rtl"' in TranslatedText(text, "en").html) is expected


def test_a_letter_has_at_most_as_many_marks_as_unicode_allows():
    """Putting a run of marks in order takes the square of its length: minutes, for a form full of them."""
    for between in ("", "\u200b", "\u034f"):
        text = normalise("e" + f"\u0301{between}\u0323" * 100_000)
        assert len(text) <= 31
        assert normalise(text) == text


@pytest.mark.parametrize("text", ["Việt Nam", "שָׁלוֹם", "e" + "\u0323" * 29, "क्षत्रिय", "ก็ปู่"])
def test_the_marks_of_languages_are_left_alone(text):
    assert unicodedata.normalize("NFD", normalise(text)) == unicodedata.normalize("NFD", text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Metropolis had 65 outcomes to deliver. In short,", "Metropolis had 65 outcomes to deliver."),
        ("Metropolis tenía 65 resultados. En resumen:", "Metropolis tenía 65 resultados."),
        ("Done by 2020! (See below.) In short –", "Done by 2020! (See below.)"),
        ("65 outcomes to deliver", "65 outcomes to deliver"),
        ("Edited with the support of: Barcelona", "Edited with the support of: Barcelona"),
        ("Edited with the support of:", ""),
        ("We thank all.\nWith the support of:", "We thank all."),
        ("With the support of:\nBarcelona,", ""),
        ("Mr. Soler and the U.N. Habitat, see art. 5, say:", ""),
        ("Adopted by the EU. In short,", "Adopted by the EU."),
        ("大都市有六十五项成果。简而言之，", "大都市有六十五项成果。"),
        ("", ""),
    ],
)
def test_an_unfinished_sentence_is_not_shown_alone(text, shown):
    assert finished(text) == shown


@given(any_text)
def test_what_is_shown_alone_is_the_beginning_of_the_text_and_finished(text):
    shown = finished(text)
    assert (text.startswith(shown), finished(shown)) == (True, shown)


def test_a_finished_text_keeps_its_language():
    text = TranslatedText("Había 65. En resumen:", "es").finished
    assert (text, text.language) == ("Había 65.", "es")
