"""Links, quantities and addresses in a cell."""

import pytest

from reports.imports.mapping.cells import email_in, split_links, split_target


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("See https://example.org/A_(b)", "https://example.org/A_(b)"),
        ("(See https://example.org/A_(b)).", "https://example.org/A_(b)"),
        ("Minutes (https://example.org/a).", "https://example.org/a"),
    ],
)
def test_a_bracket_belongs_to_a_link_that_opens_it(text, link):
    assert split_links(text, "Minutes")[0] == link


@pytest.mark.parametrize("text", ["1,5 km", "6-8 parks", "6 to 8 parks", "6 a 8 parques", "0.625", "0,625 km"])
def test_a_target_that_is_not_one_whole_number_stays_as_it_is(text):
    assert split_target(text) == (text, "")


@pytest.mark.parametrize(
    ("text", "parts"), [("1.200 km", ("1200", "km")), ("85 %", ("85", "%")), ("6 árboles", ("6", "árboles"))]
)
def test_a_target_is_a_number_and_what_is_counted(text, parts):
    assert split_target(text) == parts


def test_a_full_stop_after_an_address_is_not_part_of_it():
    assert email_in("Ask Ana (ana@example.org), or write to her.") == "ana@example.org"
    assert email_in("Ask ana@example.org.") == "ana@example.org"


@pytest.mark.parametrize("text", ["@" * 200_000, "a" * 60_000 + " @"], ids=["at signs", "letters"])
def test_a_huge_cell_without_an_address_stays_as_it_is(text):
    assert email_in(text) == text
