"""Importing statuses and plans: what a table would change, and changing it, all or nothing."""

import csv
import io
import random
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from deliverables.models import Amendment, Decision, Deliverable, Evidence, StatusUpdate
from deliverables.plan_editing import structure
from plans.codes import Code
from plans.models import Measure, Plan, Theme, Translation, Visibility
from reports.figures.summary import summarise
from reports.files.formats import write_csv, write_xlsx
from reports.imports.files.reading import read_source
from reports.imports.mapping.choices import guess
from tests.builders import TODAY, answer_columns, deliverable, new_plan, preview_of, publish, report
from tests.conftest import browser_of

pytestmark = pytest.mark.django_db
IMPORT = "/plans/2018-2020/import/"
BEGUN = {"status": "in_progress", "effective_on": "2021-01-14", "reason": ""}
DECISION = {"decision": "Board, June 2021", "in_force_on": "2021-06-01", "decision_link": ""}


def texts(response):
    return " ".join(response.content.decode().split())


def table(*lines):
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


def statuses(*lines):
    return table(["code", "status", "effective_on", "note", "reason"], *lines)


def edited(content, **cells):
    """Our own CSV with other values in the row of L1M1D2."""
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    next(row for row in rows if row["code"] == "L1M1D2").update(cells)
    return table(list(rows[0]), *(list(row.values()) for row in rows))


def problems(plan, content, kind="statuses"):
    return [(problem.row, problem.column, problem.text) for problem in preview_of(plan, content, kind).problems]


def send(client, content, page=IMPORT, name="table.csv"):
    return client.post(page, {"file": SimpleUploadedFile(name, content)})


def apply(client, content, kind="statuses", page=IMPORT, **fields):
    preview = answer_columns(client, send(client, content, page), content=kind).url
    seen = client.get(preview).context["plan"].revision
    return client.post(preview + "apply/", {"seen": seen} | fields, follow=True)


# Short names of measures


def test_a_short_name_in_the_table_is_imported_without_a_decision(secretariat, plan):
    content = write_csv(summarise(plan, today=TODAY)).decode().replace("Following global events", "World events")
    apply(secretariat, content.encode(), "plan")
    measure = Measure.objects.get(action_line__plan=plan, action_line__number=1, number=1)
    assert (measure.short_name, measure.short_name_by_tracker) == ("World events", False)
    assert Measure.objects.filter(short_name_by_tracker=True).count() == 26
    assert not plan.amendments.exists()


def test_an_empty_cell_leaves_the_short_name(plan):
    assert preview_of(plan, edited(write_csv(summarise(plan, today=TODAY)), measure_name=""), "plan").changes == []


def named(*names):
    lines = [["L1M1D1", "A title", names[0]], ["L1M1D2", "Another", names[-1]]]
    return table(["code", "title", "measure_name"], *lines)


@pytest.mark.parametrize(
    ("names", "row", "text"),
    [
        (["x" * 41], 2, "This text is longer than 40 characters. Shorten it."),
        (["One", "Two"], 3, "L1M1 has a different text in row 2. Use the same text in both rows."),
    ],
)
def test_short_names_that_cannot_be_are_told(plan, names, row, text):
    assert problems(plan, named(*names), "plan") == [(row, "Short name of the measure", text)]


def test_a_translated_short_name_is_no_change(plan, sofia):
    Translation.objects.set_translations(plan, "es", {"Following global events": "Agenda mundial"}, by=sofia)
    with override("es"):
        content = write_csv(summarise(plan, today=TODAY))
    assert b"Agenda mundial" in content
    assert preview_of(plan, content, "plan").changes == []


# Statuses


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
@pytest.mark.parametrize("kind", ["statuses", "plan"])
def test_our_own_exports_go_back_in_unchanged(plan, sofia, write, kind):
    report(
        deliverable("L1M1D1"), "attained", by=sofia, note="=1+1\n\nsecond", evidence_title="'quoted", evidence_link=""
    )
    report(deliverable("L1M1D3"), "not_developed", by=sofia, reason="postponed", note="-")
    structure.withdraw(deliverable("L2M5D1"), by=sofia, decision=Decision("Board", date(2021, 6, 1)))
    plan.refresh_from_db()
    preview = preview_of(plan, write(summarise(plan, today=TODAY)), kind)
    assert (preview.changes, preview.problems, preview.unchanged) == ([], [], 65)


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_a_document_of_an_edition_goes_back_in_too(plan, sofia, visitor, extension):
    publish(plan, by=sofia)
    preview = preview_of(plan, visitor.get(f"/plans/2018-2020/editions/1/summary.{extension}").content)
    assert (preview.changes, preview.problems) == ([], [])


def test_a_row_that_differs_is_told_cell_by_cell(plan):
    content = edited(
        write_csv(summarise(plan, today=TODAY)), status="in_progress", effective_on="2021-01-14", reason=""
    )
    assert [(c.row, c.code, c.column, c.before, c.after) for c in preview_of(plan, content).changes] == [
        (3, "L1M1D2", "Status", "Not developed", "In progress"),
        (3, "L1M1D2", "Reason", "Not stated", ""),
        (3, "L1M1D2", "Confirmed", "2020-12-31", "2021-01-14"),
    ]


def test_labels_do_as_well_as_names(plan):
    content = table(["Code", "STATUS", "Confirmed", "Reason"], ["l1m1d2", "Not developed", "2021-01-14", "Postponed"])
    assert [change.after for change in preview_of(plan, content).changes] == ["Postponed", "2021-01-14"]


@pytest.mark.parametrize(
    ("cells", "column", "text"),
    [
        ("L9M9D9 attained 2021-01-14 x", "Code", "This plan has no deliverable L9M9D9."),
        ("L1 attained 2021-01-14 x", "Code", "“L1” is not the code of a deliverable"),
        ("L1M1D1 odd 2021-01-14 x", "Status", "“odd” cannot be recorded."),
        ("L1M1D1 no_status", "Status", "“no_status” cannot be recorded."),
        ("L1M1D1 attained 31/13/2020 x", "Confirmed", "“31/13/2020” is not a date."),
        ("L1M1D1 attained", "Confirmed", "The date is missing."),
        ("L1M1D1 attained 2999-01-01 x", "Confirmed", "is in the future."),
        ("L1M1D1 attained 2017-12-31 x", "Confirmed", "The plan starts on"),
        ("L1M1D1 attained 2021-01-14", "Evidence link", "“Attained” needs evidence"),
        ("L1M1D1 not_developed 2021-01-14 x bored", "Reason", "“bored” is not a reason."),
        ("L1M1D1 not_developed 2021-01-14 x", "Reason", "Choose why it was not developed."),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column(plan, cells, column, text):
    line = [*cells.split(" "), *[""] * (5 - len(cells.split(" ")))]
    assert any(found[:2] == (2, column) and text in found[2] for found in problems(plan, statuses(line)))


def test_a_code_that_is_there_twice_is_told(plan):
    line = ["L1M1D1", "in_progress", "2021-01-14", "", ""]
    assert problems(plan, statuses(line, line)) == [
        (3, "Code", "L1M1D1 is already in row 2. Remove one of the two rows.")
    ]


def test_what_was_recorded_after_the_file_was_made_is_not_overwritten(plan, sofia):
    content = edited(
        write_csv(summarise(plan, today=TODAY)), status="in_progress", effective_on="2021-01-14", reason=""
    )
    report(deliverable("L1M1D2"), "attained", by=sofia)
    assert [text for _row, _column, text in problems(plan, content)] == [
        "L1M1D2 was updated after this file was exported. Export it again and make your change there."
    ]


def test_a_row_that_says_what_the_history_says_may_be_older_than_the_record(plan, sofia):
    content = write_csv(summarise(plan, today=TODAY))
    report(deliverable("L1M1D3"), "attained", by=sofia)
    assert (preview_of(plan, content).changes, problems(plan, content)) == ([], [])


@pytest.fixture
def eventful(plan, sofia):
    """Statuses, a withdrawal, a reinstatement, a new wording and a new deliverable, on different days."""
    report(deliverable("L1M1D3"), "in_progress", by=sofia, effective_on=date(2019, 5, 1))
    report(deliverable("L1M1D2"), "attained", by=sofia, effective_on=date(2021, 5, 1))
    structure.withdraw(deliverable("L2M5D1"), by=sofia, decision=Decision("Board", date(2021, 2, 1)))
    structure.reinstate(deliverable("L2M5D1"), by=sofia, decision=Decision("Board", date(2021, 8, 1)))
    structure.withdraw(deliverable("L1M4D1"), by=sofia, decision=Decision("Board", date(2021, 6, 1)))
    reworded = deliverable("L1M1D1")
    reworded.title = "A calendar of other events"
    structure.save_part(reworded, by=sofia, fields=["title"], decision=Decision("Board", date(2021, 7, 1)))
    measure = Measure.objects.get(action_line__number=1, number=1)
    structure.save_part(
        Deliverable(measure=measure, number=4, title="Added later"),
        by=sofia,
        decision=Decision("Board", date(2021, 9, 1)),
    )
    Translation.objects.set_translations(plan, "es", {"Calendar of international events": "Calendario"}, by=sofia)
    plan.refresh_from_db()
    return plan


@pytest.mark.parametrize("day", [date(2019, 6, 1), date(2020, 12, 31), date(2021, 3, 1), date(2021, 6, 15), None])
@pytest.mark.parametrize("write", [write_csv, write_xlsx])
@pytest.mark.parametrize("kind", ["statuses", "plan"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_an_export_as_of_any_day_goes_back_in_unchanged(eventful, day, write, kind, language):
    with override(language):
        content = write(summarise(eventful, day, today=TODAY))
    preview = preview_of(eventful, content, kind)
    assert (preview.changes, preview.problems) == ([], [])


def test_a_translation_longer_than_its_text_may_be_goes_back_in(plan, sofia):
    titles = [plan.action_lines.first().title, deliverable("L1M1D1").title]
    texts = {title: f"{number} " + "palabra " * 70 for number, title in enumerate(titles)}
    Translation.objects.set_translations(plan, "es", texts, by=sofia)
    with override("es"):
        content = write_csv(summarise(plan, today=TODAY))
    preview = preview_of(plan, content, "plan")
    assert (preview.changes, preview.problems) == ([], [])


@pytest.mark.parametrize("names", [["Gender", "gender"], ["Two  blanks"], ["two\nlines"]])
def test_themes_go_back_in_as_the_ones_they_were(plan, names):
    themes = [Theme.objects.create(name=name, slug=f"theme-{number}") for number, name in enumerate(names)]
    Measure.objects.get(action_line__plan=plan, action_line__number=1, number=1).themes.set(themes)
    preview = preview_of(plan, write_csv(summarise(plan, today=TODAY)), "plan")
    assert (preview.changes, preview.problems) == ([], [])


def test_what_was_never_withdrawn_cannot_be_withdrawn_by_a_spreadsheet(plan):
    rows = [["code", "status", "effective_on", "as_of"], ["L1M1D1", "withdrawn", "2021-01-14", "2021-01-14"]]
    assert [text for _row, _column, text in problems(plan, table(*rows))]


def test_what_was_withdrawn_is_left_out_of_a_plan_made_from_the_export(eventful):
    other = new_plan(deliverables=0, visibility=Visibility.DRAFT)
    preview = preview_of(other, write_csv(summarise(eventful, today=TODAY)), "plan")
    assert "L1M4D1" not in {change.code for change in preview.changes}
    assert "L2M5D1" in {change.code for change in preview.changes}


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
@pytest.mark.parametrize(("code", "evidence"), [("L1M1D2", "Three-year report 2018-2020: Summary"), ("L1M1D1", "")])
def test_a_status_changed_in_our_own_export_leaves_reason_or_evidence_behind(secretariat, plan, write, code, evidence):
    """L1M1D2 has the reason of its “not developed”, L1M1D1 the evidence of its “attained”."""
    rows = guess(read_source(write(summarise(plan, today=TODAY))), plan).table
    lines = [dict(zip(rows.heads, cells, strict=True)) for _row, cells in rows.rows]
    names = {"code": "code", "status": "status"} if "status" in rows.heads else {"code": "Code", "status": "Status"}
    next(line for line in lines if line[names["code"]] == code)[names["status"]] = "in_progress"
    content = table(rows.heads, *(list(line.values()) for line in lines))
    assert problems(plan, content) == []
    apply(secretariat, content)
    update = StatusUpdate.objects.latest("sequence")
    titles = "".join(piece.title for piece in update.evidence)
    assert (update.status, update.reason, titles) == ("in_progress", "", evidence)


@pytest.mark.parametrize("columns", [(), ("history_head",)])
@pytest.mark.parametrize("code", ["L1M1D1", "L1M4D1"])
def test_our_own_export_with_changed_statuses_is_recorded_once(secretariat, plan, sofia, code, columns):
    report(deliverable("L1M1D1"), "attained", by=sofia, evidence_link="https://metropolis.org/a")
    plan.refresh_from_db()
    rows = list(csv.DictReader(io.StringIO(write_csv(summarise(plan, today=TODAY)).decode("utf-8-sig"))))
    next(row for row in rows if row["code"] == code)["status"] = "in_progress"
    names = [name for name in rows[0] if name not in columns]
    content = table(names, *([row[name] for name in names] for row in rows))
    apply(secretariat, content)
    plan.refresh_from_db()
    again = preview_of(plan, content)
    assert (deliverable(code).status, again.changes, again.problems) == ("in_progress", [], [])


def test_a_row_added_to_an_export_as_of_a_day_leaves_the_others_as_they_are(plan, sofia):
    row = deliverable("L1M1D1")
    before = row.title
    row.title = "Other words"
    structure.save_part(row, by=sofia, fields=["title"], decision=Decision("Board", date(2021, 6, 1)))
    plan.refresh_from_db()
    rows = list(
        csv.DictReader(io.StringIO(write_csv(summarise(plan, date(2020, 12, 31), today=TODAY)).decode("utf-8-sig")))
    )
    added = dict.fromkeys(rows[0], "") | {"code": "L3M1D9", "title": "A new one", "measure": rows[-1]["measure"]}
    content = table(list(rows[0]), *(list(each.values()) for each in (*rows, added)))
    assert before not in [change.after for change in preview_of(plan, content, "plan").changes]


def test_a_reason_that_was_typed_beside_another_status_is_still_an_error(plan):
    content = edited(write_csv(summarise(plan, today=TODAY)), status="in_progress", reason="postponed")
    assert [column for _row, column, _text in problems(plan, content)] == ["Reason"]


def test_a_report_for_an_earlier_day_is_told_to_change_nothing_today(secretariat):
    content = statuses(["L1M1D1", "in_progress", "2019-05-01", "Begun.", ""])
    text = texts(secretariat.get(send(secretariat, content).url))
    assert "It is added to the history and does not change the current status." in text
    assert "history only" in text


def test_a_note_of_several_lines_is_recorded_once(secretariat, sofia):
    content = b'code,status,effective_on,note\r\nL1M1D2,in_progress,2021-01-14,"one\r\ntwo"\r\n'
    apply(secretariat, content)
    assert "there is nothing to apply" in texts(secretariat.get(send(secretariat, content).url))
    assert StatusUpdate.objects.get(recorded_by=sofia).note == "one\ntwo"


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_all_that_an_update_holds_goes_out_and_back_in_unchanged(plan, sofia, write):
    pilots = deliverable("L2M1D2")
    fields = {"next_step": "Ask", "expected_on": date(2021, 6, 30), "achieved": 4}
    pieces = [Evidence("Paper 4"), Evidence(link="https://metropolis.org/a"), Evidence("B", "https://metropolis.org/b")]
    report(pilots, "in_progress", by=sofia, evidence=pieces, **fields)
    report(pilots, "in_progress", by=sofia, effective_on=date(2021, 3, 1))  # says nothing of the number
    preview = preview_of(plan, write(summarise(plan, today=TODAY)))
    assert (preview.problems, preview.changes) == ([], [])


def test_all_that_an_update_holds_can_be_imported(secretariat, plan):
    heads = ["code", "status", "effective_on", "note", "evidence_title", "evidence_link", "next_step", "expected_on"]
    cells = [
        "L2M1D2",
        "in_progress",
        "2021-01-14",
        "",
        "Paper 4\n-\nB",
        "-\nhttps://a.org\nhttps://b.org",
        "Ask",
        "2021-06-30",
    ]
    apply(secretariat, table([*heads, "achieved"], [*cells, "4"]))
    update = StatusUpdate.objects.latest("sequence")
    assert update.evidence == (Evidence("Paper 4"), Evidence(link="https://a.org"), Evidence("B", "https://b.org"))
    assert (update.next_step, update.expected_on, update.achieved) == ("Ask", date(2021, 6, 30), 4)


@pytest.mark.parametrize(
    ("column", "cell", "text"),
    [
        ("expected_on", "2031-02-31", "is not a date"),
        ("achieved", "four", "is not a whole number"),
        ("achieved", "-1", "is not a whole number"),
        ("next_step", "x" * 501, "500"),
        ("evidence_title", "\n".join("abcdef"), "at most 5"),
    ],
)
def test_what_is_wrong_beside_the_status_is_told(plan, column, cell, text):
    content = table(["code", "status", "effective_on", column], ["L2M1D2", "in_progress", "2021-01-14", cell])
    ((_row, _column, message),) = problems(plan, content)
    assert text in message


@pytest.mark.parametrize("note", ["a\x0bb", "a\x85b", "a\x7fb", "a \r\n b "])
@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_odd_characters_go_out_and_back_in_unchanged(plan, sofia, write, note):
    report(deliverable("L1M1D1"), "in_progress", by=sofia, note=note)
    plan.refresh_from_db()
    assert preview_of(plan, write(summarise(plan, today=TODAY))).changes == []


@pytest.mark.parametrize("text", ["2019-12-31 or later", "2019-13-01", "201912310"])
def test_what_only_begins_like_a_day_is_none(plan, text):
    assert any(text in problem[2] for problem in problems(plan, statuses(["L1M1D1", "in_progress", text, "", ""])))


def test_a_number_of_many_digits_is_refused_as_a_revision(secretariat):
    preview = send(secretariat, statuses(["L1M1D2", "in_progress", "2021-01-14", "", ""])).url
    assert secretariat.post(preview + "apply/", {"seen": "9" * 5000}).status_code == 409


def test_a_null_character_in_a_cell_is_left_out(secretariat):
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Deliverables")
        sheet.write_row(0, 0, ["code", "status", "effective_on", "note"])
        sheet.write_row(1, 0, ["L1M1D2", "in_progress", "2021-01-14", "a_x0000_b"])
    content = file.getvalue().replace(b"_x005F_x0000_", b"_x0000_")
    assert send(secretariat, content, name="x.xlsx").status_code == 302


def test_an_empty_plan_waits_for_a_plan(secretariat, plan):
    copy = new_plan("2024-2026", deliverables=0, visibility=Visibility.DRAFT)
    structure.remove(copy, Code(1), "A line")
    content = table(["code", "title", "status"], ["L1M1D1", "x", "attained"])
    assert [guess(read_source(content), each).choices.content for each in (plan, copy)] == ["statuses", "all"]


def test_applying_records_each_row_in_the_history(secretariat, sofia):
    content = statuses(
        ["L1M1D2", "in_progress", "2021-01-14", "Begun.", ""],
        ["L2M5D1", "attained", "2021-01-14", "Done in Montréal.", ""],
    )
    assert apply(secretariat, content).context["imported"].result["statuses"] == 2
    found = StatusUpdate.objects.filter(recorded_by=sofia).order_by("sequence")
    assert [(str(u.deliverable.code), u.status.value, u.note) for u in found] == [
        ("L1M1D2", "in_progress", "Begun."),
        ("L2M5D1", "attained", "Done in Montréal."),
    ]


def test_one_wrong_row_keeps_all_from_being_applied(secretariat, sofia):
    content = statuses(["L1M1D2", "in_progress", "2021-01-14", "", ""], ["L9M1D1", "attained", "2021-01-14", "x", ""])
    response = apply(secretariat, content)
    assert response.status_code == 409
    assert "One problem in the file" in texts(response)
    assert StatusUpdate.objects.filter(recorded_by=sofia).count() == 0


def test_a_plan_changed_since_the_preview_is_previewed_again(secretariat, adam):
    preview = send(secretariat, statuses(["L1M1D2", "in_progress", "2021-01-14", "", ""])).url
    seen = Plan.objects.get(slug="2018-2020").revision
    report(deliverable("L1M1D2"), "attained", by=adam)
    response = secretariat.post(preview + "apply/", {"seen": seen})
    assert (response.status_code, "has changed in the meantime" in texts(response)) == (409, True)
    assert deliverable("L1M1D2").status == "attained"


def test_applying_twice_applies_once(secretariat, sofia):
    preview = send(secretariat, statuses(["L1M1D2", "in_progress", "2021-01-14", "", ""])).url
    seen = {"seen": Plan.objects.get(slug="2018-2020").revision}
    secretariat.post(preview + "apply/", seen)
    assert "The file was applied" in texts(secretariat.post(preview + "apply/", seen, follow=True))
    assert StatusUpdate.objects.filter(recorded_by=sofia).count() == 1


def test_nothing_new_says_so(secretariat, plan):
    response = secretariat.get(send(secretariat, write_csv(summarise(plan, today=TODAY))).url)
    assert "there is nothing to apply" in texts(response)


def test_an_import_is_seen_by_who_uploaded_it_alone(secretariat, administrator):
    preview = send(secretariat, statuses(["L1M1D2", "in_progress", "2021-01-14", "", ""])).url
    assert [client.get(preview).status_code for client in (secretariat, administrator)] == [200, 404]


def test_what_nobody_applied_is_forgotten_after_a_day(sofia, time_machine):
    content = statuses(["L1M1D2", "in_progress", "2021-01-14", "", ""])
    time_machine.move_to("2026-11-24T12:00Z", tick=False)
    old = send(browser_of(sofia), content).url
    time_machine.move_to("2026-11-25T12:01Z", tick=False)
    secretariat = browser_of(sofia)
    new = send(secretariat, content).url
    assert [secretariat.get(page).status_code for page in (old, new)] == [404, 200]


# Plans


def test_a_plan_is_made_from_an_export_of_another(secretariat, plan):
    copy = new_plan("2024-2026", deliverables=0, visibility=Visibility.DRAFT)
    structure.remove(copy, Code(1), "A line")
    content = write_xlsx(summarise(plan, today=TODAY))
    apply(secretariat, content, "plan", "/plans/2024-2026/import/")
    found = summarise(Plan.objects.get(slug="2024-2026"), today=TODAY)
    kept = summarise(plan, today=TODAY)
    assert [(r.code, r.title, r.statement, r.measure_name, r.line_title, r.themes) for r in found.rows] == [
        (r.code, r.title, r.statement, r.measure_name, r.line_title, r.themes) for r in kept.rows
    ]


HEADS = ["code", "action_line_title", "measure_statement", "themes", "title", "due_on", "responsible"]


def test_people_dates_and_themes_come_from_the_table(secretariat, rashid):
    draft = new_plan(visibility=Visibility.DRAFT)
    line = ["L1M1D1", "", "", "Youth; Climate", "Reworded", "2022-05-31", rashid.email.upper()]
    apply(secretariat, table(HEADS, line), "plan", "/plans/2021-2023/import/")
    row = Deliverable.objects.of_plan("2021-2023").get()
    assert (row.title, row.due_on, row.responsible) == ("Reworded", date(2022, 5, 31), rashid)
    names = Measure.objects.get(action_line__plan=draft).themes.values_list("name", flat=True)
    assert (sorted(names), Theme.objects.get(name="Climate").slug) == (["Climate", "Youth"], "climate")


@pytest.mark.parametrize(
    ("line", "column", "text"),
    [
        (["L2M1D1", "", "That it is.", "", "x", "", ""], "Action line in words", "L2 is new. Enter its text here."),
        (["L1M2D1", "", "", "", "x", "", ""], "Measure in words", "L1M2 is new. Enter its text here."),
        (["L1M1D9", "", "", "", "", "", ""], "Deliverable", "Enter a title of at most 1,000 characters."),
        (["L1M1D1", "", "", "", "x" * 1001, "", ""], "Deliverable", "Enter a title of at most 1,000 characters."),
        (["L1M1D1", "", "", "", "x", "", "no@x.org"], "Responsible (e-mail)", "There is no active account"),
        (["L1M1D1", "", "", "", "x", "2021-02-31", ""], "Due on", "“2021-02-31” is not a date."),
        (["L1M1D1", "", "", "", "x", "2001-01-01", ""], "Due on", "The plan starts on 1 January 2021."),
        (["L1M1D1", "", "", "?" * 9, "x", "", ""], "Themes", "“?????????” cannot be the name of a theme."),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_plan_is_told_by_row_and_column(plan, line, column, text):
    draft = new_plan(visibility=Visibility.DRAFT)
    found = problems(draft, table(HEADS, line), "plan")
    assert any(problem[:2] == (2, column) and text in problem[2] for problem in found)


def test_themes_that_differ_from_row_to_row_are_told(plan):
    draft = new_plan(visibility=Visibility.DRAFT)
    lines = [["L1M1D1", "", "", "Youth", "x", "", ""], ["L1M1D2", "", "", "Gender", "y", "", ""]]
    assert problems(draft, table(HEADS, *lines), "plan") == [
        (3, "Themes", "L1M1 has different themes in row 2. Use the same themes in both rows.")
    ]


def test_a_title_that_is_too_long_is_told_before_anything_is_applied(plan):
    draft = new_plan(visibility=Visibility.DRAFT)
    line = ["L2M1D1", "x" * 301, "That it is.", "", "x", "", ""]
    assert (2, "Action line in words", "This text is longer than 300 characters. Shorten it.") in problems(
        draft, table(HEADS, line), "plan"
    )


@pytest.mark.parametrize("rows", [1, 30])
def test_the_number_of_queries_does_not_grow(plan, rashid, django_assert_num_queries, rows):
    draft = new_plan(deliverables=rows, visibility=Visibility.DRAFT)
    Deliverable.objects.of_plan("2021-2023").update(responsible=rashid)
    lines = [[f"L1M1D{n}", "", "", "", f"Other {n}", "", rashid.email] for n in range(1, rows + 1)]
    with django_assert_num_queries(15):
        preview_of(draft, table(HEADS, *lines), "plan")


def test_two_wordings_of_one_measure_are_told(plan):
    draft = new_plan(visibility=Visibility.DRAFT)
    lines = [["L1M2D1", "", "That it is.", "", "x", "", ""], ["L1M2D2", "", "That it is not.", "", "y", "", ""]]
    assert problems(draft, table(HEADS, *lines), "plan") == [
        (3, "Measure in words", "L1M2 has a different text in row 2. Use the same text in both rows.")
    ]


def test_new_words_of_a_public_plan_ask_for_the_decision(secretariat):
    content = table(["code", "title"], ["L1M1D1", "Otherwise"])
    response = apply(secretariat, content, "plan")
    assert (response.status_code, deliverable("L1M1D1").title) == (422, "Calendar of international events")
    assert "Enter the decision behind the change." in texts(response)


def test_a_decision_lets_new_words_into_a_public_plan(secretariat):
    content = table(["code", "title", "measure_statement"], ["L1M1D1", "Otherwise", ""], ["L1M1D4", "Added", ""])
    apply(secretariat, content, "plan", **DECISION)
    assert [(a.code, a.kind) for a in Amendment.objects.order_by("sequence")] == [
        ("L1M1D1", "reworded"),
        ("L1M1D4", "added"),
    ]


@pytest.mark.parametrize("day", [date(2019, 1, 1), date(2020, 1, 1), None])
@pytest.mark.parametrize("language", ["en", "es"])
def test_an_export_as_of_any_day_leaves_due_dates_and_targets_as_they_are(plan, sofia, day, language):
    part = Deliverable.objects.of_plan("2018-2020", deliverable("L2M1D2").code).with_update().get()
    for year, due_on, target in ((2019, date(2020, 6, 1), 4), (2020, date(2020, 9, 1), 8)):
        part.due_on, part.target = due_on, target
        decision = Decision("Board", date(year, 6, 1))
        structure.save_part(part, by=sofia, fields=["due_on", "target"], decision=decision)
    Translation.objects.set_translations(plan, "es", {"pilot projects": "proyectos piloto"}, by=sofia)
    plan = Plan.objects.get(pk=plan.pk)
    with override(language):
        content = write_csv(summarise(plan, day, today=TODAY))
    preview = preview_of(plan, content, "plan")
    assert (preview.problems, preview.changes) == ([], [])


def test_what_a_row_continues_is_imported(secretariat, plan):
    other = new_plan(visibility=Visibility.DRAFT)
    heads = ["code", "title", "continues"]
    apply(
        secretariat,
        table(heads, ["L1M1D1", "Deliverable 1", "2018-2020 L1M1D2"]),
        "plan",
        page=f"/plans/{other.slug}/import/",
    )
    row = Deliverable.objects.of_plan(other.slug).get()
    assert row.continues == deliverable("L1M1D2")
    for text, message in (("2018-2020 L9M9D9", "There is no deliverable"), (f"{other.slug} L1M1D1", "same plan")):
        ((_row, _column, found),) = problems(other, table(heads, ["L1M1D1", "Deliverable 1", text]), "plan")
        assert message in found


def test_dates_and_targets_of_a_public_plan_are_imported_with_a_decision(secretariat):
    heads = ["code", "title", "due_on", "target", "target_unit"]
    rows = table(heads, ["L1M1D1", deliverable("L1M1D1").title, "2027-01-31", "6", "calendars"])
    apply(secretariat, rows, "plan")
    assert deliverable("L1M1D1").due_on is None
    apply(secretariat, rows, "plan", decision="Board, June 2021", in_force_on="2021-06-01")
    row = deliverable("L1M1D1")
    assert (row.due_on, str(row.target_as_of), Amendment.objects.count()) == (date(2027, 1, 31), "6 calendars", 2)


# Files


@pytest.mark.parametrize("kind", ["plan", "statuses"])
@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_a_template_filled_in_is_read(secretariat, plan, kind, extension):
    content = secretariat.get(f"{IMPORT}template-{kind}.{extension}").content
    heads = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[0]
        if extension == "xlsx"
        else next(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    )
    reading = guess(read_source(table(heads, ["L1M1D1", *["x"] * (len(heads) - 1)])), plan)
    assert [head for head, field in zip(heads, reading.choices.fields, strict=True) if not field] == []


def test_a_refused_file_says_why_beside_the_field(secretariat):
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["code", "status"])
        sheet.write(1, 60, "x")
    response = send(secretariat, file.getvalue(), name="table.xlsx")
    assert (response.status_code, "Cell BI2 holds something" in texts(response)) == (422, True)


def test_a_file_too_large_is_refused_before_it_is_read(secretariat):
    response = secretariat.post(IMPORT, {"file": SimpleUploadedFile("x.csv", b"x" * 5_200_000)})
    assert (response.status_code, "larger than 5 MB" in texts(response)) == (413, True)


def test_a_form_without_file_is_told(secretariat):
    response = secretariat.post(IMPORT, {})
    assert (response.status_code, "Choose a file." in texts(response)) == (422, True)


def damaged(content, chance):
    """The file with bytes changed, taken out, put in or turned round."""
    content = bytearray(content)
    for _time in range(chance.choice([1, 3, 30])):
        place = chance.randrange(len(content))
        kind = chance.choice(["change", "cut", "insert", "turn"])
        if kind == "change":
            content[place] = chance.randrange(256)
        elif kind == "cut":
            del content[place : place + chance.choice([1, 10, 1000])]
        elif kind == "insert":
            content[place:place] = chance.randbytes(chance.choice([1, 10, 1000]))
        else:
            content[place : place + 50] = content[place : place + 50][::-1]
    return bytes(content)


@pytest.mark.once
def test_five_hundred_damaged_files_are_refused_or_previewed_and_change_nothing(secretariat, plan):
    summary, chance = summarise(plan, today=TODAY), random.Random(2026)
    whole = [write_xlsx(summary), write_csv(summary)]
    answers = set()
    for number in range(500):
        response = send(secretariat, damaged(whole[number % 2], chance))
        answers.add(response.status_code)
        if response.status_code == 302:
            answers.add(secretariat.get(response.url).status_code)
    assert answers == {422, 302, 200}
    assert Plan.objects.get(pk=plan.pk).revision == plan.revision
