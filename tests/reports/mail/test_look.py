"""How e-mails look: one button, readable colours, names in any script, the reader's language, and a text beside it."""

import re
from datetime import date, timedelta

import lxml.html
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deliverables.models import Decision, Deliverable
from deliverables.plan_editing import structure
from deliverables.status import Status
from reports.files.palette import colours
from reports.mail.models import Message
from reports.mail.reminders import make_digests, make_reminders
from reports.mail.styles import STYLES, coloured
from tests.builders import deliverable, new_plan, publish, report
from tests.conftest import sent_mail
from tests.reports.mail.test_mail import MORNING, follower, morning, responsible, send

__all__ = ["follower", "morning"]  # fixtures
pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"


def page_of(message):
    return lxml.html.fromstring(message.alternatives[0][0])


def text_of(element):
    return " ".join(element.text_content().split())


def buttons(page):
    return [(text_of(link), link.get("href")) for link in page.find_class("button")]


def test_a_reminder_says_how_many_thanks_and_has_one_button(rashid, sofia):
    responsible(rashid, "L2M5D1", "L1M3D2")
    for code in ("L1M1D2", "L1M8D1"):
        report(deliverable(code), "in_progress", by=sofia, proposed_by=rashid)
    page = page_of(send()[0])
    assert text_of(page.find(".//h1")) == "Please update 2 deliverables"
    assert "Dear Rashid Amrani, Thank you for your 2 reports so far. Please update these 2" in text_of(page)
    assert buttons(page) == [("Open your to-do list", f"{SITE}/plans/2018-2020/mine/")]


def test_who_has_not_reported_yet_is_thanked_too(rashid):
    responsible(rashid, "L2M5D1")
    assert "Thank you for your part in the plan. Please update this deliverable" in text_of(page_of(send()[0]))


def test_the_to_do_lists_of_several_plans_are_one_button_and_links(rashid):
    other = new_plan()
    type(other).objects.filter(pk=other.pk).update(ends_on=date(2027, 12, 31))
    Deliverable.objects.of_plan("2021-2023").update(responsible=rashid, due_on=date(2026, 11, 1))
    responsible(rashid, "L2M5D1")
    message = send()[0]
    page = page_of(message)
    assert buttons(page) == [("Open your to-do list", f"{SITE}/plans/2021-2023/mine/")]
    links = {text_of(link): link.get("href") for link in page.find_class("link")}
    assert links == {"Your to-do list of Action Plan 2018–2027": f"{SITE}/plans/2018-2020/mine/"}
    assert all(f"{SITE}/plans/{slug}/mine/" in message.body for slug in ("2018-2020", "2021-2023"))
    assert "Due 1 November 2026 · Action Plan 2021–2027" in text_of(page)


def test_a_row_has_title_status_due_date_and_last_the_code(rashid):
    responsible(rashid, "L2M5D1")
    message = send()[0]
    (row,) = page_of(message).find_class("rows")[0].iter("tr")
    assert text_of(row[0].find("a")) == "Annual gender-sensitive and effective plan on learning and capacity building"
    assert [text_of(line) for line in row[0].iter("div")] == [
        "Due 20 December 2026 · last reported for 31 December 2020",
        "Learning and training plan · L2M5D1",
    ]
    assert (text_of(row[1]), row[1][0].get("class")) == ("In progress", "in_progress")


def test_a_digest_counts_the_changes_leads_to_them_and_says_where_the_plan_stands(follower, sofia, time_machine):
    report(deliverable("L2M5D1"), "attained", by=sofia, at=MORNING + timedelta(days=1))
    (message,) = send(8, time_machine)
    page = page_of(message)
    assert text_of(page.find(".//h1")) == "Action Plan 2018–2027: one change"
    assert buttons(page) == [("See all changes", f"{SITE}/plans/2018-2020/changes/")]
    now = "Now, of 65 deliverables: 50 attained, 9 in progress, 6 not developed."
    assert [now in text for text in (text_of(page), message.body)] == [True, True]


def test_a_new_due_date_is_shown_as_dates_under_the_title(follower, sofia, time_machine):
    """Its amendment holds the dates alone, in ISO 8601."""
    row = deliverable("L2M5D1")
    row.due_on = date(2027, 3, 1)
    structure.save_part(row, by=sofia, fields=["due_on"], decision=Decision("The Board", date(2021, 6, 1)))
    text = text_of(page_of(send(8, time_machine)[0]).find_class("rows")[0])
    assert text.startswith("Annual gender-sensitive")
    assert "New due date · no due date → 1 March 2027 · Decision: The Board" in text


def test_a_digest_asks_as_few_questions_for_many_changes_as_for_one(translated_plan, follower, sofia, time_machine):
    type(follower).objects.filter(pk=follower.pk).update(language="fr")
    asked = []
    for week, codes in enumerate((["L1M1D1"], ["L1M1D2", "L1M3D2", "L1M8D1"])):
        for code in codes:
            report(deliverable(code), "in_progress", by=sofia, at=MORNING + timedelta(days=8 * week + 1))
        with CaptureQueriesContext(connection) as queries:
            make_digests(MORNING + timedelta(days=8 * week + 8))
        asked.append(len(queries))
        Message.objects.update(sent_at=MORNING)
    assert (asked[0], Message.objects.count()) == (asked[1], 2)


def test_an_edition_and_an_amendment_are_rows_without_a_status(follower, plan, sofia, time_machine):
    publish(plan, by=sofia, at=MORNING + timedelta(days=1))
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=Decision("The Board", date(2021, 6, 1)))
    rows = page_of(send(8, time_machine)[0]).find_class("rows")[0]
    assert [len(row) for row in rows.iter("tr")] == [1, 1]
    assert text_of(rows).startswith("Three-year report 2018–2020, edition 1 Published report, as of 24 November 2026")


def test_what_people_typed_is_text_in_both_forms(rashid, follower, sofia, time_machine):
    type(rashid).objects.filter(pk=rashid.pk).update(name="<b>Rashid</b> & Co")
    decision = Decision('The "Board" <i>', date(2021, 6, 1))
    structure.withdraw(deliverable("L1M1D2"), by=sofia, decision=decision)
    message = send(8, time_machine)[0]
    page = page_of(message)
    assert (page.findall(".//b"), page.findall(".//i")) == ([], [])
    for text in (text_of(page), message.body):
        assert ["Dear <b>Rashid</b> & Co," in text, 'Decision: The "Board" <i>' in text] == [True, True]


def test_a_name_in_arabic_does_not_turn_the_words_around_it(rashid):
    type(rashid).objects.filter(pk=rashid.pk).update(name="رشيد (Rabat)")
    responsible(rashid, "L2M5D1")
    page = page_of(send()[0])
    assert "رشيد (Rabat)" in [bdi.text for bdi in page.iter("bdi")]


@pytest.mark.parametrize(("language", "path"), [("en", ""), ("es", "/es"), ("fr", "/fr")])
def test_it_is_in_the_readers_language_and_leads_to_pages_in_it(translated_plan, rashid, language, path):
    type(rashid).objects.filter(pk=rashid.pk).update(language=language)
    responsible(rashid, "L2M5D1")
    page = page_of(send()[0])
    assert (page.get("lang"), buttons(page)[0][1]) == (language, f"{SITE}{path}/plans/2018-2020/mine/")


def test_a_password_is_reset_by_a_mail_of_the_same_look(visitor, sofia, settings):
    settings.CONTACT_EMAIL = "secretariat@metropolis.example"
    visitor.post("/accounts/password/reset/", {"email": sofia.email})
    (message,) = sent_mail()
    ((label, link),) = buttons(page_of(message))
    assert (label, link in message.body) == ("Choose a new password", True)
    assert "works once and expires in three days. Choose a new password" in text_of(page_of(message))
    assert message.reply_to == ["secretariat@metropolis.example"]


def test_mails_load_nothing_and_run_nothing(rashid):
    """So they are complete with images off, and opening one tells nobody."""
    responsible(rashid, "L2M5D1")
    html = send()[0].alternatives[0][0]
    assert re.findall(r"<(?:img|script|link|iframe|form)|url\(|@import|\ssrc=", html) == []


def test_the_text_has_no_traces_of_its_template(rashid, follower, sofia, time_machine):
    responsible(rashid, "L2M5D1")
    report(deliverable("L1M3D2"), "attained", by=sofia, at=MORNING + timedelta(days=1))
    bodies = [message.body for message in send(8, time_machine)]
    assert len(bodies) == 2
    assert [re.findall(r"\n\n\n|[ \t]\n|<|&#|\['|None", body) for body in bodies] == [[], []]


# Colours


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    brighter, darker = sorted([luminance(one), luminance(other)], reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def colour_of(declarations, prop):
    found = re.search(rf"(?:^|[; ]){prop}: (#[0-9a-f]{{6}})", declarations)
    return found and found[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [name for name, style in STYLES.items() if re.search(r"(?<![-\w])color:", style)])
def test_every_text_can_be_read_on_its_ground(name, scheme):
    declarations = coloured(name, colours(scheme))
    ground = colour_of(declarations, "background") or colours(scheme)["surface"]
    assert contrast(colour_of(declarations, "color"), ground) >= 4.5


def test_every_status_has_colours():
    assert {status.value for status in Status} <= STYLES.keys()


def test_the_dark_colours_are_those_of_the_site(rashid):
    responsible(rashid, "L2M5D1")
    make_reminders(MORNING)
    sheet = Message.objects.get().html.partition("prefers-color-scheme: dark")[2].partition("</style>")[0]
    assert f"color: {colours('dark')['in-progress']} !important" in sheet
