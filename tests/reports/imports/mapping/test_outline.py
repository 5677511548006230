import pytest

from tests.reports.imports.journey import empty_plan, import_file, rows_of

pytestmark = pytest.mark.django_db


def outline(*rows, heads="Código;Descripción"):
    return "\n".join([heads, *rows]).encode()


def test_codes_of_fewer_levels_name_the_lines_and_measures_of_those_below(secretariat):
    plan = empty_plan()
    content = outline(
        "1;Movilidad", "1.1;Bicicletas", "1.1.1;Un carril", "1.1.2;Un taller", "1.2;A pie", "1.2.1;Una acera",
        "2;Vivienda", "2.1;Alquiler", "2.1.1;Cien pisos",
    )  # fmt: skip
    import_file(secretariat, plan, content)
    assert [row[:4] for row in rows_of(plan)] == [
        ("L1M1D1", "Movilidad", "Bicicletas", "Un carril"),
        ("L1M1D2", "Movilidad", "Bicicletas", "Un taller"),
        ("L1M2D1", "Movilidad", "A pie", "Una acera"),
        ("L2M1D1", "Vivienda", "Alquiler", "Cien pisos"),
    ]


def test_an_outline_of_two_levels_has_a_measure_for_each_line(secretariat):
    plan = empty_plan()
    import_file(secretariat, plan, outline("1;Movilidad", "1.1;Un carril", "2;Vivienda", "2.1;Cien pisos"))
    assert [row[:4] for row in rows_of(plan)] == [
        ("L1M1D1", "Movilidad", "Movilidad", "Un carril"),
        ("L2M1D1", "Vivienda", "Vivienda", "Cien pisos"),
    ]


def test_columns_of_lines_come_before_codes_of_fewer_levels(secretariat):
    plan = empty_plan()
    content = outline("1.1.1;Movilidad;Un carril", "1.1.2;Movilidad;Un taller", heads="Código;Eje;Acción")
    import_file(secretariat, plan, content)
    assert [row[1] for row in rows_of(plan)] == ["Movilidad", "Movilidad"]
