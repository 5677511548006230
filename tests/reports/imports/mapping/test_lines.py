"""What the cells of a table become: lines of texts as our own files have them."""

import pytest

from deliverables.models import Deliverable, StatusUpdate
from deliverables.status import Status
from tests.reports.imports.journey import columns_page, empty_plan, guesses, import_file, rows_of

pytestmark = pytest.mark.django_db
PLAN = ["Eje", "Medida", "Acción"]
CYCLING = ["Movilidad", "Bicicletas", "Un carril"]
WALKING = ["Movilidad", "A pie", "Una acera"]


def table(*rows, heads=()):
    """A CSV of rows of the plan with further cells."""
    lines = [[*PLAN, *heads], *rows]
    return "".join(";".join(f'"{cell}"' for cell in row) + "\r\n" for row in lines).encode()


def update_of(plan):
    return StatusUpdate.objects.get(deliverable__measure__action_line__plan=plan)


# The structure


def test_empty_cells_of_lines_and_measures_are_filled_down(secretariat):
    plan = empty_plan()
    import_file(secretariat, plan, table(CYCLING, ["", "", "Un taller"], ["", "A pie", "Una acera"]))
    assert [row[:4] for row in rows_of(plan)] == [
        ("L1M1D1", "Movilidad", "Bicicletas", "Un carril"),
        ("L1M1D2", "Movilidad", "Bicicletas", "Un taller"),
        ("L1M2D1", "Movilidad", "A pie", "Una acera"),
    ]


def test_a_measure_is_filled_down_within_its_line_only(secretariat):
    plan = empty_plan()
    import_file(secretariat, plan, table(CYCLING, ["", "", "Un taller"], ["Vivienda", "", "Cien pisos"]))
    assert rows_of(plan)[2][:4] == ("L2M1D1", "Vivienda", "Vivienda", "Cien pisos")


def test_lines_that_differ_in_case_and_spaces_are_one(secretariat):
    plan = empty_plan()
    import_file(
        secretariat, plan, table(CYCLING, ["MOVILIDAD ", "A  PIE", "Una acera"], ["movilidad", "A pie", "Otra"])
    )
    assert [row[:3] for row in rows_of(plan)] == [
        ("L1M1D1", "Movilidad", "Bicicletas"), ("L1M2D1", "Movilidad", "A PIE"), ("L1M2D2", "Movilidad", "A PIE"),
    ]  # fmt: skip


def test_a_plan_of_two_levels_has_a_measure_for_each_line(secretariat):
    plan = empty_plan()
    import_file(secretariat, plan, b"Goal,Action\nMobility,A lane\nMobility,A street\nHousing,Homes\n")
    assert [row[:4] for row in rows_of(plan)] == [
        ("L1M1D1", "Mobility", "Mobility", "A lane"),
        ("L1M1D2", "Mobility", "Mobility", "A street"),
        ("L2M1D1", "Housing", "Housing", "Homes"),
    ]


def test_of_a_plan_of_four_levels_the_one_that_does_not_fit_is_left_out_and_named(secretariat):
    plan = empty_plan()
    content = b"Goal,Sector,Measure,Action\nMobility,Roads,Cycling,A lane\nHousing,Rents,Homes,Flats\n"
    journey = import_file(secretariat, plan, content)
    assert journey.left_out == ["Columns: Sector."]
    assert rows_of(plan)[0][1:4] == ("Mobility", "Cycling", "A lane")


@pytest.mark.parametrize(
    "codes",
    [["1.1.a", "2.1.c"], ["A.1.1", "B.1.3"], ["I.1.1", "II.1.3"], ["L01 M01 D01", "l2.m1.d3"], ["E1.1", "E2.3"]],
)
def test_codes_of_the_file_are_kept_in_whatever_form(secretariat, codes):
    plan = empty_plan()
    rows = [["Movilidad", "Movilidad", "Un carril", codes[0]], ["Vivienda", "Vivienda", "Cien pisos", codes[1]]]
    import_file(secretariat, plan, table(*rows, heads=["Código"]))
    assert [row[0] for row in rows_of(plan)] == ["L1M1D1", "L2M1D3"]


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        (["1.1.1", "1.1.1"], "The code L1M1D1 is there more than once."),
        (["1.1.1.1", "1.1.1.2"], "The file has no codes of three levels, such as L2M10D1."),
        (["1.1.1", "1.1.2"], "Rows with the code L1M1 have different texts."),
        (["Acción 1", "Acción 2"], "The file has no codes of three levels, such as L2M10D1."),
    ],
    ids=["twice", "four levels", "other texts", "serial"],
)
def test_codes_that_cannot_be_right_give_way_to_new_ones_and_the_page_says_why(secretariat, codes, reason):
    plan = empty_plan()
    content = table([*CYCLING, codes[0]], [*WALKING, codes[1]], heads=["Código"])
    page, _url = columns_page(secretariat, plan, content)
    assert page.context["form"].fields["codes"].help_text == reason
    import_file(secretariat, plan, content)
    assert [row[0] for row in rows_of(plan)] == ["L1M1D1", "L1M2D1"]


def test_a_table_uploaded_again_changes_what_it_added_and_adds_nothing(secretariat):
    plan = empty_plan()
    import_file(secretariat, plan, table([*CYCLING, "2018"], heads=["Plazo"]))
    journey = import_file(secretariat, plan, table([*CYCLING, "2019"], heads=["Plazo"]))
    assert journey.counts == {"added": 0, "changed": 1, "unchanged": 0, "statuses": 0}
    assert [row[4] for row in rows_of(plan)] == ["2019-12-31"]


def test_dates_whose_order_nobody_can_tell_are_asked_once(secretariat):
    plan = empty_plan()
    content = table([*CYCLING, "3/4/2019"], [*WALKING, "5/6/2018"], heads=["Plazo"])
    page, _url = columns_page(secretariat, plan, content)
    assert guesses(page)["order"] == ""
    import_file(secretariat, plan, content, order="month")
    assert [row[4] for row in rows_of(plan)] == ["2019-03-04", "2018-05-06"]


def test_a_due_date_of_words_is_left_out_and_named(secretariat):
    plan = empty_plan()
    journey = import_file(secretariat, plan, table([*CYCLING, "2019"], [*WALKING, "Permanente"], heads=["Plazo"]))
    assert journey.left_out == ["“Permanente” is no date: row 3."]
    assert [row[4] for row in rows_of(plan)] == ["2019-12-31", ""]


def test_a_target_with_its_unit_in_one_cell_is_taken_apart(secretariat):
    plan = empty_plan()
    import_file(secretariat, plan, table([*CYCLING, "1.200 km"], heads=["Meta"]))
    deliverable = Deliverable.objects.of_plan(plan.slug).get()
    assert (deliverable.target, deliverable.target_unit) == (1200, "km")


def test_a_target_that_is_no_whole_number_is_told_and_not_cut(secretariat):
    plan = empty_plan()
    others = [[*CYCLING[:-1], CYCLING[-1] + f" {number}", "6", "km"] for number in (1, 2)]
    journey = import_file(secretariat, plan, table([*CYCLING, "1.5", "km"], *others, heads=["Meta", "Unidad"]))
    assert journey.problems == [(2, "Target", "“1.5” is not a whole number, such as 6.")]


def test_people_and_regions_that_the_tracker_does_not_know_are_left_out_and_named(secretariat, sofia):
    plan = empty_plan()
    cells = [[*CYCLING, "Ana <ana@example.org>", "Centro"]]
    journey = import_file(secretariat, plan, table(*cells, heads=["Contacto", "Distrito"]))
    assert journey.left_out == ["Columns: Contacto, Distrito."]
    import_file(secretariat, plan, table([*CYCLING, sofia.email], heads=["Contacto"]))
    assert Deliverable.objects.of_plan(plan.slug).get().responsible == sofia


# Statuses with the plan


def test_one_upload_holds_the_plan_and_its_statuses(secretariat):
    plan = empty_plan()
    rows = [[*CYCLING, "Retrasado", "Falta la licencia", "30/04/2019"], [*WALKING, "Sin empezar", "", ""]]
    journey = import_file(secretariat, plan, table(*rows, heads=["Estado", "Observaciones", "Fecha"]))
    update = update_of(plan)
    assert (update.status, update.note, str(update.effective_on)) == (
        Status.IN_PROGRESS, "Falta la licencia", "2019-04-30",
    )  # fmt: skip
    assert journey.counts == {"added": 2, "changed": 0, "unchanged": 0, "statuses": 1}


def test_statuses_without_their_own_date_and_note_have_those_of_the_page(secretariat):
    plan = empty_plan()
    content = table([*CYCLING, "Cumplido"], heads=["Estado"])
    note = "As the annual report of 2018 says."
    import_file(secretariat, plan, content, effective_on="2018-12-31", note=note)
    assert (update_of(plan).status, update_of(plan).note) == (Status.ATTAINED, note)
    assert str(update_of(plan).effective_on) == "2018-12-31"


def test_a_note_that_says_too_little_for_attained_is_followed_by_that_of_the_page(secretariat):
    plan = empty_plan()
    content = table([*CYCLING, "Cumplido", "OK"], heads=["Estado", "Observaciones"])
    import_file(secretariat, plan, content, note="As the annual report of 2018 says.")
    assert update_of(plan).note == "OK\nAs the annual report of 2018 says."


def test_statuses_that_are_not_imported_leave_the_plan_alone(secretariat):
    plan = empty_plan()
    import_file(secretariat, plan, table([*CYCLING, "Cumplido"], heads=["Estado"]), content="plan")
    assert len(rows_of(plan)) == 1
    assert not StatusUpdate.objects.filter(deliverable__measure__action_line__plan=plan).exists()


def test_each_link_of_a_cell_is_an_item_of_evidence(secretariat):
    plan = empty_plan()
    cell = "Acta: https://example.org/a\nwww.example.org/b; https://example.org/c."
    import_file(secretariat, plan, table([*CYCLING, "Cumplido", cell], heads=["Estado", "Fuentes"]))
    links = [evidence.link for evidence in update_of(plan).evidence]
    assert links == ["https://example.org/a", "https://www.example.org/b", "https://example.org/c"]


def test_a_long_text_beside_a_link_becomes_the_note(secretariat):
    plan = empty_plan()
    text = "Se abrió en mayo. " * 20
    import_file(
        secretariat, plan, table([*CYCLING, "Cumplido", f"{text} https://example.org/a"], heads=["Estado", "Enlace"])
    )
    assert (update_of(plan).note, update_of(plan).evidence[0].title) == (text.strip(), "")


def test_several_columns_become_one_note_with_their_heads(secretariat):
    plan = empty_plan()
    rows = [[*CYCLING, "En curso", "Falta la licencia", "Se pidió en mayo"]]
    import_file(secretariat, plan, table(*rows, heads=["Estado", "Observaciones", "Comentarios"]))
    assert update_of(plan).note == "Observaciones: Falta la licencia\nComentarios: Se pidió en mayo"


def test_a_status_of_shares_is_read_as_the_percentages_that_the_spreadsheet_shows(secretariat):
    plan = empty_plan()
    page, _url = columns_page(secretariat, plan, table([*CYCLING, "1"], [*WALKING, "0.5"], heads=["% avance"]))
    words = page.context["form"].words
    assert [(word, field.value()) for word, _rows, field in words] == [("1", "attained"), ("0.5", "in_progress")]


def test_notes_of_rows_without_a_status_are_named(secretariat):
    plan = empty_plan()
    rows = [[*CYCLING, "En curso", ""], [*WALKING, "", "Ver con Hacienda"]]
    journey = import_file(secretariat, plan, table(*rows, heads=["Estado", "Observaciones"]))
    assert journey.left_out == ["Notes, links and others of rows without a status: row 3."]
    assert journey.remarks == ["One row without a status: row 3."]
