"""Which rows of a file are deliverables, and which sheets are read."""

import io

import pytest
from xlsxwriter import Workbook

from tests.reports.imports.journey import answer, columns_page, empty_plan, guesses, import_file, rows_of

pytestmark = pytest.mark.django_db
HEADS = ["Eje", "Medida", "Acción", "Presupuesto"]
CYCLING = ["Movilidad", "Bicicletas", "Un carril", "100"]
WALKING = ["Movilidad", "A pie", "Una acera", "200"]
HOUSING = ["Vivienda", "Alquiler", "Cien pisos", "300"]
TITLES = ["Un carril", "Una acera", "Cien pisos"]


def table(*rows, heads=HEADS):
    return "".join(";".join(row) + "\r\n" for row in [heads, *rows]).encode()


def book(*sheets):
    """A workbook of (name, rows)."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as workbook:
        for name, rows in sheets:
            sheet = workbook.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
    return file.getvalue()


def titles(plan):
    return [row[3] for row in rows_of(plan)]


def test_totals_anywhere_are_left_out_and_named(secretariat):
    plan = empty_plan()
    subtotal, total = ["Subtotal Movilidad", "", "", "300"], ["TOTAL GENERAL", "", "", "600"]
    journey = import_file(secretariat, plan, table(CYCLING, WALKING, subtotal, HOUSING, total, ["", "", "3", "600"]))
    assert titles(plan) == TITLES
    assert journey.left_out == ["Columns: Presupuesto.", "Totals: rows 4, 6, 7."]


def test_a_title_that_begins_like_a_total_is_none(secretariat):
    plan = empty_plan()
    import_file(secretariat, plan, table(["Movilidad", "A pie", "Total renewal of parks", "1"], WALKING, HOUSING))
    assert titles(plan)[0] == "Total renewal of parks"


def test_headings_between_the_rows_are_the_lines(secretariat):
    plan = empty_plan()
    rows = [["MOVILIDAD"], ["Un carril", "2019", "Obras"], ["Una acera", "2019", "Obras"]]
    rows += [["VIVIENDA"], ["Cien pisos", "2019", "Obras"]]
    import_file(secretariat, plan, table(*rows, heads=["Acción", "Plazo", "Responsable"]))
    assert [row[1] for row in rows_of(plan)] == ["MOVILIDAD", "MOVILIDAD", "VIVIENDA"]


def test_a_line_or_measure_in_a_row_of_its_own_names_those_below(secretariat):
    plan = empty_plan()
    rows = [["Movilidad"], ["", "Bicicletas"], ["", "", "Un carril"], ["", "A pie"], ["", "", "Una acera"]]
    import_file(secretariat, plan, table(*rows, ["Vivienda", "Alquiler"], ["", "", "Cien pisos"]))
    assert [row[1:4] for row in rows_of(plan)] == [tuple(row[:3]) for row in (CYCLING, WALKING, HOUSING)]


def test_empty_columns_and_rows_change_nothing(secretariat):
    plan = empty_plan()
    rows = [["", row[0], "", row[1], "", row[2]] for row in (CYCLING, WALKING, HOUSING)]
    import_file(secretariat, plan, table(rows[0], [], *rows[1:], heads=["", "Eje", "", "Medida", "", "Acción"]))
    assert [row[1:4] for row in rows_of(plan)] == [tuple(row[:3]) for row in (CYCLING, WALKING, HOUSING)]


def test_a_table_without_heads_loses_no_row(secretariat):
    plan = empty_plan()
    import_file(secretariat, plan, table(WALKING, HOUSING, ["Vivienda", "Obras", "Diez obras", "1"], heads=CYCLING))
    assert titles(plan) == [*TITLES, "Diez obras"]


def test_a_list_of_promises_is_one_line(secretariat):
    plan = empty_plan()
    import_file(secretariat, plan, "\r\n".join(["Promesas electorales", *TITLES]).encode())
    assert [row[3] for row in rows_of(plan)] == TITLES
    assert {row[1] for row in rows_of(plan)} == {plan.name}


# Several sheets


def test_a_sheet_of_notes_before_the_plan_is_left_out(secretariat):
    plan = empty_plan()
    notes = ("Notas", [["Notas"], ["Aprobado por el Pleno"], ["Fuente: Secretaría"]])
    journey = import_file(secretariat, plan, book(notes, ("Plan", [HEADS, CYCLING, WALKING, HOUSING])))
    assert (titles(plan), journey.left_out[1]) == (TITLES, "Sheets: Notas.")


def test_sheets_with_the_same_columns_in_another_order_are_read_together(secretariat):
    plan = empty_plan()
    turned = [cells[::-1] for cells in (HEADS, HOUSING)]
    import_file(secretariat, plan, book(("A", [HEADS, CYCLING, WALKING]), ("B", turned)))
    assert [row[1:4] for row in rows_of(plan)] == [tuple(row[:3]) for row in (CYCLING, WALKING, HOUSING)]


def test_the_names_of_the_sheets_are_the_lines_where_no_column_is(secretariat):
    plan = empty_plan()
    sheets = [("Movilidad", [HEADS[1:], CYCLING[1:], WALKING[1:]]), ("Vivienda", [HEADS[1:], HOUSING[1:]])]
    import_file(secretariat, plan, book(*sheets))
    assert [row[1:4] for row in rows_of(plan)] == [tuple(row[:3]) for row in (CYCLING, WALKING, HOUSING)]


def test_sheets_with_other_columns_are_refused_in_a_sentence(secretariat):
    plan = empty_plan()
    content = book(("Plan", [HEADS, CYCLING]), ("Resumen", [["Eje", "Total"], ["Movilidad", "1"]]))
    page, url = columns_page(secretariat, plan, content)
    answered = answer(secretariat, url, guesses(page) | {"sheets": ["Plan", "Resumen"]})
    assert answered.status_code == 422
    assert answered.context["shape"].errors["sheets"] == [
        "The sheet “Resumen” has other columns. Choose sheets with the same ones, or one alone."
    ]


def test_another_sheet_is_read_with_heads_of_its_own(secretariat):
    plan = empty_plan()
    other = ("Otra", [["Listado"], ["Línea", "Compromiso"], ["Vivienda", "Cien pisos"], ["Vivienda", "Diez pisos"]])
    page, url = columns_page(secretariat, plan, book(("Plan", [HEADS, CYCLING]), other))
    assert answer(secretariat, url, guesses(page) | {"sheets": ["Otra"]}).url == url
    page = secretariat.get(url)
    assert [(head, field.value()) for _letter, head, _examples, field in page.context["form"].columns] == [
        ("Línea", "action_line_title"), ("Compromiso", "title"),
    ]  # fmt: skip
