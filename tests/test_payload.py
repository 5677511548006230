"""What somebody types comes out as text, wherever it comes out: it is never markup, script, formula or template."""

import csv
import io
import re
import uuid
import zipfile
from datetime import date, timedelta

import lxml.html
import pytest
from django.core import mail
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.utils import timezone
from lxml import etree
from pypdf import PdfReader

from deliverables.models import (
    Amendment,
    AmendmentKind,
    Deliverable,
    Evidence,
    EvidenceItem,
    Proposal,
    ProposalItem,
    ReportingRound,
    StatusUpdate,
    Takedown,
)
from deliverables.proposals.rights import Capacity
from deliverables.rounds.board import board_of
from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role
from plans.common.dates import date_format
from plans.models import ActionLine, Measure, Meeting, Organisation, Plan, Region, Theme, Translation
from reports.mail.report_links import token_for
from reports.mail.reporting import ask
from reports.models import Edition, EditionWithdrawal, Follow
from tests.access_table import path_of, routes
from tests.builders import deliverable, publish, report
from tests.conftest import browser_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.once]
SCRIPT = "<script>alert(1)</script>"
PAYLOAD = f"=1+1 {SCRIPT}<img src=x onerror=alert(1)>\"'&{{{{7*7}}}}{{% now 'Y' %}}#link"
PLAN = "/plans/2018-2020/"
TYPED = {
    Organisation: ["name", "full_name", "address"],
    Plan: ["title", "subtitle", "headline", "acknowledgement", "goals_introduction"],
    ActionLine: ["title"], Measure: ["statement", "short_name"], Theme: ["name"], Deliverable: ["title", "target_unit"],
    StatusUpdate: ["note", "next_step", "recorded_by_name", "proposed_by_name"],
    EvidenceItem: ["title"], Takedown: ["taken_down_by_name"],
    EditionWithdrawal: ["withdrawn_by_name"], Meeting: ["name", "place"],
    Amendment: ["before", "after", "decision", "recorded_by_name"],
    Edition: ["title", "titles", "published_by_name"], Translation: ["source", "text"],
    Region: ["name"], ReportingRound: ["name", "opened_by_name", "result"], ProposalItem: ["title"],
    Proposal: ["note", "next_step", "comment", "proposed_by_name", "answered_by_name"],
}  # fmt: skip
CHOSEN_OR_CHECKED = {
    "slug", "visibility", "history_head", "amendments_head", "status", "previous_status", "reason", "evidence_link",
    "digest", "kind", "code", "decision_link", "summary", "key", "language", "evidence_title", "link", "field",
    "note_salt", "note_sha256", "next_step_salt", "next_step_sha256", "title_salt", "title_sha256", "link_salt",
    "link_sha256", "fingerprint", "state", "file", "file_salt", "file_sha256", "file_kind",
}  # fmt: skip


def test_every_field_of_text_is_in_this_table():
    """A new one has to be added here, and so is tested."""
    for model, fields in TYPED.items():
        kinds = (models.CharField, models.TextField, models.JSONField)
        found = {field.name for field in model._meta.local_fields if isinstance(field, kinds)}
        assert found - CHOSEN_OR_CHECKED == set(fields), model


@pytest.fixture(scope="module")
def attacked(shared_by_module):
    """The plan with the payload wherever somebody can type; each text begins with it."""
    plan = Plan.objects.get()
    sofia, adam = person("Sofia Marín", Role.SECRETARIAT), person("Adam Weiss", Role.ADMINISTRATORS)
    sofia.name = adam.name = PAYLOAD
    for somebody in (sofia, adam):
        somebody.save()
    every = dict.fromkeys(("title", "subtitle", "acknowledgement", "goals_introduction"), PAYLOAD)
    Plan.objects.filter(pk=plan.pk).update(headline=PAYLOAD + " {total}", **every)
    Organisation.objects.update(name=PAYLOAD, full_name=PAYLOAD, address=PAYLOAD)
    for model, field in ((ActionLine, "title"), (Measure, "statement"), (Theme, "name"), (Deliverable, "title")):
        for row in model.objects.all():
            setattr(row, field, f"{PAYLOAD} {row.pk}"[:500] if model is not Theme else f"=1+1 {SCRIPT} {row.pk}")
            row.save()
    for measure in Measure.objects.all():
        Measure.objects.filter(pk=measure.pk).update(short_name=f"=1+1 {SCRIPT} {measure.pk}")
    Deliverable.objects.filter(pk=deliverable("L2M5D2").pk).update(target=6, target_unit=f"=1+1 {SCRIPT}")
    report(deliverable("L2M5D1"), "attained", by=sofia, note=PAYLOAD, evidence_title=PAYLOAD,
           evidence_link="https://example.org/?q=<script>alert(1)</script>")  # fmt: skip
    step = report(deliverable("L2M5D2"), "in_progress", by=sofia, proposed_by=sofia, next_step=PAYLOAD, achieved=4)
    Takedown.objects.take_down(step, ["note-0"], reason=PAYLOAD, by=adam)
    Meeting.objects.update(name=PAYLOAD, place=PAYLOAD)
    plan.refresh_from_db()
    Deliverable.objects.filter(pk=deliverable("L1M1D1").pk).update(responsible=sofia, due_on=date(2026, 11, 30))
    Translation.objects.set_translations(plan, "es", {plan.title: PAYLOAD + " es"}, by=sofia)
    plan.refresh_from_db()
    amend(plan, sofia)
    publish(plan, by=sofia, title=PAYLOAD, titles={"es": PAYLOAD})
    return plan


def amend(plan, sofia):
    amendment = Amendment(
        plan=plan, sequence=1, kind=AmendmentKind.REWORDED, code="L1M1D1", before=PAYLOAD, after=PAYLOAD,
        decision=PAYLOAD,
        in_force_on=date(2019, 1, 1), recorded_at="2019-01-01T12:00Z", recorded_by=sofia, recorded_by_name=sofia.name,
    )  # fmt: skip
    amendment.digest = "0" * 64
    amendment.save()
    Plan.objects.filter(pk=plan.pk).update(amendments_length=1, amendments_head="0" * 64)


@pytest.fixture
def reported(attacked):
    """The plan in a round, with a proposal that waits and one that was sent back. Return the person who proposed."""
    sofia, africa = User.objects.get(email__startswith="sofia"), Region.objects.get(slug="africa")
    amina = person("Amina Diallo", Role.REGIONAL_SECRETARIES)
    amina.name, amina.region = PAYLOAD, africa
    amina.save()
    Region.objects.filter(pk=africa.pk).update(name=f"=1+1 {SCRIPT}")
    Plan.objects.filter(pk=attacked.pk).update(ends_on=date(2027, 12, 31))
    rows = [deliverable("L1M1D2"), deliverable("L1M2D1")]
    Deliverable.objects.filter(pk__in=[row.pk for row in rows]).update(status="in_progress")
    values = {"name": f"{SCRIPT}<img src=x onerror=alert(1)>", "closes_on": timezone.localdate() + timedelta(days=7)}
    ReportingRound.objects.begin(Plan.objects.get(), deliverables=rows, by=sofia, **values)
    for row in rows:
        row.regions.set([africa])
        told = {"status": "in_progress", "effective_on": date(2020, 6, 1), "note": PAYLOAD, "next_step": PAYLOAD}
        told |= {"reason": "", "expected_on": None, "achieved": None, "evidence": [Evidence(PAYLOAD)]}
        options = {"by": amina, "capacity": Capacity(africa), "seen": row.last_sequence, "submission": uuid.uuid4()}
        proposal = Proposal.objects.propose(row, told, **options)
    proposal.send_back(by=sofia, comment=PAYLOAD)
    return amina


def markup_of_others(page):
    """The elements and attributes of a page that the payload would have made."""
    tree = lxml.html.fromstring(page)
    scripts = [
        each for each in tree.iter("script") if "src" not in each.attrib and each.get("type") != "application/json"
    ]
    return [*scripts, *tree.xpath("//*[@onerror]"), *tree.xpath("//img[@src='x']")]


def pages():
    for route in routes():
        if "<path:object_id>" not in route and not route.startswith(("accounts/^", "admin/^", "admin/(")):
            yield path_of(route)


def test_every_page(attacked, adam):
    client, seen = browser_of(adam), 0
    for path in [*pages(), "/es" + PLAN, PLAN + f"deliverables/?q={PAYLOAD}", f"/verify/?hash={PAYLOAD}",
                 PLAN + f"?as_of={PAYLOAD}", f"{PLAN}changes/?from={PAYLOAD}"]:  # fmt: skip
        response = client.get(path)
        page = response.content.decode(errors="replace")
        if response["Content-Type"].startswith("text/html") and page:
            assert markup_of_others(page) == [], path
            assert SCRIPT not in page, path
            seen += "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert seen > 40


def test_the_pages_of_reporting(reported, sofia):
    reporting_round, waiting = ReportingRound.objects.get(), Proposal.objects.waiting().get()
    link = f"/report/{token_for(reporting_round, reported)}/"
    sofia_reads = ["todo/", "rounds/", "rounds/1/", "rounds/1/reminder/", f"proposals/{waiting.key}/", "L1M1D2/"]
    amina_reads = ["regions/africa/", "mine/", "L1M2D1/"]
    for client, paths in (
        (browser_of(sofia), [PLAN + path for path in sofia_reads]),
        (browser_of(reported), [PLAN + path for path in amina_reads]),
        (Client(), [link, f"{link}L1M2D1/", PLAN + "regions/africa/"]),
    ):
        for path in paths:
            page = client.get(path).content.decode()
            assert markup_of_others(page) == [], path
            assert SCRIPT not in page, path
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page, path


def test_the_mails_of_reporting(reported):
    call_command("send_messages", verbosity=0)
    board = board_of(ReportingRound.objects.select_related("plan").get())
    assert ask(board, now=timezone.now()) == [reported]
    call_command("send_messages", verbosity=0)
    assert {message.subject.partition(": ")[2] for message in mail.outbox} == {
        "One report to check", "A question about your report", "One report is due by " + due(board),
    }  # fmt: skip
    for message in mail.outbox:
        (html, _kind), *_rest = message.alternatives
        assert markup_of_others(html) == []
        assert SCRIPT not in html
        assert SCRIPT in message.body


def due(board):
    return date_format(board.round.closes_on)


def test_a_visitor_sees_it_as_text(attacked, visitor):
    page = visitor.get(PLAN).content.decode()
    assert markup_of_others(page) == []
    assert lxml.html.fromstring(page).xpath("string(//h1)").strip() == PAYLOAD


@pytest.mark.parametrize("path", ["summary.csv", "editions/1/summary.csv", "import/template-plan.csv"])
def test_csv_holds_no_formula(attacked, adam, path):
    text = browser_of(adam).get(PLAN + path).content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert path.startswith("import") or f"'{PAYLOAD}" in " ".join(cells)


@pytest.mark.parametrize("path", ["summary.xlsx", "editions/1/summary.xlsx"])
def test_xlsx_holds_it_as_text(attacked, visitor, path):
    book = zipfile.ZipFile(io.BytesIO(visitor.get(PLAN + path).content))
    parts = {name: book.read(name).decode(errors="replace") for name in book.namelist()}
    formulas = [each for part in parts.values() for each in re.findall(r"<f>(.*?)</f>", part)]
    assert [each for each in formulas if "alert" in each or each.startswith("1+1")] == []
    assert "=1+1 &lt;script&gt;" in parts["xl/sharedStrings.xml"]


@pytest.mark.parametrize("path", ["summary.pdf", "editions/1/summary.pdf"])
def test_pdf_holds_it_as_text(attacked, visitor, path):
    document = PdfReader(io.BytesIO(visitor.get(PLAN + path).content))
    text = "".join("".join(page.extract_text() for page in document.pages).split())
    assert "".join(SCRIPT.split()) in text
    assert "{{7*7}}" in text
    assert "/JavaScript" not in str(document.trailer["/Root"])


def test_atom_holds_it_as_text(attacked, visitor):
    feed = etree.fromstring(visitor.get(PLAN + "changes.atom").content)
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert SCRIPT in feed.xpath("string(//a:entry[1]/a:title)", namespaces=names)
    shown = lxml.html.fromstring(feed.xpath("string(//a:entry[1]/a:summary)", namespaces=names))
    assert list(shown.iter("script", "img")) == []
    assert SCRIPT in shown.text_content()


@pytest.mark.parametrize("path", ["summary.json", "history.json", "editions/1/summary.json"])
def test_json_is_never_taken_for_a_page(attacked, visitor, path):
    response = visitor.get(PLAN + path)
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("application/json", "nosniff")


def test_mail_holds_it_as_text(attacked, sofia):
    follow = Follow.objects.create(person=sofia, plan=attacked, last_digest_at="2026-01-01T00:00Z")
    Plan.objects.filter(pk=attacked.pk).update(ends_on=date(2027, 12, 31))  # a plan that is over asks for nothing
    Deliverable.objects.filter(pk=deliverable("L1M1D2").pk).update(responsible=sofia)
    call_command("send_reminders")
    assert follow.pk
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        (html, _kind), *_rest = message.alternatives
        assert markup_of_others(html) == []
        assert "\n" not in message.subject
        assert SCRIPT in message.body


def test_a_file_of_ones_own_is_named_by_us(secretariat, attacked):
    name = 'x"\r\nSet-Cookie: a=b; .csv'
    file = io.BytesIO(b"code,status,effective_on\n")
    file.name = name
    response = secretariat.post(PLAN + "import/", {"kind": "statuses", "file": file}, follow=True)
    assert "a" not in response.cookies
    assert markup_of_others(response.content.decode()) == []
