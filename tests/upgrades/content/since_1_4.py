"""What a database of release 1.4 or later holds besides: see since_1_0.py, which runs before in the same shell."""

import uuid
from datetime import UTC, date, datetime

from django.core.files.uploadedfile import SimpleUploadedFile

from deliverables.evidence.attached import store_upload
from deliverables.models import Deliverable, Proposal, ReportingRound, open_deliverables
from deliverables.plan_editing.structure import set_regions
from deliverables.proposals.rights import Capacity
from metropolis_tracker.accounts.models import User
from plans.models import Plan
from reports.editions.publication import EditionTexts
from tests.builders import publish, report

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)

sofia = User.objects.get(name="Sofia Marín")
rashid = User.objects.get(name="Rashid Amrani")
plan = Plan.objects.get(slug="2021-2023")
africa = next(region for region in plan.regions if region.slug == "africa")
rashid.region = africa
rashid.save(update_fields=["region"])

# A file that is evidence, of a deliverable of a region.
second = Deliverable.objects.of_plan(plan.slug).with_current_status().get(number=2)
set_regions(second, [africa])
minutes = store_upload(SimpleUploadedFile("minutes.txt", b"Invented minutes.\n"))
report(second, "in_progress", by=sofia, effective_on=date(2021, 7, 1), evidence=[minutes])

# A round, with a report that waits: the plan goes on until 2027.
Plan.objects.filter(pk=plan.pk).update(ends_on=date(2027, 12, 31))
plan.refresh_from_db()
asked = open_deliverables(plan)
ReportingRound.objects.begin(plan, name="A round", closes_on=date(2026, 12, 15), deliverables=asked, by=sofia, at=AT)
third = Deliverable.objects.of_plan(plan.slug).with_current_status().get(number=3)
values = {"status": "attained", "reason": "", "effective_on": date(2022, 1, 1), "achieved": 6, "note": "All six."}
values |= {"next_step": "", "expected_on": None, "evidence": []}
options = {"seen": third.last_sequence, "submission": uuid.uuid4(), "at": AT, "capacity": Capacity(region=africa)}
Proposal.objects.propose(third, values, by=rashid, **options)

# An edition as it is written from 1.4 on would be too large here: see since_1_0.py. Its texts are those of a small one.
publish(plan, by=sofia, title="A second report", texts={"en": EditionTexts(foreword="It goes on.")})
