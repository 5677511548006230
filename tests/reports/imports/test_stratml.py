"""A StratML plan or report as a table."""

import pytest

from reports.imports.files.reading import read_source
from reports.imports.files.stratml import HEADS

CORE, PART_2 = "urn:ISO:std:iso:17469:tech:xsd:stratml_core", "urn:ISO:std:iso:17469:tech:xsd:PerformancePlanOrReport"
INDICATOR = """
<PerformanceIndicator PerformanceIndicatorType="Quantitative">
  <SequenceIndicator>1.1.1</SequenceIndicator>
  <MeasurementDimension>Trees planted</MeasurementDimension>
  <UnitOfMeasurement>Trees</UnitOfMeasurement>
  <Identifier>_1</Identifier>
  <MeasurementInstance>
    <TargetResult>
      <StartDate>2026-01-01</StartDate><EndDate>2026-12-31</EndDate><NumberOfUnits>500</NumberOfUnits>
    </TargetResult>
    <ActualResult>
      <NumberOfUnits>320</NumberOfUnits>
      <Descriptor><DescriptorName>Status</DescriptorName><DescriptorValue>On track</DescriptorValue></Descriptor>
      <Description>See https://example.org/trees.</Description>
    </ActualResult>
  </MeasurementInstance>
</PerformanceIndicator>
"""
PLACEHOLDER = """
<PerformanceIndicator><SequenceIndicator/><MeasurementDimension/><UnitOfMeasurement/><MeasurementInstance>
  <TargetResult><Description/><NumberOfUnits/><StartDate/><EndDate/></TargetResult>
  <ActualResult><Description>[To be determined]</Description></ActualResult>
</MeasurementInstance></PerformanceIndicator>
"""


def objective(name, code="1.1", more=""):
    return f"<Objective><Name>{name}</Name><SequenceIndicator>{code}</SequenceIndicator>{more}</Objective>"


def goal(*parts, more=""):
    described = f"<Description>More trees{more}</Description>"
    name = f"<Name>Green city</Name>{described}<SequenceIndicator>1</SequenceIndicator>"
    return f"<Goal>{name}{''.join(parts)}</Goal>"


def plan(*goals, root="PerformancePlanOrReport", namespace=PART_2):
    core = (
        f"<StrategicPlanCore><Organization><Name>Metropolis</Name></Organization>{''.join(goals)}</StrategicPlanCore>"
    )
    xml = f'<{root} xmlns="{namespace}" Type="Performance_Plan"><Name>Plan 2026</Name>{core}</{root}>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}'.encode()


def rows_of(content):
    return [row for _, row in read_source(content).sheets[0].rows[1:]]


def test_a_plan_is_a_sheet_of_its_name():
    source = read_source(plan(goal(objective("Parks"))))
    assert (source.kind, source.sheets[0].name, source.sheets[0].rows[0]) == ("stratml", "Plan 2026", (1, HEADS))


def test_an_indicator_is_a_row_with_its_objective_and_goal():
    assert rows_of(plan(goal(objective("Parks", more=INDICATOR)))) == [
        ["1", "Green city", "More trees", "1.1", "Parks", "", "Trees planted", "Trees", "500"]
        + [
            "320, Status: On track, See https://example.org/trees.",
            "2026-12-31",
            "On track",
            "https://example.org/trees",
        ]
    ]


def test_an_objective_without_an_indicator_is_a_row():
    rows = rows_of(plan(goal(objective("Parks"), objective("Trees", "1.2", PLACEHOLDER))))
    assert [row[3:6] for row in rows] == [["1.1", "Parks", ""], ["1.2", "Trees", ""]]
    assert [row[6:] for row in rows] == [[""] * 7] * 2


def test_a_goal_without_an_objective_is_a_row():
    empty = f"<Objective><Name/><Description/><Identifier>_2</Identifier>{PLACEHOLDER}</Objective>"
    assert rows_of(plan(goal(), goal(empty))) == [["1", "Green city", "More trees"] + [""] * 10] * 2


def test_an_indicator_of_a_goal_is_a_row():
    assert [row[3:8] for row in rows_of(plan(goal(INDICATOR)))] == [["", "", "", "Trees planted", "Trees"]]


def test_a_part_without_a_name_is_called_by_its_description():
    part = "<Objective><Description>Plant trees</Description></Objective>"
    assert [row[4:6] for row in rows_of(plan(goal(part)))] == [["Plant trees", ""]]


def test_several_results_are_joined_and_the_last_day_counts():
    result = "<NumberOfUnits>900</NumberOfUnits><EndDate>2027-12-31</EndDate>"
    more = f"<MeasurementInstance><TargetResult>{result}</TargetResult></MeasurementInstance>"
    indicator = INDICATOR.replace("</PerformanceIndicator>", f"{more}</PerformanceIndicator>")
    row = rows_of(plan(goal(objective("Parks", more=indicator))))[0]
    assert (row[8], row[10]) == ("500; 900", "2027-12-31")


@pytest.mark.parametrize(
    ("root", "namespace"),
    [("StrategicPlan", CORE), ("StrategicPlan", "http://www.stratml.net"), ("PerformancePlanOrReport", PART_2)],
)
def test_each_version_of_the_standard_is_read(root, namespace):
    assert len(rows_of(plan(goal(objective("Parks")), root=root, namespace=namespace))) == 1


def test_prefixed_names_and_utf_16_are_read():
    xml = f'<s:StrategicPlan xmlns:s="{CORE}"><s:Name>Ü</s:Name><s:Goal><s:Name>x</s:Name></s:Goal></s:StrategicPlan>'
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert read_source(xml.encode(encoding)).sheets[0].name == "Ü"
