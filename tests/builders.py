"""What tests build in one line: a report on a deliverable, a plan of a given size."""

import uuid
from datetime import UTC, date, datetime

from deliverables.models import Deliverable, Evidence
from plans.codes import Code
from plans.models import ActionLine, Measure, Organisation, Plan, Visibility
from reports.imports.applying import preview_import
from reports.imports.files.reading import read_source
from reports.imports.mapping.choices import guess
from reports.models import Edition

TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def deliverable(code):
    """A deliverable of the plan 2018-2020 by its code."""
    return Deliverable.objects.of_plan("2018-2020", Code.parse(code)).with_current_status().get()


def report(on, status, *, by, **fields):
    """Record on the deliverable `on`, as somebody who has seen all there is."""
    defaults = {
        "effective_on": date(2021, 1, 14),
        "at": NOON,
        "seen": on.last_sequence,
        "note": "Seen in the minutes of the Board.",
    }
    link, title = fields.pop("evidence_link", ""), fields.pop("evidence_title", "")
    if link or title:
        fields["evidence"] = [Evidence(title, link)]
    return on.record(status, by=by, **defaults | fields)


def publish(plan, *, by, **fields):
    """Publish the next edition of a plan, as somebody who has just seen its preview."""
    plan.refresh_from_db()
    defaults = {
        "title": "Three-year report 2018–2020",
        "as_of": TODAY,
        "at": NOON,
        "seen": plan.revision,
        "submission": uuid.uuid4(),
    }
    return Edition.objects.publish(plan, by=by, **defaults | fields)


def form(on, **fields):
    """What the status form of a deliverable sends."""
    defaults = {
        "status": "attained",
        "effective_on": "2021-01-14",
        "note": "Adopted by the Board in Montréal.",
        "evidence_link": "",
        "evidence_title": "",
        "reason": "",
        "seen": on.last_sequence,
    }
    return defaults | fields


def new_plan(slug="2021-2023", *, deliverables=1, visibility=Visibility.PUBLIC, title="A plan"):
    """A plan of one line and one measure with so many deliverables, nothing reported."""
    organisation = Organisation.objects.get_or_create(slug="metropolis", defaults={"name": "Metropolis"})[0]
    plan = Plan.objects.create(
        organisation=organisation,
        slug=slug,
        title=title,
        headline="It had {total} outcomes to deliver. In short,",
        starts_on=date(2021, 1, 1),
        ends_on=date(2023, 12, 31),
        visibility=visibility,
    )
    line = ActionLine.objects.create(plan=plan, number=1, title="A line")
    measure = Measure.objects.create(action_line=line, number=1, statement="That it is done.")
    Deliverable.objects.bulk_create(
        Deliverable(measure=measure, number=number, title=f"Deliverable {number}")
        for number in range(1, deliverables + 1)
    )
    return plan


def preview_of(plan, content, kind="statuses"):
    """The preview of a file, of which the plan, the statuses or "all" is imported."""
    reading = guess(read_source(content), plan)
    reading.choices.content = kind
    return preview_import(plan, reading)


def answer_columns(client, uploaded, **choices):
    """Answer the page of the columns of an uploaded file with what it has guessed, and `choices`. Return the answer."""
    columns = uploaded.url.removesuffix("columns/") + "columns/"
    context = client.get(columns).context
    fields = {field.html_name: field.value() for form in (context["shape"], context["form"]) for field in form}
    return client.post(columns, {name: value or "" for name, value in (fields | choices).items()})
