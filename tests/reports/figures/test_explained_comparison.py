"""A comparison says why: note, reason, evidence and decision of each move, and what was recorded later."""

import io
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.html import escape
from django.utils.timezone import localdate
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from deliverables.models import Decision, Deliverable, Evidence
from deliverables.plan_editing import structure
from plans.models import Measure, Plan
from reports.figures.comparison import compare
from tests.builders import deliverable, report

pytestmark = pytest.mark.django_db
START, END = date(2020, 12, 31), date(2021, 12, 31)
PAGE = "/plans/2018-2020/changes/?from=2020-12-31&to=2021-12-31"
FILE = "/plans/2018-2020/changes.{}?from=2020-12-31&to=2021-12-31"
DECISION = Decision("Board of Directors, June 2021, point 7", date(2021, 6, 1))


def page_text(response):
    return " ".join(response.content.decode().split())


def text_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def yesterday():
    return localdate() - timedelta(days=1)


@pytest.fixture
def year(plan, sofia):
    """2021: a move with everything that explains it, a number, promises, wording, a withdrawal, a late entry."""
    report(
        deliverable("L1M1D2"),
        "in_progress",
        by=sofia,
        note="The mayors of Montréal and Barcelona have sent their texts.",
        next_step="Layout of the first issue",
        expected_on=date(2021, 9, 1),
        evidence=[Evidence("Minutes of May", "https://metropolis.org/minutes"), Evidence("Board paper 4")],
    )
    report(deliverable("L1M8D2"), "not_developed", by=sofia, reason="no_resources", note="The budget was cut.")
    report(deliverable("L2M1D2"), "attained", by=sofia, achieved=4, note="Two cities left the network in March.")
    report(
        deliverable("L1M1D1"),
        "in_progress",
        by=sofia,
        effective_on=date(2020, 6, 1),
        at=datetime(2021, 3, 1, 12, tzinfo=UTC),
    )

    part = Deliverable.objects.of_plan("2018-2020", deliverable("L3M8D1").code).with_update().get()
    part.title, part.due_on = "Annual reports on achievements in gender-mainstreaming", date(2021, 12, 1)
    structure.save_part(part, by=sofia, fields=["title", "due_on"], decision=DECISION)
    measure = Measure.objects.select_related("action_line__plan").get(action_line__number=1, number=5)
    measure.statement = "That a strategy for advocacy exists."
    structure.save_part(measure, by=sofia, fields=["statement"], decision=DECISION)
    structure.withdraw(deliverable("L2M10D1"), by=sofia, decision=DECISION)
    return Plan.objects.get(pk=plan.pk)


def test_each_move_is_explained_on_the_page(year, visitor):
    text = page_text(visitor.get(PAGE))
    for fact in (
        "The mayors of Montréal and Barcelona have sent their texts.",
        "Layout of the first issue",
        "expected on 1 September 2021",
        'href="https://metropolis.org/minutes"',
        "Board paper 4",
        "4 of 6 pilot projects",
        "Board of Directors, June 2021, point 7",
        "<del>highlighting main",
        ["That", "a", "strategy", "for", "advocacy", "exists."][3],
        "no due date</del> → <b>1 December 2021</b>",
        "Recorded since for the first day or before (1)",
    ):
        assert fact in text, fact


def test_the_groups_reconcile_with_the_figures(year):
    found = compare(year, START, END)["comparison"]
    groups = {str(label): [str(move.row.code) for move in moves] for label, moves in found.groups}
    assert groups == {
        "Attained since": [],
        "Moved back": ["L1M8D2"],
        "Begun or resumed": ["L1M1D2"],
        "New numbers": ["L2M1D2"],
        "New due dates and targets": ["L3M8D1"],
        "Reworded": ["L3M8D1"],
        "Withdrawn": ["L2M10D1"],
    } | {label: codes for label, codes in groups.items() if not codes}
    assert [flow.start + flow.gained - flow.lost - flow.end for flow in found.flows] == [0, 0, 0, 0]
    start, end = found.start.counts, found.end.counts
    assert end.total == start.total + len(found.added) - len(found.withdrawn)


def test_a_withdrawal_has_its_decision(year):
    (move,) = compare(year, START, END)["comparison"].withdrawn
    assert [(each.kind, each.decision) for each in move.decisions] == [("withdrawn", DECISION.text)]


def test_what_was_known_then_is_told_where_a_late_entry_changed_it(plan, sofia):
    """Without the late entries, the first date shows what a reader of that day saw."""
    report(
        deliverable("L1M1D1"),
        "in_progress",
        by=sofia,
        effective_on=date(2026, 11, 1),
        at=datetime(2026, 11, 25, 12, tzinfo=UTC),
    )
    found = compare(plan, date(2026, 11, 24), date(2026, 11, 26))
    assert found["comparison"].start.counts.attained == 48
    assert (found["known_then"].attained, len(found["late"])) == (49, 1)


def test_nothing_is_said_of_what_was_known_where_it_is_the_same(plan):
    assert compare(plan, date(2026, 11, 24), date(2026, 11, 26))["known_then"] is None


def test_a_correction_of_later_does_not_change_what_was_known(plan, sofia):
    mistake = deliverable("L1M1D1").updates.get()
    fields = {"effective_on": date(2020, 12, 31), "at": datetime(2026, 11, 26, 12, tzinfo=UTC), "corrects": mistake}
    report(deliverable("L1M1D1"), "in_progress", by=sofia, submission=uuid.uuid4(), **fields)
    found = compare(plan, date(2026, 11, 25), date(2026, 11, 26))
    assert (found["comparison"].start.counts.attained, found["known_then"].attained) == (48, 49)


def test_the_pdf_has_what_the_page_has(year, visitor):
    answer = visitor.get(FILE.format("pdf"))
    assert answer["Content-Type"] == "application/pdf"
    text = text_of(answer.content)
    for fact in (
        "have sent their texts",
        "Layout of the first issue",
        "Minutes of May",
        "Board paper 4",
        "4 of 6 pilot projects",
        "point 7",
        "No resources",
        "in progress since 1 June 2020, recorded on 1 March 2021",
    ):
        assert fact in text, fact


def test_the_workbook_has_a_row_for_each_move_and_figures_that_reconcile(year, visitor):
    book = CalamineWorkbook.from_filelike(io.BytesIO(visitor.get(FILE.format("xlsx")).content))
    figures, changes = (book.get_sheet_by_name(name).to_python() for name in ("Figures", "Changes"))
    rows = {(row[0], row[1]): dict(zip(changes[0], row, strict=True)) for row in changes[1:]}
    move = rows["Begun or resumed", "L1M1D2"]
    assert (move["Before"], move["Now"], move["Next step"]) == (
        "Not developed", "In progress", "Layout of the first issue",
    )  # fmt: skip
    assert move["Evidence"] == "Minutes of May\nBoard paper 4"
    assert "point 7" in rows["Withdrawn", "L2M10D1"]["Decision"]
    assert rows["Reworded", "L3M8D1"]["Wording before"].startswith("Annual reports highlighting")
    found = compare(year, START, END)["comparison"]
    assert len(changes) - 1 == sum(len(moves) for _label, moves in found.groups)
    counts = {row[0]: (row[1], row[4]) for row in figures if row[0] in ("Attained", "In progress")}
    assert counts["Attained"] == (found.start.counts.attained, found.end.counts.attained)


@pytest.mark.parametrize("query", ["?from=nonsense&to=2021-01-01", "?since=meeting-nothing", "?to=2020-01-01", ""])
@pytest.mark.parametrize("extension", ["pdf", "xlsx"])
def test_a_file_of_no_period_is_a_clear_error(visitor, plan, extension, query):
    assert visitor.get(f"/plans/2018-2020/changes.{extension}{query}").status_code == 400


def test_there_is_no_other_format(visitor, plan):
    assert visitor.get("/plans/2018-2020/changes.docx?from=2020-12-31").status_code == 404


@pytest.mark.parametrize("language", ["es", "fr"])
def test_the_files_are_written_in_the_language_of_the_page(year, visitor, language):
    answer = visitor.get(f"/{language}" + FILE.format("pdf"))
    assert (answer.status_code, answer["Content-Language"]) == (200, language)


def test_a_move_keeps_its_own_words_after_a_confirmation(plan, sofia):
    """A confirmation of later says nothing of why the status changed."""
    row = deliverable("L1M1D2")
    report(row, "attained", by=sofia, note="The issue is printed.", evidence=[Evidence("Issue 1")])
    report(row, "attained", by=sofia, effective_on=date(2021, 6, 1), note="Still sold.", evidence=[Evidence("Shop")])
    (move,) = compare(plan, START, END)["comparison"].attained
    assert (move.after.note, move.after.evidence) == ("The issue is printed.", (Evidence("Issue 1"), Evidence("Shop")))


def test_what_was_withdrawn_shows_its_last_status(year, sofia):
    (move,) = compare(year, START, END)["comparison"].withdrawn
    assert (move.after, move.explained.status, move.explained.reason) == (None, "not_developed", "not_stated")


def test_a_deliverable_in_several_groups_is_explained_once(year):
    groups = compare(year, START, END)["comparison"].groups
    repeated = [(str(label), str(move.row.code)) for label, moves in groups for move in moves if move.is_repeated]
    assert repeated == [("Reworded", "L3M8D1")]


def test_what_was_decided_later_does_not_change_what_was_known(plan, sofia):
    structure.withdraw(deliverable("L1M1D1"), by=sofia, decision=Decision("Board", date(2020, 6, 1)))
    found = compare(Plan.objects.get(), yesterday(), localdate())
    assert (found["comparison"].start.counts.total, found["known_then"].total) == (64, 65)


def test_what_was_reinstated_is_not_called_added(year, sofia):
    structure.reinstate(deliverable("L2M10D1"), by=sofia, decision=Decision("Board", date(2022, 2, 1)))
    found = compare(Plan.objects.get(), END, date(2022, 12, 31))["comparison"]
    groups = {str(label): [str(move.row.code) for move in moves] for label, moves in found.groups}
    assert (groups["Reinstated"], "Added" in groups, len(found.added)) == (["L2M10D1"], False, 1)


def test_the_files_show_the_period_of_their_page(visitor, plan):
    page = visitor.get("/plans/2018-2020/changes/?from=2018-01-01&as_of=2019-06-01").content.decode()
    assert "changes.pdf?from=2018-01-01&amp;to=2019-06-01" in page


def test_a_decision_of_the_first_day_recorded_since_is_in_a_group_of_its_own(plan, sofia, visitor):
    part = Deliverable.objects.of_plan("2018-2020", deliverable("L1M1D2").code).with_update().get()
    part.due_on = date(2020, 12, 1)
    decision = Decision("Board of Directors, point 7", date(2020, 6, 1))
    structure.save_part(part, by=sofia, fields=["due_on"], decision=decision)
    query = f"?from={yesterday()}&to={localdate()}"
    page = page_text(visitor.get(f"/plans/2018-2020/changes/{query}"))
    assert "Decisions of the first day or before, recorded since (1)" in page
    assert "no due date</del> → <b>1 December 2020</b>" in page
    content = visitor.get(f"/plans/2018-2020/changes.xlsx{query}").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Recorded later").to_python()
    title = 'Publications "Voice of the Mayors" as samples of the legacy from the mayors of the major metropolises'
    facts = "no due date → 1 December 2020. In force since 1 June 2020. Board of Directors, point 7."
    assert rows[1][1] == f"{title} (L1M1D2). New due date: {facts}"
    pdf = text_of(visitor.get(f"/plans/2018-2020/changes.pdf{query}").content)
    assert f"{title} L1M1D2 New due date: {facts}" in pdf
    assert page.index(f"<p>{escape(title)}</p>") < page.index('<span class="code">L1M1D2</span>')
