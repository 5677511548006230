"""What every page owes to everyone: no accessibility finding, no sideways scroll, no request to another host."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from deliverables.models import Deliverable
from plans.models import ActionLine, Measure, Plan
from tests.builders import deliverable, report

PLAN = "/plans/2018-2020/"
OPEN = [
    "/plans/",
    PLAN,
    PLAN + "?as_of=2019-12-31",
    PLAN + "L1/",
    PLAN + "L1M3/",
    PLAN + "L2M5D1/",
    PLAN + "deliverables/",
    PLAN + "deliverables/?q=zeppelin",
    PLAN + "deliverables/?sort=bogus&status=done",
    PLAN + "changes/",
    PLAN + "changes/?from=2020-12-30&to=2020-12-31",
    PLAN + "changes/?from=soon",
    PLAN + "reports/",
    PLAN + "summary/",
    "/verify/",
    "/verify/?hash=x",
    "/data/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/nowhere/",
    PLAN + "?as_of=soon",
]
SIGNED_IN = [
    PLAN,
    PLAN + "L2M5D1/",
    PLAN + "deliverables/",
    PLAN + "editions/new/",
    PLAN + "editions/new/?title=",
    "/accounts/password/change/",
]


def findings(page):
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    violations = Axe().run(page, options=options).response["violations"]
    return [(finding["id"], finding["nodes"][0]["html"][:200]) for finding in violations]


def check(site, path, width, scheme):
    site.page.set_viewport_size({"width": width, "height": 900})
    site.page.emulate_media(color_scheme=scheme)
    elsewhere = []
    site.page.on("request", lambda request: elsewhere.append(request.url) if site.address not in request.url else None)
    page = site.open(path)
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert elsewhere == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
@pytest.mark.parametrize("path", OPEN)
def test_a_page_is_accessible(site, path, width, scheme):
    check(site, path, width, scheme)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_pages_are_accessible_signed_in(site, sofia, width, scheme):
    site.sign_in(sofia)
    for path in SIGNED_IN:
        check(site, path, width, scheme)


LONG = "Donaudampfschifffahrtsgesellschaft" * 6


@pytest.mark.parametrize("width", [1280, 390])
def test_long_words_stay_inside_the_page(site, sofia, width):
    Deliverable.objects.filter(number=1).update(title=LONG)
    Measure.objects.update(statement=LONG)
    ActionLine.objects.update(title=LONG)
    Plan.objects.update(title=LONG[:200])
    report(deliverable("L1M1D1"), "attained", by=sofia, note=LONG, evidence_title=LONG)
    site.sign_in(sofia)
    site.page.set_viewport_size({"width": width, "height": 900})
    for path in ("", "L1/", "L1M1/", "L1M1D1/", "deliverables/", "changes/", "changes/?from=2018-01-01&to=2021-12-31"):
        page = site.open(PLAN + path)
        assert (path, page.evaluate("document.documentElement.scrollWidth") <= width) == (path, True)


def test_the_admin_keeps_the_policy(site, adam):
    site.sign_in(adam)
    for path in ("", "plans/plan/", "deliverables/deliverable/", "accounts/user/add/"):
        site.open(f"/admin/{path}")
