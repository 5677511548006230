"""What a person does with a file: upload it, answer at most one page about its columns, see the preview, apply it."""

from dataclasses import dataclass, field
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile

from deliverables.models import Deliverable
from deliverables.models.deliverable_query import NATURAL_ORDER
from plans.models import Organisation, Plan, Visibility


@dataclass
class Journey:
    """How far a file came: `refusal` is the sentence beside the file, `problems` are those of the preview.

    `asked` are the fields of the page of the columns with what it had guessed, empty where it was not shown.
    """

    refusal: str = ""
    asked: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)
    left_out: list = field(default_factory=list)
    remarks: list = field(default_factory=list)
    counts: dict = field(default_factory=dict)


def empty_plan(slug="2016-2019", *, organisation="metropolis"):
    """A draft without any line, for the files of other people."""
    name = organisation.capitalize()
    return Plan.objects.create(
        organisation=Organisation.objects.get_or_create(slug=organisation, defaults={"name": name})[0],
        slug=slug,
        title="Plan de Acción",
        headline="",
        starts_on=date(2016, 1, 1),
        ends_on=date(2019, 12, 31),
        visibility=Visibility.DRAFT,
    )


def upload(client, plan, content, name="table.xlsx"):
    """The answer to the upload of a file."""
    return client.post(f"/plans/{plan.slug}/import/", {"file": SimpleUploadedFile(name, content)})


def guesses(page):
    """What the page of the columns has guessed, by field."""
    forms = page.context["shape"], page.context["form"]
    return {field.html_name: field.value() for form in forms for field in form}


def columns_page(client, plan, content):
    """The page of the columns of a new upload, and its address."""
    url = upload(client, plan, content).url.removesuffix("columns/") + "columns/"
    return client.get(url), url


def answer(client, url, fields):
    """Send the page of the columns."""
    return client.post(url, {name: "" if value is None else value for name, value in fields.items()})


def import_file(client, plan, file, /, **choices):
    """Import a file. `choices` are what the person changes on the page of the columns, by field."""
    uploaded = upload(client, plan, file)
    if uploaded.status_code != 302:
        return Journey(refusal=" ".join(uploaded.context["form"].errors["file"]))
    journey, url = Journey(), uploaded.url
    if url.endswith("columns/") or choices:
        url = url.removesuffix("columns/") + "columns/"
        journey.asked = guesses(client.get(url))
        answered = answer(client, url, journey.asked | choices)
        assert answered.status_code == 302, [
            form.errors for form in (answered.context["shape"], answered.context["form"])
        ]
        url = answered.url
    assert not url.endswith("columns/")  # one page of choices is enough

    page = client.get(url)
    preview = page.context["preview"]
    journey.problems = [(problem.row, problem.column, problem.text) for problem in preview.problems]
    journey.left_out, journey.remarks, journey.counts = preview.left_out, preview.remarks, preview.counts
    if not preview.problems:
        applied = client.post(f"{url}apply/", {"seen": page.context["plan"].revision})
        assert (applied.status_code, applied.url) == (302, url)
    return journey


def rows_of(plan):
    """The deliverables of a plan as a table: code, line, measure, title, due date."""
    deliverables = Deliverable.objects.of_plan(plan.slug).order_by(*NATURAL_ORDER)
    return [
        (str(each.code), each.measure.action_line.title, each.measure.statement, each.title, str(each.due_on or ""))
        for each in deliverables.select_related("measure__action_line__plan")
    ]
