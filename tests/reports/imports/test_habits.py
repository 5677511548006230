"""Spreadsheets as people bring them: the habits of real ones, each imported with one page of choices at most."""

import io
from datetime import datetime

import pytest
from xlsxwriter import Workbook

from tests.reports.imports.files import repacked, xls, xls_text
from tests.reports.imports.journey import empty_plan, import_file, rows_of

pytestmark = pytest.mark.django_db
HEADS = ["Code", "Action line in words", "Measure in words", "Deliverable", "Due on"]
NAMES = ["code", "action_line_title", "measure_statement", "title", "due_on"]
ROWS = [
    ["L1M1D1", "Ciudad a Escala Humana", "Transporte público", "Solucionar los baches en 15 días", "2016-12-31"],
    ["L1M1D2", "Ciudad a Escala Humana", "Transporte público", "Construir ocho corredores de bus", "2019-12-31"],
    ["L1M2D1", "Ciudad a Escala Humana", "Más espacio verde", "12 nuevas plazas", "2019-12-31"],
    ["L2M1D1", "Disfrute y Convivencia", "Más espacio verde", "Duplicar el reciclado de basura", "2017-12-31"],
    ["L3M1D1", "Creatividad", "Cultura", "Integrar a 100.000 mayores al mundo digital", "2019-12-31"],
]
EXPECTED = [tuple(row) for row in ROWS]
CHINESE = [
    ["L1M1D1", "城市治理", "公共交通", "到2025年完成轨道交通线网规划（第一阶段）", "2019-12-31"],
    ["L1M1D2", "城市治理", "公共交通", "推进“无废城市”建设", "2019-12-31"],
]
CYRILLIC = [["L1M1D1", "Городское управление", "Общественный транспорт", "Построить станции", "2019-12-31"]]


def text(rows=ROWS, heads=NAMES, separator=";"):
    return "".join(separator.join(row) + "\r\n" for row in [heads, *rows])


def xlsx(rows=ROWS, heads=HEADS, *, top=0, left=0, change=None, name="Sheet", **options):
    """A workbook of rows below their heads, from a place on. `change(book, sheet)` does the rest."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True} | options) as book:
        sheet = book.add_worksheet(name)
        for number, cells in enumerate([heads, *rows], start=top):
            for column, cell in enumerate(cells, start=left):
                sheet.write(number, column, cell)
        if change:
            change(book, sheet)
    return file.getvalue()


def with_column(place, values, rows=ROWS):
    """The rows with other values in a column."""
    return [[*row[:place], value, *row[place + 1 :]] for row, value in zip(rows, values, strict=True)]


def codes(form):
    """The rows with codes of another form, such as `1.1.{}`: numbers that say nothing of the lines."""
    return with_column(0, [form.format(number) for number in range(1, len(ROWS) + 1)])


def days(convert):
    return with_column(4, [convert(datetime.fromisoformat(row[4])) for row in ROWS])


def dated(clock=""):
    """A workbook of real dates, some with a time."""

    def write(book, sheet):
        shown = book.add_format({"num_format": f"dd/mm/yyyy{clock}"})
        for number, row in enumerate(ROWS, start=1):
            day = datetime.fromisoformat(row[4]).replace(hour=17 if clock else 0)
            sheet.write_datetime(number, 4, day, shown)

    return xlsx(change=write)


def with_formulas(book, sheet):
    for number in range(1, len(ROWS) + 1):
        sheet.write_formula(number, 0, '="L1M1D"&ROW()', None, "")


def without_values(content):
    """The workbook as a program writes it that calculates no formula."""
    return repacked(content, lambda _name, part: part.replace(b' t="str"><f>', b"><f>").replace(b"<v></v>", b"<v/>"))


def with_error(book, sheet):
    sheet.write_formula(2, 4, "=NA()", None, "#N/A")


def as_excel_table(book, sheet):
    sheet.add_table(0, 0, len(ROWS), 4, {"columns": [{"header": head} for head in HEADS]})
    sheet.write_comment("D3", "ojo")


def formatted_far_down(book, sheet):
    sheet.write_blank(19_999, 0, None, book.add_format({"bold": True}))


def hidden(book, sheet):
    sheet.set_row(3, None, None, {"hidden": True})
    sheet.set_column(2, 2, 13, None, {"hidden": True})


def height_of_last_row(content):
    row = b'<row r="1048576" ht="20" customHeight="1"></row></sheetData>'
    return repacked(content, lambda name, part: part.replace(b"</sheetData>", row) if "sheet1" in name else part)


def total_formula(book, sheet):
    sheet.write_formula(len(ROWS) + 1, 3, "=COUNTA(D2:D6)", None, "")


def second_sheet(book, sheet):
    sheet = book.add_worksheet("Eje 2")
    for number, cells in enumerate([HEADS, ["L4M1D1", "Cuarto eje", "Medida", "Entregable", "2019-12-31"]]):
        sheet.write_row(number, 0, cells)


def with_empty_rows():
    return xlsx([*ROWS[:2], [], *ROWS[2:4], ["", " ", ""], *ROWS[4:]])


def as_xls():
    cells = [(r, c, cell) for r, cells in enumerate([HEADS, *ROWS]) for c, cell in enumerate(cells)]
    return xls(b"".join(xls_text(*cell) for cell in cells))


def as_libreoffice(content):
    """The workbook with false attributes written out, as LibreOffice does, and dates as numbers with a format."""
    change = b'<row customFormat="false" hidden="false" customHeight="false" collapsed="false" '
    return repacked(content, lambda name, part: part.replace(b"<row ", change) if "sheet1" in name else part)


IMPORTED = {
    "csv-comma-utf8": lambda: text(separator=",").encode(),
    "csv-semicolon": lambda: text().encode(),
    "csv-semicolon-cp1252": lambda: text().encode("cp1252"),
    "csv-macroman": lambda: text().encode("mac_roman"),
    "csv-sep-line": lambda: ("sep=;\r\n" + text()).encode(),
    "csv-tab": lambda: text(separator="\t").encode(),
    "csv-utf16le-bom": lambda: b"\xff\xfe" + text(separator="\t").encode("utf-16-le"),
    "x-plain": lambda: xlsx(constant_memory=True),
    "x-plain-xls": as_xls,
    "x-blank-column-A": lambda: xlsx(left=1),
    "x-codes-1.1.1": lambda: xlsx(codes("1.1.{}")),
    "x-codes-L1-M1-D1": lambda: xlsx(codes("L1-M1-D{}")),
    "x-codes-L1.M1.D1": lambda: xlsx(codes("L1.M1.D{}")),
    "x-codes-inner-blank": lambda: xlsx(codes("L1 M1 D{}")),
    "x-codes-nbsp-lower": lambda: xlsx(codes("\xa0l1m1d{}\xa0")),
    "x-codes-number": lambda: xlsx(with_column(0, range(1, 6))),
    "x-codes-zero-padded": lambda: xlsx(codes("L01M01D0{}")),
    "x-dates-dmy-text": lambda: xlsx(days("{:%d/%m/%Y}".format)),
    "x-dates-excel-serial": lambda: xlsx(days(lambda day: (day - datetime.fromisoformat("1899-12-30")).days)),
    "x-dates-with-time": lambda: dated(" hh:mm"),
    "x-dates-year-only": lambda: xlsx(days(lambda day: day.year)),
    "x-real-dates": dated,
    "x-empty-rows-between": with_empty_rows,
    "x-excel-table-comment": lambda: xlsx(change=as_excel_table),
    "x-formatted-empty-cell-row-20000": lambda: xlsx(change=formatted_far_down),
    "x-from-libreoffice": lambda: as_libreoffice(dated()),
    "x-head-linebreak": lambda: xlsx(heads=["Code", "Action line\nin words", *HEADS[2:]]),
    "x-head-spanish-es-labels": lambda: xlsx(
        heads=["Código", "Línea de acción en palabras", "Medida en palabras", "Entregable", "Plazo"]
    ),
    "x-height-of-last-row": lambda: height_of_last_row(xlsx()),
    "x-no-code-column": lambda: xlsx([row[1:] for row in ROWS], HEADS[1:]),
    "x-only-first-row-of-line-filled": lambda: xlsx(
        with_column(1, [ROWS[0][1], "", "", ROWS[3][1], ROWS[4][1]])
    ),
    "x-totals-formula": lambda: without_values(xlsx(change=total_formula)),
}  # fmt: skip


@pytest.mark.parametrize("habit", IMPORTED)
def test_a_table_with_this_habit_becomes_the_plan_that_it_shows(secretariat, habit):
    plan = empty_plan()
    journey = import_file(secretariat, plan, IMPORTED[habit]())
    assert (journey.refusal, journey.problems) == ("", [])
    assert rows_of(plan) == EXPECTED


LEAVING_OUT = {
    "x-extra-columns": (
        lambda: xlsx([[*row, "100", "Ayto", "50%"] for row in ROWS], [*HEADS, "Budget", "Lead", "% complete"]),
        ["Columns: Budget, Lead, % complete."],
    ),
    "x-notes-column-no-head": (
        lambda: xlsx([*ROWS[:2], [*ROWS[2], "", "ver con Hacienda"], *ROWS[3:]]), ["Columns: column G."],
    ),
    "x-title-row-above": (
        lambda: xlsx(top=2, change=lambda book, sheet: sheet.write(0, 0, "Plan de Acción 2016–2019")),
        ["Above the column names: Plan de Acción 2016–2019."],
    ),
    "x-totals-row": (lambda: xlsx([*ROWS, ["Total", "", "", "5 entregables"]]), ["Totals: row 7."]),
}  # fmt: skip


@pytest.mark.parametrize("habit", LEAVING_OUT)
def test_what_is_no_part_of_the_plan_is_left_out_and_named(secretariat, habit):
    plan = empty_plan()
    make, left_out = LEAVING_OUT[habit]
    assert import_file(secretariat, plan, make()).left_out == left_out
    assert rows_of(plan) == EXPECTED


def test_hidden_rows_are_left_out_and_hidden_columns_are_not(secretariat):
    plan = empty_plan()
    assert import_file(secretariat, plan, xlsx(change=hidden)).left_out == ["Hidden rows: 4."]
    assert rows_of(plan) == [row for row in EXPECTED if row[0] != "L1M2D1"]


def test_sheets_of_the_same_columns_are_read_together(secretariat):
    plan = empty_plan()
    import_file(secretariat, plan, xlsx(change=second_sheet, name="Eje 1"))
    assert rows_of(plan) == [*EXPECTED, ("L4M1D1", "Cuarto eje", "Medida", "Entregable", "2019-12-31")]


def test_line_breaks_quotation_marks_and_spaces_in_a_text_become_one_line(secretariat):
    plan = empty_plan()
    titles = ["“Baches” – 15 días\ny bicisendas…", "  Doble   espacio\t y tab ", *[row[3] for row in ROWS[2:]]]
    import_file(secretariat, plan, xlsx(with_column(3, titles)))
    assert [row[3] for row in rows_of(plan)][:2] == ["“Baches” – 15 días y bicisendas…", "Doble espacio y tab"]


@pytest.mark.parametrize(
    ("rows", "encoding"), [(CHINESE, "gb18030"), (CHINESE, "utf-8"), (CYRILLIC, "cp1251")],
    ids=["csv-gb18030-chinese", "csv-utf8-chinese", "csv-cp1251-cyrillic"],
)  # fmt: skip
def test_other_scripts_are_read_in_the_encoding_of_the_file(secretariat, rows, encoding):
    plan = empty_plan()
    import_file(secretariat, plan, text(rows, HEADS, ",").encode(encoding))
    assert rows_of(plan) == [tuple(row) for row in rows]


NO_VALUE = "This formula has no stored value. Open the file in your spreadsheet, save it and upload it again."
STOPPED = {
    "x-code-formula": (
        lambda: without_values(xlsx(with_column(0, [""] * 5), change=with_formulas)),
        [(row, "Code", NO_VALUE) for row in range(2, 7)],
    ),
    "x-error-cell": (
        lambda: xlsx(change=with_error),
        [(3, "Due on", "This cell holds an error, such as #N/A. Correct it in your spreadsheet, or clear it.")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("habit", STOPPED)
def test_what_only_the_spreadsheet_program_can_mend_is_said_in_a_sentence(secretariat, habit):
    plan = empty_plan()
    make, problems = STOPPED[habit]
    assert import_file(secretariat, plan, make()).problems == problems
    assert rows_of(plan) == []
