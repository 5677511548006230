"""The fixtures match the printed report. Its text is parsed here independently of how the fixtures were made."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from deliverables.models import Deliverable, StatusUpdate
from plans.models import ActionLine, Measure, Meeting, Organisation, Theme

pytestmark = pytest.mark.django_db

PRINTED = re.sub(r"</?p>", "", (Path(__file__).parent / "three-year-report.txt").read_text(encoding="utf-8"))
SYMBOLS = {"✓": "attained", "v": "attained", "○": "in_progress", "o": "in_progress", "✗": "not_developed"}


def normalise_spaces(text):
    return " ".join(text.split())


def printed_parts():
    """Return the measures and deliverables of the report's tables: by code, the text up to the next code."""
    tables = PRINTED[PRINTED.index("ACTION LINE 1") : PRINTED.index("This report has been edited")]
    tables = re.sub(r"ACTION LINE.*|Measure\tOutcomes and deliverables", "", tables)
    parts = re.split(r"(L\d+M\d+(?:D\d+)?)", tables)
    return dict(zip(parts[1::2], map(normalise_spaces, parts[2::2]), strict=True))


def test_every_deliverable_has_the_printed_title_and_status(plan):
    printed = {code: text for code, text in printed_parts().items() if "D" in code}
    actual = {str(row.code): f"{row.title} {row.status.value}" for row in Deliverable.objects.of_plan(plan.slug)}
    assert actual == {code: f"{text[:-1].strip()} {SYMBOLS[text[-1]]}" for code, text in printed.items()}


def test_every_measure_has_the_printed_statement(plan):
    printed = {code: text for code, text in printed_parts().items() if "D" not in code}
    assert {str(measure.code): measure.statement for measure in Measure.objects.all()} == printed


def test_every_action_line_has_the_printed_title(plan):
    printed = re.findall(r"ACTION LINE \d ?\^\((L\d)\) (.+)", PRINTED)
    assert [(str(line.code), line.title) for line in ActionLine.objects.all()] == [
        (code, normalise_spaces(title)) for code, title in printed
    ]


def test_title_headline_and_acknowledgement_are_in_the_report(plan):
    texts = [
        plan.title,
        plan.subtitle,
        plan.headline_for(65),
        plan.acknowledgement,
        plan.goals_introduction,
    ]
    assert [text for text in texts if text not in normalise_spaces(PRINTED)] == []


def test_the_address_matches_the_report_line_by_line(plan):
    address = PRINTED[PRINTED.index("Secretariat General\n\n") :]
    printed = [normalise_spaces(line) for line in address.splitlines() if line.strip()]
    assert Organisation.objects.get().address_lines == printed


def test_the_seven_goals_are_the_printed_ones(plan):
    printed = re.findall(r"^(\d+)\. ([A-Z ,-]+)$", PRINTED, re.M)
    assert [(str(goal.number), goal.title.upper()) for goal in plan.goals.all()] == printed


def test_the_meeting_that_is_known_is_there(plan):
    (meeting,) = Meeting.objects.all()
    assert (str(meeting), meeting.place) == ("General Assembly of Members, 2020-11-30", "online")
    assert plan.meetings == [meeting]


def test_each_theme_has_its_measures(plan):
    actual = {
        theme.name: " ".join(str(measure.code) for measure in theme.measures.order_by("action_line__number", "number"))
        for theme in Theme.objects.all()
    }
    assert actual == {
        "Gender": "L1M3 L2M5 L2M9 L3M4 L3M8",
        "Partnerships": "L1M6 L1M7 L2M7",
        "Regions": "L3M1 L3M2",
        "Youth": "L1M4 L2M10",
    }


def test_each_deliverable_has_one_update_with_the_report_as_evidence(plan):
    updates = StatusUpdate.objects.values_list("deliverable", "effective_on", "evidence_title").distinct()
    assert sorted({(str(day), evidence) for _, day, evidence in updates}) == [
        ("2020-12-31", "Three-year report 2018-2020: Summary")
    ]
    assert updates.count() == StatusUpdate.objects.count() == 65


def test_the_reason_of_what_was_not_developed_is_not_stated(plan):
    reasons = StatusUpdate.objects.order_by().values_list("status", "reason").distinct()
    assert {(status.value, reason) for status, reason in reasons} == {
        ("attained", ""),
        ("in_progress", ""),
        ("not_developed", "not_stated"),
    }


def test_the_history_of_the_fixture_is_an_unbroken_chain(plan):
    head = ""
    for update in StatusUpdate.objects.order_by("sequence").select_related("plan", "deliverable"):
        head = update.digest_after(head)
        assert (update.digest, update.previous_status) == (head, "no_status")
    assert (plan.history_head, plan.history_length) == (head, 65)


def test_loading_again_over_a_history_is_refused_and_changes_nothing(plan):
    Deliverable.objects.filter(number=1).update(title="Reworded since")
    with pytest.raises(IntegrityError, match="never changed and never deleted"), transaction.atomic():
        call_command("loaddata", "goals", "plan-2018-2020", verbosity=0)
    assert Deliverable.objects.filter(title="Reworded since").count() == 27


def test_the_fixtures_contain_no_primary_keys():
    for name in ("goals", "plan-2018-2020"):
        rows = json.loads(Path(f"fixtures/{name}.json").read_text(encoding="utf-8"))
        assert [row for row in rows if "pk" in row] == []
