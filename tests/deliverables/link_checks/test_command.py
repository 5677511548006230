"""`manage.py check_links`: off until it is switched on; each link of evidence in effect once a month."""

import itertools
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from deliverables.link_checks import run
from deliverables.link_checks.run import Pauses
from deliverables.models import Evidence, LinkCheck, LinkState, Takedown
from plans.models import Plan
from tests.builders import deliverable, report
from tests.deliverables.link_checks.form_1 import add_entry_of_form_1
from tests.deliverables.link_checks.internet import OK, status

pytestmark = pytest.mark.django_db
LINK, GONE = "http://docs.example/report", "http://docs.example/gone"
START = datetime(2026, 11, 26, 5, tzinfo=UTC)
REASON = "It named a person who asked for it."


@pytest.fixture(autouse=True)
def switched_on(settings):
    settings.CHECK_LINKS = True


@pytest.fixture
def docs(internet):
    """The server of both links, with one page."""
    internet.serve("docs.example", lambda request: status(404) if " /gone " in request else OK)
    return internet


@pytest.fixture
def update(voice, sofia):
    return report(voice, "in_progress", by=sofia, evidence=[Evidence("Report", LINK), Evidence("Old", GONE)])


@pytest.fixture
def many(voice, sofia):
    links = [f"{LINK}/{number}" for number in range(5)]
    return report(voice, "in_progress", by=sofia, evidence=[Evidence("", link) for link in links])


def check_links(internet, *, at=START, **options):
    output = StringIO()
    with time_machine.travel(at, tick=False):
        options |= {"network": internet.network, "pauses": Pauses(sleep=lambda _seconds: None)}
        call_command("check_links", stdout=output, stderr=output, skip_checks=False, **options)  # as manage.py does
    return output.getvalue()


def states():
    return dict(LinkCheck.objects.values_list("link", "state"))


def test_nothing_is_asked_until_it_is_switched_on(docs, update, settings):
    settings.CHECK_LINKS = False
    text = check_links(docs)
    assert text == "Links are not checked. To switch it on, set CHECK_LINKS to true: docs/settings.md.\n"
    assert (docs.looked_up, states()) == ([], {})


def test_each_link_of_the_evidence_is_asked(docs, update):
    text = check_links(docs)
    assert text == "Asked 2 links. Working: 1, not found: 1, could not be checked: 0.\n"
    assert states() == {LINK: LinkState.WORKS, GONE: LinkState.NOT_FOUND}


def test_links_of_form_1_are_asked_too(docs, plan):
    add_entry_of_form_1(LINK)
    check_links(docs)
    assert states() == {LINK: LinkState.WORKS}


def test_a_link_that_many_entries_have_is_asked_once(docs, update, sofia):
    report(deliverable("L2M5D1"), "in_progress", by=sofia, evidence=[Evidence("The same", LINK)])
    check_links(docs)
    assert [" /report " in request for request in docs.requests].count(True) == 1


@pytest.mark.parametrize(("days", "is_asked"), [(29, False), (30, True)])
def test_a_link_is_asked_once_a_month(docs, update, days, is_asked):
    check_links(docs)
    before = len(docs.requests)
    check_links(docs, at=START + timedelta(days=days))
    assert (len(docs.requests) > before) == is_asked


def test_a_run_asks_so_many_links_and_the_next_one_the_others(docs, update, monkeypatch):
    monkeypatch.setattr("deliverables.management.commands.check_links.MOST", 1)
    assert "1 wait for the next run." in check_links(docs)
    check_links(docs, at=START + timedelta(days=1))
    assert set(states()) == {LINK, GONE}


def test_the_link_that_was_checked_longest_ago_comes_first(update):
    for number, link in enumerate([LINK, GONE]):
        LinkCheck.objects.store(link, LinkState.WORKS, at=START + timedelta(days=number))
    links = {LINK, GONE, "http://never.example/"}
    assert run.due_links(links, START + timedelta(days=60)) == ["http://never.example/", LINK, GONE]


def test_no_plan_has_a_new_revision(docs, update):
    before = list(Plan.objects.order_by("pk").values_list("revision", flat=True))
    check_links(docs)
    assert list(Plan.objects.order_by("pk").values_list("revision", flat=True)) == before


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_server_is_asked(docs, update):
    connect, are_open = docs.connect, []
    docs.connect = lambda *args: are_open.append(connection.in_atomic_block) or connect(*args)
    check_links(docs)
    assert are_open == [False] * 3  # HEAD of both, and GET of what is gone


def test_a_link_that_was_corrected_is_forgotten(docs, update, sofia, voice):
    check_links(docs)
    voice = deliverable("L1M1D2")
    report(voice, "in_progress", by=sofia, corrects=update, evidence=[Evidence("Report", LINK)])
    check_links(docs, at=START + timedelta(days=1))
    assert set(states()) == {LINK}


def test_a_link_that_is_taken_down_is_forgotten_at_once(docs, update, adam):
    check_links(docs)
    Takedown.objects.take_down(update, ["link-1"], reason=REASON, by=adam)
    assert set(states()) == {GONE}


def test_taking_down_another_text_forgets_no_link(docs, update, adam):
    check_links(docs)
    Takedown.objects.take_down(update, ["note-0", "title-1"], reason=REASON, by=adam)
    assert set(states()) == {LINK, GONE}


def test_a_link_that_other_evidence_still_has_is_not_forgotten(docs, update, adam, sofia):
    report(deliverable("L2M5D1"), "in_progress", by=sofia, evidence=[Evidence("The same", LINK)])
    check_links(docs)
    Takedown.objects.take_down(update, ["link-1"], reason=REASON, by=adam)
    assert set(states()) == {LINK, GONE}


def test_a_link_that_only_a_corrected_entry_still_has_is_forgotten(docs, update, adam, sofia):
    other = report(deliverable("L2M5D1"), "in_progress", by=sofia, evidence=[Evidence("The same", LINK)])
    check_links(docs)
    report(deliverable("L2M5D1"), "in_progress", by=sofia, corrects=other)
    Takedown.objects.take_down(update, ["link-1"], reason=REASON, by=adam)
    assert set(states()) == {GONE}


@pytest.mark.django_db(transaction=True)  # the command may close the connection
def test_a_result_that_the_database_does_not_take_is_asked_again_in_the_next_run(docs, update):
    with connection.execute_wrapper(failing_at(LINK)):
        text = check_links(docs)
    assert "A result was not stored: database is locked" in text
    assert set(states()) == {GONE}
    check_links(docs, at=START + timedelta(days=1))
    assert set(states()) == {LINK, GONE}


@pytest.mark.django_db(transaction=True)  # the command may close the connection
def test_a_run_goes_on_where_the_database_takes_some_results(docs, many):
    failing = itertools.cycle([True, True, False])
    with connection.execute_wrapper(failing_at(LINK, lambda: next(failing))):
        text = check_links(docs)
    assert (text.count("was not stored"), len(docs.requests), len(states())) == (4, 5, 1)


@pytest.mark.django_db(transaction=True)  # the command may close the connection
def test_a_run_ends_where_the_database_takes_no_results(docs, many):
    with connection.execute_wrapper(failing_at(LINK)), pytest.raises(CommandError, match="takes no results"):
        check_links(docs)
    assert len(docs.requests) == 3


def failing_at(link, fails=lambda: True):
    """Fail at rows that would be written of a link, or of one that begins like it: where `fails()` says so."""

    def execute(execute, sql, params, *args):
        is_row = sql.startswith('INSERT INTO "deliverables_linkcheck"')
        if is_row and any(str(value).startswith(link) for value in params) and fails():
            raise OperationalError("database is locked")
        return execute(sql, params, *args)

    return execute


def test_each_link_is_printed_where_that_is_asked_for(docs, update):
    assert f"not_found (404): {GONE}\n" in check_links(docs, verbosity=2)
    assert "docs.example" not in check_links(docs, at=START + timedelta(days=40))
