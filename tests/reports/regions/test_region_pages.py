"""Regions: the page of each, its files, and regions in filters, exports, imports, charts and forms."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from deliverables.models import Deliverable
from deliverables.plan_editing import structure
from plans.models import Plan, Region
from reports.figures.summary import summarise
from reports.files.formats import write_csv, write_html, write_json, write_pdf
from tests.builders import TODAY, deliverable, new_plan, preview_of, report
from tests.reports.imports.test_applying import apply, problems, table

pytestmark = pytest.mark.django_db
AFRICA = "/plans/2018-2020/regions/africa/"
NAMES = ["Africa", "Asia and the Pacific", "Europe", "Latin America and the Caribbean", "North America"]


def give(code, *slugs):
    structure.set_regions(deliverable(code), list(Region.objects.filter(slug__in=slugs)))


def regions_of(code):
    return sorted(region.name for region in deliverable(code).regions.all())


def text_of(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def spread(plan):
    """Africa has two deliverables more than the one of all regions, Europe one."""
    give("L1M1D1", "africa", "europe")
    give("L1M1D2", "africa")
    return plan


def test_the_plan_comes_with_five_regions_and_one_deliverable_of_all(plan):
    assert [region.name for region in plan.regions] == NAMES
    assert list(Deliverable.objects.exclude(regions=None).distinct()) == [deliverable("L3M2D1")]
    assert regions_of("L3M2D1") == NAMES


def test_a_page_shows_what_the_region_has_and_where_it_stands(spread, visitor, sofia):
    report(deliverable("L1M1D2"), "in_progress", by=sofia, note="Seen in Dakar.")
    page = visitor.get(AFRICA)
    assert [str(row.code) for row in page.context["summary"].rows] == ["L1M1D1", "L1M1D2", "L3M2D1"]
    assert str(page.context["summary"].counts) == "2 attained, 1 in progress, 0 not developed"
    assert "Where Africa stands" in text_of(page)
    assert "Seen in Dakar." in text_of(page)
    assert "/deliverables/?status=attained&amp;region=africa" in text_of(page)


def test_a_page_counts_what_the_other_regions_have_attained(spread, visitor):
    others = {
        region.slug: (counts.attained, counts.total) for region, counts in visitor.get(AFRICA).context["summary"].others
    }
    assert others["europe"] == (2, 2)
    assert "africa" not in others


def test_changes_of_other_deliverables_are_not_those_of_the_region(spread, visitor, sofia):
    report(deliverable("L2M1D1"), "in_progress", by=sofia, note="Seen elsewhere.")
    assert "Seen elsewhere." not in text_of(visitor.get(AFRICA))


def test_a_member_sees_what_was_recorded_since_the_last_visit(spread, regional, rashid, sofia):
    rashid.last_visit_at = rashid.seen_at = datetime(2026, 11, 24, 13, tzinfo=UTC)
    rashid.save()
    report(deliverable("L1M1D1"), "attained", by=sofia, note="Before the visit.")
    report(deliverable("L1M1D2"), "in_progress", by=sofia, at=datetime(2026, 11, 24, 14, tzinfo=UTC), note="After it.")
    page = text_of(regional.get(AFRICA))
    assert "After it." in page
    assert "Before the visit." not in page


def test_a_region_without_deliverables_shows_the_network(visitor):
    plan = new_plan(deliverables=3)
    page = visitor.get(f"/plans/{plan.slug}/regions/africa/")
    assert "No deliverable of this plan is for Africa alone." in text_of(page)
    assert page.context["summary"].counts.total == 3


@pytest.mark.parametrize("path", ["regions/atlantis/", "regions/africa/summary.docx", "regions/atlantis/summary.pdf"])
def test_what_does_not_exist_is_not_found(visitor, path):
    assert visitor.get(f"/plans/2018-2020/{path}").status_code == 404


def test_a_page_of_an_earlier_day_has_the_status_of_then(spread, visitor, sofia):
    report(deliverable("L1M1D2"), "in_progress", by=sofia)
    page = visitor.get(AFRICA + "?as_of=2020-12-31")
    assert str(page.context["summary"].counts) == "2 attained, 0 in progress, 1 not developed"


def test_the_pdf_has_the_same_rows_in_the_language_of_the_page(spread, visitor):
    answer = visitor.get("/es/plans/2018-2020/regions/africa/summary.pdf")
    text = " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages).split())
    assert "L1M1D2" in text
    assert "L2M1D1" not in text
    assert answer.headers["Content-Language"] == "es"
    assert "-africa-as-of-" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(("as_of", "is_listed"), [("2020-06-30", True), ("2020-12-31", False), ("2020-05-31", False)])
def test_a_file_of_an_earlier_day_has_the_changes_of_the_days_before(spread, visitor, sofia, as_of, is_listed):
    report(
        deliverable("L1M1D2"),
        "in_progress",
        by=sofia,
        effective_on=date(2020, 6, 1),
        at=datetime(2020, 6, 2, tzinfo=UTC),
        note="It began.",
    )
    answer = visitor.get(f"{AFRICA}summary.xlsx?as_of={as_of}")
    changes = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_name("Changes").to_python()
    assert ("It began." in str(changes)) == is_listed


def test_the_workbook_has_the_same_rows(spread, visitor):
    book = CalamineWorkbook.from_filelike(io.BytesIO(visitor.get(AFRICA + "summary.xlsx").content))
    rows = book.get_sheet_by_name("Deliverables").to_python()
    assert [row[0] for row in rows[1:]] == ["L1M1D1", "L1M1D2", "L3M2D1"]
    assert ["Attained", 2.0] in [row[:2] for row in book.get_sheet_by_name("Summary").to_python()]


def test_the_list_filters_by_region(spread, visitor):
    rows = visitor.get("/plans/2018-2020/deliverables/?region=europe").context["page"]
    assert [str(row.code) for row in rows] == ["L1M1D1", "L3M2D1"]
    assert visitor.get("/plans/2018-2020/deliverables/?region=none").context["counts"].total == 62
    assert "There is no region “atlantis”" in text_of(visitor.get("/plans/2018-2020/deliverables/?region=atlantis"))


def test_without_regions_nobody_is_asked_for_one(visitor, plan):
    Deliverable.regions.through.objects.all().delete()
    Region.objects.all().delete()
    assert 'name="region"' not in text_of(visitor.get("/plans/2018-2020/deliverables/"))
    assert visitor.get("/plans/2018-2020/").status_code == 200


def test_exports_name_the_regions(spread):
    summary = summarise(spread, today=TODAY)
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(write_csv(summary).decode("utf-8-sig")))}
    assert rows["L1M1D1"]["regions"] == "Africa; Europe"
    content = json.loads(write_json(summary))
    assert content["regions"][0] == {
        "slug": "africa", "name": "Africa",
        "counts": {"attained": 2, "in_progress": 0, "not_developed": 1, "no_status": 0, "total": 3},
    }  # fmt: skip
    assert [row["regions"] for row in content["deliverables"] if row["code"] == "L1M1D1"] == [["Africa", "Europe"]]


def test_the_chart_by_region_appears_once_regions_differ(plan, visitor):
    summary = summarise(plan, today=TODAY)
    assert "By region" not in write_html(summary).decode()
    assert "By region" not in text_of(visitor.get("/plans/2018-2020/"))
    give("L1M1D1", "africa")
    summary = summarise(plan, today=TODAY)
    assert "By region" in write_html(summary).decode()
    assert "By region" in text_of(visitor.get("/plans/2018-2020/"))
    assert "By region" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(write_pdf(summary))).pages)


# Import


def plan_table(*lines):
    return table(["code", "title", "regions"], *([code, deliverable(code).title, text] for code, text in lines))


def test_an_import_sets_regions_by_name_in_any_language_or_short_name(secretariat, translated_plan):
    apply(secretariat, plan_table(("L1M1D1", "áfrica; EUROPE"), ("L1M1D2", "north-america")), "plan")
    assert regions_of("L1M1D1") == ["Africa", "Europe"]
    assert regions_of("L1M1D2") == ["North America"]


def test_an_empty_cell_means_the_whole_network(secretariat, spread):
    apply(secretariat, plan_table(("L1M1D1", "")), "plan")
    assert regions_of("L1M1D1") == []
    assert regions_of("L1M1D2") == ["Africa"]


def test_an_unknown_region_is_a_problem_that_names_the_known_ones(plan):
    [(row, column, text)] = problems(plan, plan_table(("L1M1D1", "Atlantis")), "plan")
    assert (row, column) == (2, "Regions")
    assert "Write one or more of: Africa; Asia and the Pacific; Europe" in text


def test_our_own_export_changes_nothing(spread):
    assert preview_of(spread, write_csv(summarise(spread, today=TODAY)), "plan").steps == []


def test_regions_need_no_decision_and_are_no_new_wording(spread):
    preview = preview_of(spread, plan_table(("L1M1D1", "Africa")), "plan")
    assert (preview.needs_decision, len(preview.changes)) == (False, 1)


# Form, copies, admin


def test_the_form_of_a_deliverable_sets_its_regions(secretariat, plan):
    page = "/plans/2018-2020/edit/L1M1D1/"
    title = deliverable("L1M1D1").title
    africa = Region.objects.get(slug="africa").pk
    before = Plan.objects.get().revision
    answer = secretariat.post(page, {"was": title, "title": title, "regions": [africa]})
    assert (answer.status_code, regions_of("L1M1D1")) == (302, ["Africa"])
    assert Plan.objects.get().revision > before
    assert not plan.amendments.exists()


def test_two_who_edit_the_regions_at_once_are_told(secretariat, plan):
    asia, europe = (Region.objects.get(slug=slug).pk for slug in ("asia-pacific", "europe"))
    give("L1M1D1", "africa")
    title = deliverable("L1M1D1").title
    sent = {"was": title, "title": title, "initial-regions": [europe], "regions": [asia]}
    answer = secretariat.post("/plans/2018-2020/edit/L1M1D1/", sent)
    assert "Meanwhile somebody entered “Africa”" in text_of(answer)
    assert regions_of("L1M1D1") == ["Africa"]


def test_a_new_plan_takes_the_regions_over(spread):
    plan = new_plan(deliverables=0)
    plan.action_lines.get().measures.all().delete()
    plan.action_lines.all().delete()
    structure.copy_structure(spread, plan)
    copied = Deliverable.objects.filter(measure__action_line__plan=plan, regions__slug="africa")
    assert sorted(each.code for each in copied) == [deliverable(code).code for code in ("L1M1D1", "L1M1D2", "L3M2D1")]


def test_a_region_of_another_organisation_is_refused(plan):
    other = Region.objects.create(
        organisation=type(plan.organisation).objects.create(slug="other", name="Other"), slug="x", name="X"
    )
    with pytest.raises(structure.ValidationError, match="own organisation"):
        structure.set_regions(deliverable("L1M1D1"), [other])


def test_administrators_add_a_region_and_delete_only_unused_ones(administrator, plan):
    sent = {"organisation": plan.organisation.pk, "name": "Antarctica", "slug": "antarctica"}
    assert administrator.post("/admin/plans/region/add/", sent).status_code == 302
    new, used = Region.objects.get(slug="antarctica"), Region.objects.get(slug="africa")
    assert administrator.post(f"/admin/plans/region/{used.pk}/delete/", {"post": "yes"}).status_code == 403
    assert administrator.post(f"/admin/plans/region/{new.pk}/delete/", {"post": "yes"}).status_code == 302
    assert [region.name for region in Region.objects.all()] == NAMES
