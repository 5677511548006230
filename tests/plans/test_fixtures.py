"""The fixtures against the text of the printed report, read here anew."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from deliverables.models import Deliverable, StatusUpdate
from plans.models import ActionLine, Measure, Organisation, Theme

pytestmark = pytest.mark.django_db

PRINTED = re.sub(r"</?p>", "", (Path(__file__).parent / "three-year-report.txt").read_text(encoding="utf-8"))
MARKS = {"✓": "attained", "v": "attained", "○": "in_progress", "o": "in_progress", "✗": "not_developed"}


def words(text):
    return " ".join(text.split())


def printed_parts():
    """Every measure and deliverable of the report's tables: its code, and the text up to the next code."""
    tables = PRINTED[PRINTED.index("ACTION LINE 1") : PRINTED.index("This report has been edited")]
    tables = re.sub(r"ACTION LINE.*|Measure\tOutcomes and deliverables", "", tables)
    parts = re.split(r"(L\d+M\d+(?:D\d+)?)", tables)
    return dict(zip(parts[1::2], map(words, parts[2::2]), strict=True))


def test_every_deliverable_is_worded_and_marked_as_printed(plan):
    printed = {code: text for code, text in printed_parts().items() if "D" in code}
    held = {str(row.code): f"{row.title} {row.status.value}" for row in Deliverable.objects.of_plan(plan.slug)}
    assert held == {code: f"{text[:-1].strip()} {MARKS[text[-1]]}" for code, text in printed.items()}


def test_every_measure_is_worded_as_printed(plan):
    printed = {code: text for code, text in printed_parts().items() if "D" not in code}
    assert {str(measure.code): measure.statement for measure in Measure.objects.all()} == printed


def test_every_action_line_is_worded_as_printed(plan):
    printed = re.findall(r"ACTION LINE \d ?\^\((L\d)\) (.+)", PRINTED)
    assert [(str(line.code), line.title) for line in ActionLine.objects.all()] == [
        (code, words(title)) for code, title in printed
    ]


def test_title_headline_and_acknowledgement_stand_in_the_report(plan):
    texts = [
        plan.title,
        plan.subtitle,
        plan.headline_for(65),
        plan.acknowledgement,
        plan.goals_introduction,
    ]
    assert [text for text in texts if text not in words(PRINTED)] == []


def test_the_address_stands_in_the_report_line_by_line(plan):
    printed = [words(line) for line in PRINTED[PRINTED.index("Secretariat General\n\n") :].splitlines() if line.strip()]
    assert Organisation.objects.get().address_lines == printed


def test_the_seven_goals_are_those_printed(plan):
    printed = re.findall(r"^(\d+)\. ([A-Z ,-]+)$", PRINTED, re.M)
    assert [(str(goal.number), goal.title.upper()) for goal in plan.goals.all()] == printed


def test_the_themes_lie_on_their_measures(plan):
    held = {
        theme.name: " ".join(str(measure.code) for measure in theme.measures.order_by("action_line__number", "number"))
        for theme in Theme.objects.all()
    }
    assert held == {
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


def test_the_reason_is_not_stated_where_it_was_not_developed(plan):
    reasons = StatusUpdate.objects.order_by().values_list("status", "reason").distinct()
    assert {(status.value, reason) for status, reason in reasons} == {
        ("attained", ""),
        ("in_progress", ""),
        ("not_developed", "not_stated"),
    }


def test_the_history_of_the_fixture_is_a_whole_chain(plan):
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


def test_the_fixture_holds_no_database_numbers():
    for name in ("goals", "plan-2018-2020"):
        rows = json.loads(Path(f"fixtures/{name}.json").read_text(encoding="utf-8"))
        assert [row for row in rows if "pk" in row] == []
