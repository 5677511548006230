import io
from datetime import date

import pytest
from pypdf import PdfReader

from deliverables.models import Deliverable
from plans.models import ActionLine, Measure, Meeting
from reports.figures.summary import summarise
from reports.files.brief import MOVES, STEPS, brief_context, write_brief
from tests.builders import TODAY, deliverable, new_plan, publish, report

pytestmark = pytest.mark.django_db


def brief(plan, as_of=None):
    plan.refresh_from_db()
    return write_brief(summarise(plan, as_of, today=TODAY))


def pages(data):
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages]


def test_the_brief_is_one_page_with_finding_figures_and_measures(plan):
    (text,) = pages(brief(plan))
    parts = ["49 of 65 outcomes are attained", "49 10 6", "Youth in metropolitan governance", "12 of 17 attained"]
    assert [part for part in parts if part not in text] == []


def test_the_same_summary_gives_the_same_bytes(plan):
    assert brief(plan) == brief(plan)


def test_the_brief_carries_the_accessibility_standards(plan):
    metadata = PdfReader(io.BytesIO(brief(plan))).trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


def test_moves_since_the_last_meeting_come_with_their_reasons(plan, sofia):
    report(deliverable("L1M1D1"), "not_developed", by=sofia, reason="no_resources", note="The budget was cut.")
    Meeting.objects.create(organisation=plan.organisation, name="Board", held_on=date(2020, 12, 31))
    content = brief_context(summarise(plan, date(2021, 2, 1), today=TODAY))
    assert content["changes"]["title"] == "Since Board, 31 December 2020"
    (move,) = content["changes"]["moves"]
    assert (move["before"]["status"], move["after"]["status"]) == ("attained", "not_developed")
    assert move["why"] == "No resources. The budget was cut."


def test_an_edition_for_a_meeting_is_compared_with_the_meeting_before(plan, sofia):
    board = Meeting.objects.create(organisation=plan.organisation, name="Board", held_on=date(2020, 11, 30))
    edition = publish(plan, by=sofia, as_of=date(2020, 12, 31), meeting=board)
    (text,) = pages(bytes(edition.documents.get(kind="brief").content))
    assert ("Board, 30 November 2020 · Brief" in text, "Since General Assembly" in text) == (True, False)


def test_first_reports_are_counted_and_not_listed(plan):
    changes = brief_context(summarise(plan, today=TODAY))["changes"]
    assert changes["sentence"].endswith("65 deliverables were reported for the first time.")
    assert changes["moves"] == []


def test_more_moves_than_fit_are_counted(plan, sofia):
    rows = [
        row for row in Deliverable.objects.of_plan(plan.slug).with_current_status() if row.current_status == "attained"
    ]
    for row in rows[: MOVES + 3]:
        report(row, "in_progress", by=sofia)
    Meeting.objects.create(organisation=plan.organisation, name="Board", held_on=date(2020, 12, 31))
    changes = brief_context(summarise(plan, date(2021, 2, 1), today=TODAY))["changes"]
    assert (len(changes["moves"]), changes["more"]) == (MOVES, "And 3 more: see the report.")


def running_plan(number=8):
    plan = new_plan(deliverables=number)
    for row in Deliverable.objects.of_plan(plan.slug):
        row.due_on = date(2022, 1, row.number)
        row.save(update_fields=["due_on"])
    return plan


def test_the_next_dates_are_the_earliest_after_the_day(sofia):
    plan = running_plan()
    steps = brief_context(summarise(plan, date(2022, 1, 2), today=TODAY))["steps"]
    assert [step["title"] for step in steps] == [f"Deliverable {number}" for number in range(3, 3 + STEPS)]


def test_a_due_date_to_come_is_listed_although_what_was_expected_has_passed(sofia):
    plan = running_plan(1)
    row = Deliverable.objects.of_plan(plan.slug).with_current_status().get()
    told = {"effective_on": date(2021, 2, 1), "next_step": "Ask again", "expected_on": date(2021, 6, 1)}
    report(row, "in_progress", by=sofia, **told)
    (step,) = brief_context(summarise(plan, date(2021, 9, 1), today=TODAY))["steps"]
    assert (step["day"], step["step"]) == ("1 Jan 2022", "Ask again")


def test_what_is_late_is_in_the_finding(sofia):
    plan = running_plan()
    title = brief_context(summarise(plan, date(2022, 1, 4), today=TODAY))["brief_title"]
    assert title == "0 of 8 outcomes are attained, 3 past their due date"


def large_plan(lines, measures, title):
    plan = new_plan(deliverables=0)
    for line in range(2, lines + 2):
        part = ActionLine.objects.create(plan=plan, number=line, title=title[:300])
        for number in range(1, measures + 1):
            measure = Measure.objects.create(action_line=part, number=number, statement=title)
            Deliverable.objects.bulk_create(Deliverable(measure=measure, number=n, title=title) for n in (1, 2, 3))
    return plan


@pytest.mark.parametrize(
    ("lines", "measures", "title"),
    [(3, 28, "A title"), (3, 85, "A title"), (30, 8, "A long title " * 12), (3, 12, "A long title " * 30)],
)
def test_a_large_plan_still_fits_on_one_page(lines, measures, title):
    assert len(pages(brief(large_plan(lines, measures, title)))) == 1


def test_an_empty_plan_has_a_brief():
    (text,) = pages(brief(new_plan(deliverables=0)))
    assert "0 of 0 outcomes are attained" in text


def test_the_brief_is_downloaded_in_the_language_of_its_address(visitor, plan):
    response = visitor.get("/fr/plans/2018-2020/brief.pdf?as_of=2020-12-31")
    name = "metropolis-2018-2020-brief-as-of-2020-12-31-fr.pdf"
    assert (response["Content-Disposition"], response["Content-Language"]) == (f'attachment; filename="{name}"', "fr")
    assert visitor.get("/plans/2018-2020/brief.docx").status_code == 404
