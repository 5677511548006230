import time

import pytest

from reports.imports.mapping.heads import find_head_row, guess_fields, guess_head

LINES = ["Mobility", "Mobility", "Housing", "Housing"]
MEASURES = ["Cycling", "Walking", "Rents", "Rents"]
TITLES = ["Build a lane", "Close a street", "Build 200 homes", "Cap the rents of old homes"]
DAYS = ["2017-06-30", "2018-12-31", "2019-03-31", "2019-12-31"]


@pytest.mark.parametrize(
    ("heads", "fields"),
    [
        (["Goal", "Objective", "Action", "Deadline", "Status"],
         ["action_line_title", "measure_statement", "title", "due_on", "status"]),
        (["Eje", "Programa", "Acción", "Fecha límite prevista", "Estado (mayo 2019)"],
         ["action_line_title", "measure_statement", "title", "due_on", "status"]),
        (["AXE", "Objectif", "Action", "Échéance", "État d'avancement"],
         ["action_line_title", "measure_statement", "title", "due_on", "status"]),
        (["Eixo", "Objetivo", "Ação", "Prazo", "Situação"],
         ["action_line_title", "measure_statement", "title", "due_on", "status"]),
        (["Action line", "Measure", "Deliverable", "Due date", "Status"],
         ["action_line_title", "measure_statement", "title", "due_on", "status"]),
    ],
    ids=["English", "Spanish", "French", "Portuguese", "ours, with texts"],
)  # fmt: skip
def test_heads_are_guessed_in_each_language(heads, fields):
    assert guess_fields(heads, [LINES, MEASURES, TITLES, DAYS, ["Done", "Late", "Done", "Late"]]) == fields


@pytest.mark.parametrize(
    ("head", "texts", "field"),
    [
        ("Action line", ["1", "2"], "action_line"),
        ("Action line", LINES, "action_line_title"),
        ("Réalisé", ["Oui", "Non"], "status"),
        ("Réalisé", ["4", "12"], "achieved"),
        ("Evidence", ["https://example.org/a"], "evidence_link"),
        ("Evidence", ["Minutes of the Board"], "evidence_title"),
        ("Commitment ID", ["C001"], "code"),
        ("Número de proyecto", ["12"], "code"),
        ("Fuentes", ["https://example.org/a"], "evidence_link"),
        ("Last updated", DAYS, "effective_on"),
        ("Fecha de inicio", DAYS, "left_out"),
    ],
)
def test_a_head_means_what_stands_below_it(head, texts, field):
    assert guess_head(head, texts)[0] == field


def test_an_unknown_head_means_nothing():
    assert guess_head("Budget") is None


@pytest.mark.parametrize(
    ("texts", "field"),
    [
        (["a@example.org", "b@example.org"], "responsible"),
        (["https://example.org/a", "Minutes: https://example.org/b"], "evidence_link"),
        (["12/31/2019", "6/30/2018"], "due_on"),
        (["1.1.1", "1.1.2"], "code"),
        (["Done", "Late"], "status"),
        (["100", "200"], ""),
        ([], ""),
    ],
)
def test_a_column_without_a_known_head_is_guessed_from_its_values(texts, field):
    assert guess_fields(["Action", "???"], [TITLES, texts])[1] == field


def test_days_with_the_month_first_are_due_dates_and_no_codes():
    days = ["12/31/2019", "6/30/2018", "1/31/2017"]
    assert guess_fields(["Action", "Deadline"], [TITLES, days]) == ["title", "due_on"]


def test_a_column_of_starts_is_left_out():
    heads = ["Acción", "Fecha inicio", "Fecha fin"]
    assert guess_fields(heads, [TITLES, DAYS, DAYS]) == ["title", "", "due_on"]


def test_two_columns_become_one_field_only_where_it_holds_many():
    heads = ["Action", "Date", "Date", "Notes", "Comments"]
    columns = [TITLES, DAYS, DAYS, ["Seen it"], ["So have I"]]
    assert guess_fields(heads, columns) == ["title", "effective_on", "due_on", "note", "note"]


def test_texts_that_repeat_left_of_the_deliverables_are_lines_and_measures_whatever_their_heads():
    columns = [LINES, MEASURES, TITLES, ["Mayor", "Mayor", "Mayor", "Mayor"]]
    assert guess_fields(["Bereich", "Ziel", "Action", "Amt"], columns)[:3] == [
        "action_line_title", "measure_statement", "title",
    ]  # fmt: skip
    assert guess_fields(["", "", "", ""], columns) == ["action_line_title", "measure_statement", "title", ""]


def test_themes_are_the_lines_where_no_other_column_is():
    assert guess_fields(["Theme", "Recommendation"], [LINES, TITLES]) == ["action_line_title", "title"]
    assert guess_fields(["Theme", "Goal", "Action"], [LINES, LINES, TITLES]) == ["themes", "action_line_title", "title"]


def test_a_legend_beside_the_table_is_no_column_of_statuses():
    assert guess_fields(["Action", "Leyenda"], [TITLES, ["Done"]]) == ["title", ""]


def test_a_long_text_with_a_link_in_it_is_no_column_of_links():
    assert guess_fields(["Action", "???"], [TITLES, ["word " * 100 + "https://example.org/a"] * 4]) == ["title", ""]


def test_a_plan_of_two_levels_has_lines_and_no_measures():
    assert guess_fields(["Objective", "Action"], [LINES, TITLES]) == ["action_line_title", "title"]


def test_where_sheets_name_the_lines_the_objective_is_a_measure():
    assert guess_fields(["Objective", "Action"], [LINES, TITLES], has_lines=True) == ["measure_statement", "title"]


def test_descriptions_beside_codes_are_the_deliverables_unless_statuses_of_a_plan_are_imported():
    heads, columns = ["Code", "Description", "Status"], [["1.1.1", "1.1.2"], TITLES, ["Done", "Late"]]
    assert guess_fields(heads, columns) == ["code", "note", "status"]
    assert guess_fields(heads, columns, needs_title=True) == ["code", "title", "status"]
    assert guess_fields(heads[:2], columns[:2]) == ["code", "title"]


HEADS = ["Eje", "Acción", "Plazo"]
ROW = ["Movilidad", "Construir 12 km de carril", "2019-12-31"]


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([HEADS, ROW], 0),
        ([["Plan"], ["Ayuntamiento"], ["Actualizado: 3 de mayo de 2019"], HEADS, ROW], 3),
        ([["Estructura", "", "Seguimiento"], HEADS, ROW], 1),
        ([["Plan"]] * 9 + [HEADS, ROW], 9),
        ([[*HEADS[:2], "2017", "2018", "2019"], ["Movilidad", "Un carril", "a", "b", "c"]], 0),
        ([["Plan 2019", "", ""], ["Bereich", "Aktion", "Frist"], ROW], 1),
        ([["Wahlversprechen"], ["Ein Park"], ["Ein Haus"]], 0),
        ([ROW, ["Movilidad", "Peatonalizar la calle", "2018-12-31"]], None),
        ([["Movilidad", "Un carril"], ["Movilidad", "Una calle"]], None),
        ([["Construir 12 km de carril"], ["Una calle"]], None),
        ([], None),
    ],
    ids=["first", "below a title", "two rows of heads", "tenth", "years", "unknown heads", "one column", "values",
         "values that repeat", "one column without", "nothing"],
)  # fmt: skip
def test_the_heads_are_found_within_ten_rows_or_there_are_none(rows, place):
    assert find_head_row(list(enumerate(rows, start=1))) == place


def test_a_large_table_is_guessed_from_its_first_rows():
    columns = [[f"w{row} x{column}" for row in range(6000)] for column in range(60)]
    started = time.process_time()
    guess_fields([f"h{column}" for column in range(60)], columns)
    assert time.process_time() - started < 10  # one second on a quiet machine; all rows take minutes
