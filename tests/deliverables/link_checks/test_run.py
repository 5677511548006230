"""A run asks the links that are due, one after the other, and stores what each has come to."""

from concurrent.futures import ThreadPoolExecutor, TimeoutError

import pytest
from django.db import connection, transaction

from deliverables.link_checks.run import PAUSE, Pauses, ask_links, store
from deliverables.models import Evidence, LinkCheck, LinkState, Takedown
from tests.builders import NOON, report
from tests.deliverables.link_checks.internet import OK, status

WORKS, NOT_FOUND, UNKNOWN = LinkState.WORKS, LinkState.NOT_FOUND, LinkState.UNKNOWN
LINK = "http://docs.example/report"
pytestmark = pytest.mark.django_db


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now, self.slept = 1000, []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def pauses(self):
        return Pauses(self.sleep, lambda: self.now)


def results(internet, *links):
    return {link: answer.state for link, answer in ask_links(links, internet.network, Clock().pauses())}


def test_a_host_has_a_pause_before_it_is_asked_again():
    clock = Clock()
    links = ["http://a.example/1", "http://b.example/", "http://A.example/2", "http://[", "http://a.example/3"]
    assert list(clock.pauses().links(links)) == links
    assert clock.slept == [PAUSE, PAUSE]


def test_a_pause_counts_from_the_end_of_the_last_request():
    clock = Clock()
    links = clock.pauses().links(["http://a.example/1", "http://a.example/2"])
    next(links)
    clock.now += 8  # the request
    next(links)
    assert clock.slept == [PAUSE]


def test_a_host_that_was_asked_long_ago_is_asked_at_once():
    clock = Clock()
    links = clock.pauses().links(["http://a.example/1", "http://b.example/", "http://a.example/2"])
    next(links)
    next(links)
    clock.now += 8
    next(links)
    assert clock.slept == [0]


def test_one_request_is_made_at_a_time(internet):
    internet.serve("docs.example", OK)
    answers = ask_links([LINK, "http://docs.example/2"], internet.network, Clock().pauses())
    next(answers)
    assert len(internet.requests) == 1


def test_an_error_at_one_link_does_not_stop_the_run(internet):
    internet.serve("docs.example", OK)
    internet.names["broken.example"] = None  # the look-up fails as nothing should: with a TypeError
    found = results(internet, "http://broken.example/", LINK)
    assert found == {"http://broken.example/": UNKNOWN, LINK: WORKS}


def test_a_name_that_does_not_exist_is_not_found_where_another_server_answers(internet):
    internet.serve("docs.example", status(500))
    assert results(internet, "http://gone.example/", LINK) == {LINK: UNKNOWN, "http://gone.example/": NOT_FOUND}


def test_without_a_network_no_link_is_called_not_found(internet):
    assert results(internet, "http://gone.example/", LINK) == {"http://gone.example/": UNKNOWN, LINK: UNKNOWN}


@pytest.fixture
def update(voice, sofia):
    return report(voice, "in_progress", by=sofia, evidence=[Evidence("Report", LINK)])


def test_a_result_is_stored_without_a_new_revision(update, plan):
    plan.refresh_from_db()
    before = plan.revision
    assert store(LINK, WORKS, at=NOON)
    plan.refresh_from_db()
    assert (plan.revision, LinkCheck.objects.get().link) == (before, LINK)


def test_a_result_replaces_the_last_one(update):
    store(LINK, WORKS, at=NOON)
    store(LINK, NOT_FOUND, at=NOON)
    assert LinkCheck.objects.get().state == NOT_FOUND


def test_a_link_that_was_taken_down_while_it_was_asked_is_not_stored(update, adam):
    Takedown.objects.take_down(update, ["link-1"], reason="It named a person who asked for it.", by=adam)
    assert not store(LINK, WORKS, at=NOON)
    assert not LinkCheck.objects.exists()


def store_and_close():
    try:
        return store(LINK, WORKS, at=NOON)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_takedown_that_is_under_way_is_waited_for(update, adam):
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            Takedown.objects.take_down(update, ["link-1"], reason="It named a person who asked for it.", by=adam)
            storing = other.submit(store_and_close)
            with pytest.raises(TimeoutError):
                storing.result(timeout=0.5)
        assert storing.result() is False
    assert not LinkCheck.objects.exists()
