"""An edition stays what it was: its number, its figures, its bytes."""

import json
import uuid

import pytest
from django.core.exceptions import ValidationError

from plans.models import PlanChanged, Visibility
from reports.figures.snapshot import from_snapshot, to_snapshot
from reports.figures.summary import summarise
from reports.files import formats as exports
from reports.models import Edition, EditionDocument
from tests.builders import TODAY, deliverable, new_plan, publish, report

pytestmark = pytest.mark.django_db
JSON = (exports.DocumentKind.SUMMARY, "json")


def test_the_frozen_summary_reads_back_as_it_was(plan, sofia):
    report(deliverable("L1M1D2"), "not_developed", by=sofia, reason="postponed", note="Later.")
    summary = summarise(plan, today=TODAY)
    frozen = from_snapshot(json.loads(json.dumps(to_snapshot(summary))))
    assert (frozen.rows, frozen.counts, frozen.as_of) == (summary.rows, summary.counts, summary.as_of)
    assert [(line.title, line.counts) for line in frozen.lines] == [(ln.title, ln.counts) for ln in summary.lines]


def test_a_plan_changed_since_the_preview_is_not_published(plan, sofia):
    seen = plan.revision
    report(deliverable("L1M1D1"), "in_progress", by=sofia)
    with pytest.raises(PlanChanged):
        publish(plan, by=sofia, seen=seen)
    assert Edition.objects.count() == 0


def test_a_plan_changed_while_the_documents_are_made_is_not_published(plan, sofia, monkeypatch):
    def record_meanwhile(*_args):
        report(deliverable("L1M1D1"), "in_progress", by=sofia)
        return b"{}"

    monkeypatch.setitem(exports.DOCUMENTS, JSON, record_meanwhile)
    with pytest.raises(PlanChanged):
        publish(plan, by=sofia)
    assert Edition.objects.count() == 0


def test_two_clicks_at_once_are_one_edition(plan, sofia, monkeypatch):
    submission, clicks = uuid.uuid4(), []

    def click_again(*_args):
        monkeypatch.undo()
        clicks.append(publish(plan, by=sofia, submission=submission))
        return b"{}"

    monkeypatch.setitem(exports.DOCUMENTS, JSON, click_again)
    clicks.append(publish(plan, by=sofia, submission=submission))
    assert (clicks[0], Edition.objects.count()) == (clicks[1], 1)


def test_the_title_is_stored_as_its_files_have_it(sofia):
    edition = publish(new_plan(), by=sofia, title=" Que\u0301bec\u200b\n ", titles={"es": "Informe\u2028final "})
    assert (edition.title, edition.titles) == ("Québec", {"es": "Informe\nfinal"})
    assert edition.summary["edition"]["titles"] == {"en": "Québec", "es": "Informe\nfinal"}


def test_the_same_submission_twice_is_one_edition(plan, sofia):
    submission = uuid.uuid4()
    first, again = [publish(plan, by=sofia, submission=submission) for _time in range(2)]
    assert (first, Edition.objects.count()) == (again, 1)


def test_the_number_of_another_decision_publishes_nothing(plan, sofia):
    submission = uuid.uuid4()
    publish(plan, by=sofia, submission=submission)
    with pytest.raises(PlanChanged):
        publish(new_plan(), by=sofia, submission=submission)
    assert Edition.objects.count() == 1


def test_a_draft_of_a_plan_cannot_be_published(plan, sofia):
    draft = new_plan(visibility=Visibility.DRAFT)
    with pytest.raises(ValidationError, match="This plan is a draft"):
        publish(draft, by=sofia)
    assert EditionDocument.objects.count() == 0


def test_a_document_that_cannot_be_made_leaves_no_edition(plan, sofia, monkeypatch):
    def fail(*_args):
        raise OSError("disk full")

    monkeypatch.setitem(exports.DOCUMENTS, JSON, fail)
    with pytest.raises(OSError, match="disk full"):
        publish(plan, by=sofia)
    plan.refresh_from_db()
    assert (Edition.objects.count(), EditionDocument.objects.count(), plan.revision) == (0, 0, 1)
