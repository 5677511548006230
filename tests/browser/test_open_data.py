"""What a script of another site can read in a real browser: the data of public plans, and no other."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from metropolis_tracker.middleware import open_data
from plans.models import Plan, Visibility
from tests.browser.conftest import Site

READ = """async ([url, options]) => {
  try {
    const answer = await fetch(url, options);
    return [answer.status, answer.headers.get("ETag"), (await answer.text()).length > 0];
  } catch (error) {
    return error.name;
  }
}"""
REFUSED = "TypeError"


class EmptyPage(BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802 (the name that the class wants)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><title>Another site</title>")

    def log_message(self, *_args):
        """Write nothing to the terminal."""


@pytest.fixture
def other_site():
    """The address of another site: a port of its own is another origin. Its host is that of the tracker, so that
    cookies of the tracker go along with requests that ask for it.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def read(page, live_server, other_site, plan):
    """Read a file of the plan in a page of the other site: its status, `ETag` and whether it has a text; or REFUSED."""

    def read_file(name, **options):
        page.goto(other_site)
        return page.evaluate(READ, [f"{live_server.url}/plans/2018-2020/{name}", options])

    return read_file


@pytest.mark.parametrize("name", ["summary.json", "summary.stratml.xml", "history.json", "calendar.ics"])
def test_another_site_reads_the_data_of_a_public_plan(read, name):
    status, etag, has_text = read(name)
    assert (status, has_text) == (200, True)
    assert read(name, headers={"If-None-Match": etag}, cache="no-store")[:2] == [304, etag]


def test_another_site_reads_no_page(read):
    assert read("") == REFUSED


def read_as_a_member(read, page, live_server, sofia):
    Site(page, live_server.url).be(sofia)
    return read("summary.json", credentials="include")


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.MEMBERS])
def test_another_site_reads_nothing_as_the_member_who_opens_it(read, page, live_server, sofia, visibility):
    Plan.objects.update(visibility=visibility)
    assert read_as_a_member(read, page, live_server, sofia) == REFUSED


def test_another_site_learns_nothing_of_a_plan_that_is_not_public(read):
    Plan.objects.update(visibility=Visibility.MEMBERS)
    assert read("summary.json") == read("summary.json", headers={"If-None-Match": '"x"'}) == REFUSED


def test_a_tracker_that_trusts_other_sites_is_noticed(read, page, live_server, sofia, other_site, monkeypatch):
    """The broken twin: it lets the other site ask with the cookies of whoever opens it."""
    trusting = {"Access-Control-Allow-Origin": other_site, "Access-Control-Allow-Credentials": "true"}
    monkeypatch.setattr(open_data, "ANSWER", trusting)
    monkeypatch.setattr(open_data, "is_for_everybody", lambda request, response: True)
    Plan.objects.update(visibility=Visibility.MEMBERS)
    status, _etag, has_text = read_as_a_member(read, page, live_server, sofia)
    assert (status, has_text) == (200, True)
