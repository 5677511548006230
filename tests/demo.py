"""Add an invented plan that runs today, with two years of movement: `python -m tests.demo`, or `make demo`.

The reports are in demo_story.txt, everything else is here. It goes through the methods that the pages use, each step at
the moment at which it would have been recorded, so that history, comparisons and the edition fit together. All dates
are fixed: it adds the same plan on every day. Never use it on real data.
"""

import os
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

import django
from django.conf import settings
from django.db import transaction

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metropolis_tracker.settings")
    django.setup()  # before the models below are imported

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402

from deliverables.evidence.attached import store_upload  # noqa: E402
from deliverables.models import (  # noqa: E402
    Decision,
    Deliverable,
    Evidence,
    Proposal,
    ReportingRound,
    Takedown,
    Target,
    open_deliverables,
)
from deliverables.plan_editing.structure import (  # noqa: E402
    copy_structure,
    next_number,
    save_part,
    set_regions,
    withdraw,
)
from deliverables.proposals.rights import Capacity  # noqa: E402
from deliverables.status import Status  # noqa: E402
from metropolis_tracker.accounts.models import User  # noqa: E402
from metropolis_tracker.accounts.roles import Role  # noqa: E402
from metropolis_tracker.config.production_checks import is_production  # noqa: E402
from plans.codes import Code  # noqa: E402
from plans.models import Meeting, Plan, Visibility  # noqa: E402
from reports.editions.publication import EditionTexts
from reports.models import Edition  # noqa: E402

SLUG, SOURCE = "2025-2027", "2018-2020"
STORY = Path(__file__).with_name("demo_story.txt")
STATUSES = {"attained": Status.ATTAINED, "progress": Status.IN_PROGRESS, "not": Status.NOT_DEVELOPED}
PLAN = {
    "title": "Example: Metropolitan Spaces for Everyone",
    "subtitle": "An invented plan to try the tracker with. Nothing in it has happened.",
    "headline": "From 2025 to 2027, this example has {total} outcomes to deliver. So far,",
    "goals_introduction": "With this example, Metropolis would contribute to these Sustainable Development Goals:",
    "starts_on": date(2025, 1, 1),
    "ends_on": date(2027, 12, 31),
}
PEOPLE = {
    "elena": ("Elena Prats", Role.SECRETARIAT),
    "marc": ("Marc Oliver", Role.SECRETARIAT),
    "amina": ("Amina Diallo", Role.REGIONAL_SECRETARIES),
    "kenji": ("Kenji Mori", Role.REGIONAL_SECRETARIES),
    "lucia": ("Lucía Ferrer", Role.REGIONAL_SECRETARIES),
    "henrik": ("Henrik Olsen", Role.BOARD),
}
MEETINGS = {
    "June 2025": ("Board of Directors", "Brussels", date(2025, 6, 12)),
    "Assembly": ("General Assembly of Members", "Mexico City", date(2025, 11, 20)),
    "December 2025": ("Board of Directors", "online", date(2025, 12, 11)),
    "June 2026": ("Board of Directors", "Montréal", date(2026, 6, 18)),
}
YEARS = {"(2018-2019-2020)": "(2025-2026-2027)", "2018-2020": "2025-2027"}  # in the titles of the plan of then

# The amendments: the meeting that decided, what it decided, the deliverable, and its new values.
AMENDMENTS = [
    ("Assembly", "The interviews are published as videos, not as a book (decision 4).",
     "L1M1D2", {"title": "Video series “Voice of the Mayors”, eleven interviews with mayors of major metropolises"}),
    ("Assembly", "The Observatory publishes two issue papers, since one cannot cover all regions (decision 6).",
     "L2M3D1", {"title": "At least two issue papers on key themes related to metropolitan and/or urban governance"}),
    ("Assembly", "Young people meet beside the General Assembly, as the members of Africa proposed (decision 9).",
     "L1M4", {"title": "Youth forum held beside the General Assembly of Members", "due_on": date(2027, 9, 30)}),
    ("December 2025", "Four papers, each discussed in all regions, instead of six (decision 11).",
     "L1M2D1", {"target": 4, "target_unit": "position papers"}),
    ("June 2026", "The frameworks become a part of the governance toolkit, L2M6D1 (decision 2).",
     "L2M2D5", None),
    ("June 2026", "The fundraising strategy waits for the audit of 2025 (decision 5).",
     "L3M5D1", {"due_on": date(2026, 12, 15)}),
]  # fmt: skip
TAKEN_DOWN = ("L1M8D2", date(2026, 2, 9), "It named a person who asked for it.")
# Who is secretary of which region, and the deliverables that concern several regions.
SECRETARIES = {"amina": "africa", "kenji": "asia-pacific", "lucia": "latin-america-caribbean"}
SHARED = {"L3M2D1": SECRETARIES.values(), "L2M1D2": ["africa", "latin-america-caribbean"]}
ROUND = ("November reporting round", date(2026, 11, 2), date(2026, 12, 15))  # opened on, reports are due on

# What was reported in the round and waits: who, on which day, the status and the words; the answer if it was sent back.
PROPOSALS = [
    ("amina", date(2026, 11, 9), "L2M1D2", "progress", "The pilot in Douala ended, with a workshop for Accra.", ""),
    ("lucia", date(2026, 11, 12), "L1M1D2", "progress", "Ten videos are online.", ""),
    ("kenji", date(2026, 11, 16), "L3M2D1", "progress", "The agenda for Asia was agreed in Guangzhou.",
     "Please add the agenda itself, or a link to it."),
]  # fmt: skip
MINUTES = ("Douala pilot, final report.txt", "Invented minutes: the pilot project in Douala closed in November 2026.\n")
EDITION = ("Mid-term report (example)", date(2026, 6, 30), date(2026, 7, 9))  # title, as of, published on
EDITION_TEXTS = EditionTexts(
    foreword="Half of the plan's time has passed, and this report says plainly where each outcome stands.\n"
    "It is an example: nothing in it has happened.",
    signed_by="Name of the Secretary General\nSecretary General of Metropolis",
    key_results="Observatory: the website is online, with its first two issue papers.\n"
    "Youth: the map of members is drawn again after its budget was cut.",
    decisions="Keep or withdraw the youth map. It has had no budget since October.",
    comments={"L1": "The new plan of advocacy was adopted in spring. Its first year went to partnerships."},
)


class Line(NamedTuple):
    """A deliverable of the story: when it is due, who is responsible, its target, and its reports."""

    code: Code
    due_on: date
    responsible: str
    target: Target | None
    reports: list


class Report(NamedTuple):
    """A report of the story: what `Deliverable.record` takes, and whether it corrects the report before."""

    recorded_on: date
    corrects: bool
    values: dict


def read_story():
    """Return the `Line` of each deliverable."""
    blocks = STORY.read_text(encoding="utf-8").split("\n\n")[1:]
    return [read_line(*block.strip().splitlines()) for block in blocks]


def read_line(head, *reports):
    code, quarter, responsible, *target = head.split()
    year, number = map(int, quarter.split("-Q"))
    due_on = date(year + number // 4, number * 3 % 12 + 1, 1) - timedelta(days=1)
    target = Target(int(target[1]), " ".join(target[2:])) if target else None
    return Line(Code.parse(code), due_on, responsible, target, [read_report(text) for text in reports])


def read_report(text):
    """Return the `Report` of a line such as “2025-07-08 progress A note. | done: 1 | next: Go on, 2025-09-30”."""
    text, *others = text.split(" | ")
    day, status, note = (*text.split(" ", 2), "")[:3]
    effective_on = date.fromisoformat(day)
    recorded_on, corrects, evidence = effective_on + timedelta(days=1), False, []
    values = {"status": STATUSES[status], "effective_on": effective_on, "note": note}

    for name, _colon, value in (other.partition(": ") for other in others):
        match name:
            case "see":
                title, _space, link = value.rpartition(" ") if "https://" in value else (value, "", "")
                evidence.append(Evidence(title, link))
            case "next":
                values["next_step"], _comma, day = value.rpartition(", ")
                values["expected_on"] = date.fromisoformat(day)
            case "done":
                values["achieved"] = int(value)
            case "why":
                values["reason"] = value
            case "recorded":
                recorded_on = date.fromisoformat(value)
            case "corrects":
                corrects = True
            case _:
                raise ValueError(f"{STORY.name}: “{name}” is unknown.")
    return Report(recorded_on, corrects, values | {"evidence": evidence})


def add_demo():
    """Add the plan with its people, meetings and history, and return it."""
    story = read_story()
    with transaction.atomic():
        people = {
            key: User.objects.create_user(f"{key}@metropolis.example.org", name=name, role=role)
            for key, (name, role) in PEOPLE.items()
        }
        plan = add_plan(story, people)
        meetings = add_meetings(plan)
        add_regions(plan, people)

        # As it would have been recorded, day by day: amendments some days after the meeting that decided them.
        steps = [(report.recorded_on, record, (line, report)) for line in story for report in line.reports]
        for key, *change in AMENDMENTS:
            steps.append((meetings[key].held_on + timedelta(days=4), amend, (meetings[key], *change)))
        steps += [(TAKEN_DOWN[1], take_down, ()), (EDITION[2], publish, ())]
        for minute, (day, step, values) in enumerate(sorted(steps, key=lambda step: step[0])):
            step(plan, people, moment(day, minute), *values)
        add_round(plan, people)

    plan.refresh_from_db()
    return plan


def add_plan(story, people):
    """Add the plan as a draft with all that it promises, then open it to everyone.

    What is open in the plan that it starts from is continued.
    """
    source = Plan.objects.get(slug=SOURCE)
    plan = Plan.objects.create(organisation=source.organisation, slug=SLUG, visibility=Visibility.DRAFT, **PLAN)
    plan.goals.set(source.goals.all())
    copy_structure(source, plan)
    left_open = {part.code: part for part in Deliverable.objects.of_plan(SOURCE).exclude(status=Status.ATTAINED)}

    for line in story:
        part = get(line.code)
        for old, new in YEARS.items():
            part.title = part.title.replace(old, new)
        part.due_on, part.responsible = line.due_on, people[line.responsible]
        part.continues = left_open.get(line.code)
        if line.target:
            part.target, part.target_unit = line.target.number, line.target.unit
        fields = ["title", "due_on", "responsible", "continues", "target", "target_unit"]
        save_part(part, by=people["elena"], fields=fields)

    plan.refresh_from_db()
    plan.visibility = Visibility.PUBLIC
    plan.save(update_fields=["visibility"])
    Plan.objects.raise_revision(pk=plan.pk)
    return plan


def add_meetings(plan):
    """Add the meetings of the organisation, and return them by their key in `MEETINGS`."""
    return {
        key: Meeting(key=made_of(key), organisation=plan.organisation, name=name, place=place, held_on=held_on).store()
        for key, (name, place, held_on) in MEETINGS.items()
    }


def add_regions(plan, people):
    """Give the secretaries their regions, and what they are responsible for the same."""
    regions = {region.slug: region for region in plan.regions}
    for key, slug in SECRETARIES.items():
        people[key].region = regions[slug]
        people[key].save(update_fields=["region"])
    slugs = {people[key].pk: [slug] for key, slug in SECRETARIES.items()}
    for part in Deliverable.objects.of_plan(SLUG).with_update():
        if chosen := SHARED.get(str(part.code), slugs.get(part.responsible_id)):
            set_regions(part, [regions[slug] for slug in chosen])


def add_round(plan, people):
    """Open a round, and report in it: some proposals wait, one was sent back."""
    plan.refresh_from_db()
    name, opened_on, closes_on = ROUND
    asked, at = open_deliverables(plan), moment(opened_on, 0)
    ReportingRound.objects.begin(plan, name=name, closes_on=closes_on, deliverables=asked, by=people["elena"], at=at)
    for minute, (key, day, code, status, note, answer) in enumerate(PROPOSALS):
        part, at = get(Code.parse(code)), moment(day, minute)
        evidence = [stored_minutes()] if code == "L2M1D2" else []
        report = {"status": STATUSES[status], "reason": "", "effective_on": day, "achieved": None, "note": note}
        report |= next_step_of(part, report) | {"evidence": evidence}
        options = {"seen": part.last_sequence, "submission": made_of(f"proposal/{code}"), "at": at}
        capacity = Capacity(region=people[key].region)
        proposal = Proposal.objects.propose(part, report, by=people[key], capacity=capacity, **options)
        if answer:
            proposal.send_back(by=people["elena"], comment=answer, at=at + timedelta(days=1))


def next_step_of(part, report):
    """Return the next step that the form of a report has filled in: the current one, unless it is attained now."""
    current = part.current_update(None)
    if current is None or report["status"] == Status.ATTAINED:
        return {"next_step": "", "expected_on": None}
    is_ahead = current.expected_on and current.expected_on >= report["effective_on"]
    return {"next_step": current.next_step, "expected_on": current.expected_on if is_ahead else None}


def stored_minutes():
    name, text = MINUTES
    return store_upload(SimpleUploadedFile(name, text.encode()))


def record(plan, people, at, line, report):
    """Record a report, proposed by the responsible person unless they are of the secretariat."""
    part, responsible = get(line.code), people[line.responsible]
    is_proposal = PEOPLE[line.responsible][1] != Role.SECRETARIAT
    values = report.values | {"corrects": part.updates.first() if report.corrects else None}
    part.record(
        by=people["elena"] if is_proposal else responsible,
        proposed_by=responsible if is_proposal else None,
        seen=part.last_sequence,
        submission=made_of(f"{line.code}/{at}"),
        at=at,
        **values,
    )


def amend(plan, people, at, meeting, text, code, values):
    """Record an amendment: new `values` of a deliverable, a new one in a measure, or a withdrawal (no values)."""
    how = {"by": people["elena"], "decision": Decision(text, meeting.held_on, meeting=meeting), "at": at}
    code = Code.parse(code)
    if values is None:
        withdraw(get(code), **how)
    elif code.deliverable:
        part = get(code)
        for name, value in values.items():
            setattr(part, name, value)
        save_part(part, fields=values, **how)
    else:
        part = Deliverable(measure=get(Code(code.line, code.measure, 1)).measure, **values)
        part.number, part.responsible = next_number(part), people["kenji"]
        save_part(part, **how)


def take_down(plan, people, at):
    code, _day, reason = TAKEN_DOWN
    update = get(Code.parse(code)).updates.last()
    Takedown.objects.take_down(update, ["note-0"], reason=reason, by=people["marc"], at=at)


def publish(plan, people, at):
    title, as_of, _day = EDITION
    plan.refresh_from_db()
    options = {"seen": plan.revision, "submission": made_of("edition"), "at": at, "texts": {"en": EDITION_TEXTS}}
    Edition.objects.publish(plan, title=title, as_of=as_of, by=people["elena"], **options)


def get(code):
    return Deliverable.objects.of_plan(SLUG, code).with_update().get()


def moment(day, minute):
    """Return a moment in the working hours of a day, later for each step of the story."""
    return datetime.combine(day, time(8), UTC) + timedelta(minutes=2 * minute)


def made_of(name):
    """Return a UUID that is the same on every run, so that links to the demo stay valid."""
    return uuid5(NAMESPACE_URL, f"demo/{name}")


def refusal():
    """Return why the plan cannot be added to this database, None if it can."""
    if is_production(urlsplit(settings.SITE_URL)):
        return f"This adds an invented plan, and other people use {settings.SITE_URL}. Nothing was added."
    if Plan.objects.filter(slug=SLUG).exists():
        return f"There is a plan {SLUG} already. Nothing was added."
    if not Plan.objects.filter(slug=SOURCE).exists():
        return f"There is no plan {SOURCE} to start from. Run manage.py prepare on an empty database first."
    return None


def main():
    if reason := refusal():
        sys.exit(reason)
    plan = add_demo()
    print(f"Added {plan.title}: {settings.SITE_URL}{plan.get_absolute_url()}")


if __name__ == "__main__":
    main()
