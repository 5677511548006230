"""Texts that look like formulas: escaped in a CSV, and unescaped when it is imported again."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reports.files.formulas import escape_formula, unescape_formula
from tests.any_text import BLANKS, FORMULA_SIGNS, any_text

formulas = st.tuples(
    st.text(st.sampled_from(BLANKS), max_size=3), st.sampled_from(FORMULA_SIGNS), any_text
).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "'", "＝1+1", "＋1", "－1", "＠SUM(A1)", "﹦1",
        " =1", "\u00a0=1", "\u2003\u3000@A1", "\u200b=1", "\ufeff+1", "\0-1", "\u2800 \t＝1", "\tx",
    ],
)  # fmt: skip
def test_what_could_be_read_as_a_formula_begins_with_an_apostrophe(text):
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "5 regional agendas = one a year", " (=1)", "1-1", "“=1”", "…=1", "a'b"])
def test_other_text_stays_as_it_is(text):
    assert (escape_formula(text), unescape_formula(text)) == (text, text)


@pytest.mark.parametrize("cell", ["'Twas agreed", "' quoted'", "'", "''"])
def test_the_apostrophe_of_somebody_elses_file_stays(cell):
    """Only before what our export would escape does it go. Before an apostrophe, ours has put another."""
    assert unescape_formula(cell) == ("'" if cell == "''" else cell)


@settings(max_examples=300, deadline=None)
@given(any_text | formulas)
@example("''=1")
def test_unescaping_gives_any_text_back(text):
    assert unescape_formula(escape_formula(text)) == text


@settings(max_examples=300, deadline=None)
@given(any_text | formulas)
def test_no_escaped_cell_begins_with_a_sign_of_formulas(text):
    """Neither after white space nor in another width."""
    cell = unicodedata.normalize("NFKC", escape_formula(text)).lstrip()
    assert not cell.startswith(("=", "+", "-", "@"))


@settings(max_examples=300, deadline=None)
@given(formulas)
def test_every_formula_is_escaped(text):
    assert escape_formula(text) == f"'{text}"
