"""A summary frozen into the JSON of an edition and thawed again has the same texts, whatever they are."""

import json
from dataclasses import replace

import pytest
from django.utils.translation import override

from deliverables.models import Evidence
from plans.models import Plan, Translation
from reports.figures import snapshot
from reports.figures.snapshot import from_snapshot, to_snapshot
from reports.figures.summary import summarise
from reports.models import Edition
from tests.any_text import UNTIL_THE_FIRST_FAILURE, on_any_texts
from tests.builders import NOON, TODAY, deliverable

pytestmark = pytest.mark.django_db


def thawed_equals(thawed, summary):
    """Assert that a thawed summary shows what the summary of the plan shows, in every language."""
    assert (thawed.as_of, thawed.headline, thawed.rows) == (summary.as_of, summary.headline, summary.rows)
    assert [(line.code, line.title, line.counts) for line in thawed.lines] == [
        (line.code, line.title, line.counts) for line in summary.lines
    ]
    for language in ("en", "es", "fr"):
        with override(language):
            frozen, current = thawed.translated_texts(), summary.plan.translated_texts()
            assert {text: frozen.get(text) for text in summary.texts} == {
                text: current.get(text) for text in summary.texts
            }
            assert thawed.localized_headline == summary.localized_headline


def test_an_edition_of_version_1_opens_as_before(plan):
    """Before release 1.3, a snapshot had no version, one piece of evidence a row, and no next steps and targets."""
    content = to_snapshot(summarise(plan, TODAY, today=TODAY))
    del content["version"]
    for row in content["deliverables"]:
        row["evidence"] = row["evidence"][0] if row["evidence"] else None
        for name in ("next_step", "expected_on", "achieved", "target", "continues"):
            del row[name]
    for measure in content["measures"]:
        del measure["short_name"], measure["short_name_by_tracker"]
    del content["unofficial_translations"]
    rows = from_snapshot(json.loads(json.dumps(content))).rows
    assert rows[0].evidence == (Evidence("Three-year report 2018-2020: Summary"),)
    assert {(row.next_step, row.expected_on, row.achieved, row.target) for row in rows} == {("", None, None, None)}


def freeze_and_thaw(plan):
    summary = summarise(plan, TODAY, today=TODAY)
    thawed_equals(from_snapshot(json.loads(json.dumps(to_snapshot(summary)))), summary)


test_any_text_is_thawed_as_it_was_frozen = on_any_texts(25)(freeze_and_thaw)


@on_any_texts(12)
def test_any_text_comes_back_from_a_stored_edition(plan):
    """The edition is stored without its files, which take long to write and are not read back."""
    sofia, titles = plan.updates.first().recorded_by, {"es": plan.subtitle, "fr": plan.title}
    decision = {"title": plan.title, "titles": titles, "as_of": TODAY}
    summary, publication = Edition.objects.draft(plan, **decision, on=TODAY)
    state = {"revision": plan.revision, "history_length": plan.history_length, "history_head": plan.history_head}
    edition = Edition(
        plan=plan, number=1, published_at=NOON, published_by=sofia, published_by_name=sofia.name,
        summary=to_snapshot(summary, publication), **decision, **state,
    )  # fmt: skip
    edition.store({})

    stored = Edition.objects.get(pk=edition.pk)
    assert (stored.title, stored.titles) == (plan.title, titles)
    assert (stored.summary, stored.summary["edition"]["titles"]) == (edition.summary, {"en": plan.title} | titles)
    thawed_equals(from_snapshot(stored.summary), summary)


def test_a_headline_that_reads_like_another_text_has_its_own_translation(plan, sofia):
    title = deliverable("L1M1D1").title
    Plan.objects.filter(pk=plan.pk).update(headline="{total} outcomes", subtitle="65 outcomes")
    plan.refresh_from_db()
    texts = {"{total} outcomes": "{total} resultados", "65 outcomes": "65 productos", title: "Calendario"}
    Translation.objects.set_translations(plan, "es", texts, by=sofia)

    summary = summarise(plan, TODAY, today=TODAY)
    thawed_equals(from_snapshot(to_snapshot(summary)), summary)


def test_an_edition_of_before_has_its_headline_among_the_translations(plan, sofia):
    Translation.objects.set_translations(plan, "es", {plan.headline: "{total} resultados"}, by=sofia)
    content = to_snapshot(summarise(plan, TODAY, today=TODAY))
    del content["plan"]["headlines"]
    with override("es"):
        assert from_snapshot(content).localized_headline == "65 resultados"


def test_a_text_that_is_changed_on_the_way_is_noticed(sofia, monkeypatch):
    """The same check, on snapshots whose titles lose the letters beyond ASCII."""
    read = snapshot.row_from_dict
    lose = lambda row: replace(row, title=row.title.encode("ascii", "ignore").decode())  # noqa: E731
    monkeypatch.setattr(snapshot, "row_from_dict", lambda *content, **fields: lose(read(*content, **fields)))
    with pytest.raises(AssertionError):
        on_any_texts(60, **UNTIL_THE_FIRST_FAILURE)(freeze_and_thaw)(sofia=sofia)
