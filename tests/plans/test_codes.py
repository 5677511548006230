import pytest

from plans.codes import Code, numbers_in


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("L2", Code(2)),
        ("L2M10", Code(2, 10)),
        ("L2M10D1", Code(2, 10, 1)),
        (" l2m3d4 ", Code(2, 3, 4)),
    ],
)
def test_a_code_is_parsed_in_either_case(text, code):
    assert Code.parse(text) == code


@pytest.mark.parametrize(
    "text", ["L2M10D1.", "L2 M10 D1", "l02m010d01", "L2.M10.D1", "(L2M10D1)", "\u200bL2M10\u00a0D1", "Ｌ２Ｍ１０Ｄ１"]
)
def test_a_code_is_found_as_people_type_it(text):
    assert Code.find(text) == Code(2, 10, 1)


@pytest.mark.parametrize("text", ["L2M10D1 and more", "gender", "", "...", "L0", "L2D1"])
def test_another_text_is_no_code(text):
    assert Code.find(text) is None


@pytest.mark.parametrize("text", ["", "L", "L0", "L01", "M1", "L1D1", "L1M", "L1M1D1x", "L99999", "gender", "L١"])
def test_an_invalid_code_gives_none(text):
    assert Code.parse(text) is None


@pytest.mark.parametrize("text", ["L1", "L2M10", "L3M8D1"])
def test_a_parsed_code_is_written_the_same(text):
    assert str(Code.parse(text)) == text


def test_codes_sort_by_number_and_not_as_text():
    codes = [Code(2, 10, 1), Code(2, 9, 1), Code(1, 1, 2), Code(1, 1, 1)]
    assert sorted(codes) == [Code(1, 1, 1), Code(1, 1, 2), Code(2, 9, 1), Code(2, 10, 1)]


def test_a_deliverables_code_gives_its_measure_and_line():
    code = Code.parse("L2M10D3")
    assert (str(code.in_line), str(code.in_measure)) == ("L2", "L2M10")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("L1M2D3", (1, 2, 3)),
        ("L1.M2.D3", (1, 2, 3)),
        ("L1-M2-D3", (1, 2, 3)),
        (" l1 m2\u00a0d3 ", (1, 2, 3)),
        ("L01M02D03", (1, 2, 3)),
        ("01-02-03", (1, 2, 3)),
        ("1.2.3", (1, 2, 3)),
        ("1.2.3.", (1, 2, 3)),
        ("1.2.c", (1, 2, 3)),
        ("A.2.3", (1, 2, 3)),
        ("E1.2", (1, 2)),
        ("Acción 3", (3,)),
        ("Action 1.2.a", (1, 2, 1)),
        ("Line 1 Measure 2", (1, 2)),
        ("EJE1-P2-A3", (1, 2, 3)),
        ("1.2.3.4", (1, 2, 3, 4)),
        ("7", (7,)),
    ],
)
def test_the_numbers_of_other_plans_codes_are_read(text, numbers):
    assert numbers_in(text) == numbers


@pytest.mark.parametrize(("text", "numbers"), [("II.1.3", (2, 1, 3)), ("IV.2.1", (4, 2, 1)), ("IX.1", (9, 1))])
def test_roman_numerals_are_read_where_the_column_has_them(text, numbers):
    assert numbers_in(text, roman=True) == numbers


@pytest.mark.parametrize(
    "text", ["", "gender", "Plant 5 trees", "1.2.0", "1.2.3.4.5.6.7", "12 new squares", "A lane", "...", "100000"]
)
def test_a_text_has_no_numbers_of_a_code(text):
    assert numbers_in(text) is None
