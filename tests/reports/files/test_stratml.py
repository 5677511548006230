"""The summary as a StratML performance report.

The schema of the standard (`PerformancePlanOrReportISODRAFTVersion20160506.xsd` of the public repository
OwenAmbur/StratML) is not ours to publish, so it is not here: `stratml.rng` has our own rules, which are stricter. What
the writer gives was also validated by hand against that schema; `xmllint --schema` does it for any file.
"""

import re
from datetime import date
from pathlib import Path

import pytest
from django.utils.translation import override
from lxml import etree

from deliverables.models import Deliverable, Takedown
from plans.models import Plan, Visibility
from reports.figures.summary import Selection, summarise
from reports.files.stratml import write_stratml
from tests import demo
from tests.any_text import on_any_texts
from tests.builders import NOON, TODAY, deliverable, new_plan, publish, report

pytestmark = pytest.mark.django_db
RULES = etree.RelaxNG(etree.parse(Path(__file__).parent / "stratml.rng"))
NS = {"s": "urn:ISO:std:iso:17469:tech:xsd:PerformancePlanOrReport"}


def written(plan, as_of=None, *, language="en", selection=None):
    with override(language):
        return etree.fromstring(write_stratml(summarise(plan, as_of, today=TODAY, selection=selection)))


def checked(root):
    """The root of a report that keeps the rules, and whose identifiers are different."""
    RULES.assertValid(root)
    identifiers = root.xpath("//s:Identifier/text()", namespaces=NS)
    assert len(identifiers) == len(set(identifiers))
    return root


def texts(root, path):
    return root.xpath(f"{path}/text()", namespaces=NS)


def indicator(root, code):
    (found,) = root.xpath(f"//s:PerformanceIndicator[s:SequenceIndicator='{code}']", namespaces=NS)
    return found


def statuses(root):
    """The last status of each indicator that has one."""
    found = [
        texts(each, ".//s:Descriptor[s:DescriptorName='Status']/s:DescriptorValue")
        for each in root.iter(f"{{{NS['s']}}}PerformanceIndicator")
    ]
    return [values[-1] for values in found if len(values) > 1]  # the first is the target


def without_parts(plan):
    plan.action_lines.get().measures.all().delete()
    plan.action_lines.all().delete()
    return Plan.objects.get(pk=plan.pk)


def test_the_plan_of_2018_has_its_figures(plan):
    root = checked(written(plan))
    numbers = [len(list(root.iter(f"{{{NS['s']}}}{tag}"))) for tag in ("Goal", "Objective", "PerformanceIndicator")]
    assert numbers == [3, 27, 65]
    assert [statuses(root).count(label) for label in ("Attained", "In progress", "Not developed")] == [49, 10, 6]
    assert root.get("Type") == "Performance_Report"


def test_an_empty_plan_keeps_the_rules():
    plan = new_plan(deliverables=0)
    assert len(texts(checked(written(plan)), "//s:Objective/s:Description")) == 1
    assert len(checked(written(without_parts(plan))).findall(".//s:Goal", NS)) == 1


def test_the_example_keeps_the_rules_in_every_language(example):
    for language in ("en", "es", "fr"):
        checked(written(example, language=language))
        checked(written(example, date(2025, 12, 31), language=language))


@on_any_texts(15)
def test_any_text_keeps_the_rules(plan):
    for language in ("en", "es"):
        assert len(checked(written(plan, language=language)).findall(".//s:PerformanceIndicator", NS)) == 4


def test_the_same_state_gives_the_same_bytes(plan):
    assert write_stratml(summarise(plan, today=TODAY)) == write_stratml(summarise(plan, today=TODAY))


def test_identifiers_stay_when_something_is_reported(plan, sofia):
    before = texts(indicator(written(plan), "L1M1D2"), "s:Identifier")
    report(deliverable("L1M1D2"), "attained", by=sofia)
    assert texts(indicator(written(plan), "L1M1D2"), "s:Identifier") == before


def test_each_report_is_a_dated_result_and_the_last_one_counts(plan, sofia):
    for day, status in ((date(2021, 3, 1), "attained"), (date(2021, 2, 1), "in_progress")):
        report(deliverable("L1M1D2"), status, by=sofia, effective_on=day, note=f"Note of {day}, from the minutes.")
    found = indicator(written(plan), "L1M1D2")
    assert texts(found, ".//s:ActualResult[s:Descriptor/s:DescriptorName='Status']/s:EndDate") == [
        "2020-12-31",
        "2021-02-01",
        "2021-03-01",
    ]
    assert texts(found, ".//s:ActualResult/s:Description")[-1] == "Note of 2021-03-01, from the minutes."


def test_what_was_corrected_is_no_result(plan, sofia):
    mistake = report(deliverable("L1M1D2"), "attained", by=sofia, note="This was never so at all.")
    report(deliverable("L1M1D2"), "in_progress", by=sofia, corrects=mistake)
    assert b"This was never so at all." not in etree.tostring(written(plan))


def test_a_day_before_shows_nothing_of_later(plan, sofia):
    report(deliverable("L1M1D2"), "attained", by=sofia, note="Recorded for the year after.")
    root = checked(written(plan, date(2020, 12, 31)))
    assert b"Recorded for the year after." not in etree.tostring(root)
    assert "As of: 2020-12-31" in texts(root, "s:OtherInformation")[0].split("\n")


def test_reasons_evidence_and_next_steps_are_results_of_their_own(plan, sofia):
    step = {"reason": "postponed", "next_step": "Ask the cities.", "expected_on": date(2022, 5, 1)}
    report(deliverable("L1M1D2"), "not_developed", by=sofia, **step)
    report(deliverable("L1M1D1"), "attained", by=sofia, evidence_link="https://example.org/a?b=1&c", evidence_title="A")
    root = checked(written(plan))
    found = indicator(root, "L1M1D2")
    assert texts(found, ".//s:TargetResult[s:EndDate='2022-05-01']/s:Description") == ["Ask the cities."]
    assert "Postponed" in texts(found, ".//s:DescriptorValue")
    evidence = ".//s:ActualResult[s:Descriptor/s:DescriptorName='Evidence']"
    assert texts(indicator(root, "L1M1D1"), f"{evidence}/s:Description") == ["https://example.org/a?b=1&c"]


def test_a_target_is_a_number_with_its_unit(plan, sofia):
    Deliverable.objects.filter(pk=deliverable("L1M1D2").pk).update(
        target=6, target_unit="pilot projects", due_on=date(2020, 6, 30)
    )
    report(deliverable("L1M1D2"), "in_progress", by=sofia, achieved=4)
    found = indicator(checked(written(plan)), "L1M1D2")
    assert found.get("PerformanceIndicatorType") == "Quantitative"
    assert texts(found, "s:UnitOfMeasurement") == ["pilot projects"]
    assert texts(found, ".//s:TargetResult/*[self::s:EndDate or self::s:NumberOfUnits]") == ["2020-06-30", "6"]
    assert texts(found, ".//s:ActualResult/s:NumberOfUnits") == ["4"]


def test_a_text_that_was_taken_down_is_not_in_it_and_why(plan, sofia, adam):
    update = report(deliverable("L1M1D2"), "in_progress", by=sofia, note="The phone of Ana is 555 0100.")
    Takedown.objects.take_down(update, ["note-0"], reason="It names a private person.", by=adam, at=NOON)
    content = etree.tostring(checked(written(plan)), encoding="unicode")
    assert ("555 0100" in content, "It names a private person." in content) == (False, True)


def test_what_is_withdrawn_says_so_last(example):
    (gone,) = summarise(example, today=TODAY).withdrawn
    found = indicator(checked(written(example)), str(gone.code))
    assert texts(found, ".//s:DescriptorValue")[-1] == "Withdrawn"
    assert texts(found, ".//s:EndDate")[-1] == str(gone.withdrawn_on)


def test_the_names_of_people_are_not_in_it(example):
    content = etree.tostring(written(example), encoding="unicode")
    assert [name for name, _role in demo.PEOPLE.values() if name in content] == []


def test_a_filtered_file_lists_what_was_chosen(plan):
    selection = Selection({"q": "x"}, "Search: x", (deliverable("L2M10D1").code,))
    root = checked(written(plan, selection=selection))
    assert texts(root, "//s:SequenceIndicator") == ["L2", "L2M10", "L2M10D1"]
    assert texts(root, "s:Description")[0].endswith("49 attained, 10 in progress, 6 not developed.")
    none = checked(written(plan, selection=Selection({"q": "y"}, "Search: y", ())))
    assert texts(none, "//s:SequenceIndicator") == []


def test_a_deliverable_names_the_one_that_it_continues(plan):
    other = new_plan()
    Deliverable.objects.of_plan(other.slug).update(continues=deliverable("L1M1D2"))
    Plan.objects.raise_revision(pk=other.pk)
    related = checked(written(Plan.objects.get(pk=other.pk))).find(".//s:Relationship", NS)
    assert texts(related, "s:ReferentIdentifier") == texts(indicator(written(plan), "L1M1D2"), "s:Identifier")


def test_an_edition_has_one_in_each_language_with_its_number(plan, sofia):
    edition = publish(plan, by=sofia, titles={"es": "Informe"}, as_of=date(2020, 12, 31))
    documents = list(edition.documents.filter(extension="stratml.xml").order_by("language"))
    assert [document.language for document in documents] == ["en", "es"]
    english, spanish = (checked(etree.fromstring(bytes(document.content))) for document in documents)
    assert texts(english, ".//s:Source") == ["http://127.0.0.1:8000/plans/2018-2020/editions/1/"]
    assert "Edición: 1" in texts(spanish, "s:OtherInformation")[0]
    assert "Alcanzado" in texts(spanish, ".//s:DescriptorValue")


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("//s:Goal/s:Description", "a goal without a description"),
        ("//s:UnitOfMeasurement", "an indicator without a unit"),
        ("//s:DescriptorName", "text outside an element"),
    ],
)
def test_the_rules_notice_what_is_missing_or_misplaced(plan, path, fault):
    root = checked(written(plan))
    element = root.xpath(path, namespaces=NS)[0]
    parent = element.getparent()
    parent.remove(element)
    if "outside" in fault:
        parent.append(element)
    assert not RULES.validate(root), fault


def test_it_is_a_download_of_its_own_kind(visitor, plan):
    response = visitor.get("/es/plans/2018-2020/summary.stratml.xml?as_of=2020-12-31")
    assert response["Content-Type"] == "application/xml"
    assert re.search(r'attachment; filename="metropolis-.*-as-of-2020-12-31-es\.stratml\.xml"', str(response.headers))
    Plan.objects.update(visibility=Visibility.MEMBERS)
    assert visitor.get("/plans/2018-2020/summary.stratml.xml").status_code == 404


def test_the_number_of_queries_stays(sofia, django_assert_num_queries):
    plan = new_plan(deliverables=12)
    for number in (2, 12):
        for row in Deliverable.objects.of_plan(plan.slug).with_current_status()[:number]:
            report(row, "in_progress", by=sofia)
        summary = summarise(Plan.objects.get(pk=plan.pk), today=TODAY)
        with django_assert_num_queries(4):
            write_stratml(summary)
