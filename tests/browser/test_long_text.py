"""Words longer than the window stay inside the page."""

from deliverables.models import Deliverable
from plans.models import ActionLine, Measure, Plan
from tests.browser.look import overflow
from tests.browser.pages import PLAN, SIGNED_IN
from tests.builders import deliverable, report

LONG = "Donaudampfschifffahrtsgesellschaft" * 6


def test_long_words_stay_inside_the_page(site, sofia):
    Deliverable.objects.filter(number=1).update(title=LONG)
    Measure.objects.update(statement=LONG)
    ActionLine.objects.update(title=LONG)
    Plan.objects.update(title=LONG[:200])
    report(
        deliverable("L1M1D1"), "attained", by=sofia, note=LONG, evidence_title=LONG, evidence_link="https://a.example"
    )
    site.be(sofia)
    faults = []
    for path in [path for path in SIGNED_IN if PLAN in path]:
        page = site.open(path)
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            faults += [(path, width, fault) for fault in overflow(page)]
    assert not faults, "\n".join(map(str, faults))
