"""A link is asked as a browser would, and reaches nothing but public web servers, within ten seconds for all of it."""

import itertools
import re
import socket
import ssl
import time

import pytest

from deliverables.link_checks.fetching import MAX_HEADER_BYTES, MAX_REDIRECTS, Network, ask_link, connect
from deliverables.models import LinkState
from tests.deliverables.link_checks.internet import ADDRESS, OK, certificate, dripping, redirect, status

WORKS, NOT_FOUND, UNKNOWN = LinkState.WORKS, LinkState.NOT_FOUND, LinkState.UNKNOWN
LINK = "http://docs.example/report"
NOT_PUBLIC = "never asked: an address that is not public"


def ask(internet, link=LINK, **options):
    return ask_link(link, internet.network, **options)


def first_line(request):
    return request.partition("\r\n")[0]


def test_a_page_that_answers_works(internet):
    internet.serve("docs.example", OK)
    answer = ask(internet, LINK + "?a=1&b=%20#part")
    assert (answer.state, answer.detail, answer.has_answered) == (WORKS, "200", True)
    assert first_line(internet.requests[0]) == "HEAD /report?a=1&b=%20 HTTP/1.1"
    assert "\r\nHost: docs.example\r\n" in internet.requests[0]


def test_the_request_names_the_tracker(internet, settings):
    settings.SITE_URL = "https://tracker.example"
    internet.serve("docs.example", OK)
    ask(internet)
    assert "User-Agent: MetropolisTracker link check (+https://tracker.example)\r\n" in internet.requests[0]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (204, WORKS), (404, NOT_FOUND), (410, NOT_FOUND), (400, UNKNOWN), (401, UNKNOWN), (403, UNKNOWN),
        (429, UNKNOWN), (451, UNKNOWN), (500, UNKNOWN), (503, UNKNOWN), (304, UNKNOWN), (999, UNKNOWN),
    ],
)  # fmt: skip
def test_what_a_status_says(internet, code, state):
    internet.serve("docs.example", status(code))
    assert ask(internet).state == state


@pytest.mark.parametrize("code", [400, 403, 404, 405, 500, 501])
def test_where_head_is_refused_get_decides(internet, code):
    internet.serve("docs.example", lambda request: status(code) if request.startswith("HEAD") else OK)
    assert (ask(internet).state, internet.methods) == (WORKS, ["HEAD", "GET"])


def test_a_server_that_hangs_up_on_head_is_asked_by_get(internet):
    internet.serve("docs.example", lambda request: b"" if request.startswith("HEAD") else OK)
    assert (ask(internet).state, internet.methods) == (WORKS, ["HEAD", "GET"])


def test_a_server_that_has_had_too_many_requests_is_not_asked_again(internet):
    internet.serve("docs.example", status(429))
    ask(internet)
    assert internet.methods == ["HEAD"]


def test_the_body_of_a_page_is_not_read(internet):
    page = itertools.chain([b"HTTP/1.1 200 OK\r\n\r\n"], itertools.repeat(b"x" * 65_536))
    internet.serve("docs.example", lambda request: status(405) if request.startswith("HEAD") else page)
    assert ask(internet, seconds=5).state == WORKS
    time.sleep(0.2)
    assert internet.sent < 20_000_000  # what the buffers of both sides hold


def test_a_host_and_a_path_in_other_scripts_are_encoded(internet):
    internet.serve("xn--espaa-rta.example", OK)
    assert ask(internet, "http://España.example/año 1").state == WORKS
    assert first_line(internet.requests[0]) == "HEAD /a%C3%B1o%201 HTTP/1.1"


def test_a_second_address_is_tried(internet):
    internet.serve("docs.example", OK, address="93.184.216.35")
    internet.names["docs.example"] = [["93.184.216.34", "93.184.216.35"]]
    assert ask(internet).state == WORKS


def test_a_name_that_does_not_exist_is_not_found(internet):
    answer = ask(internet, "http://gone.example/")
    assert (answer.state, answer.has_answered) == (NOT_FOUND, False)


def test_a_server_that_is_down_says_nothing(internet):
    internet.names["docs.example"] = [[ADDRESS]]
    assert ask(internet).state == UNKNOWN


def test_the_proxies_of_the_environment_are_not_used(internet, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    internet.serve("docs.example", OK)
    assert (ask(internet).state, internet.connected) == (WORKS, [(ADDRESS, 80)])


def test_a_connection_is_made_to_a_numeric_address():
    server = socket.create_server(("127.0.0.1", 0))
    with server, connect(socket.AF_INET, server.getsockname(), 2) as sock:
        assert (sock.getpeername(), sock.gettimeout()) == (server.getsockname(), 2)


def test_on_the_real_network_loopback_is_refused_before_anything_is_sent():
    assert [ask_link(link, Network()).detail for link in ("http://127.0.0.1/", "https://[::1]/")] == [NOT_PUBLIC] * 2


# Redirects


def test_a_redirect_is_followed_to_another_host_and_within_one(internet):
    internet.serve("old.example", redirect("http://docs.example/a/b"), address="93.184.216.35")
    internet.serve("docs.example", lambda request: OK if " /c " in request else redirect("../c"))
    assert ask(internet, "http://old.example/").state == WORKS
    assert internet.connected == [("93.184.216.35", 80), (ADDRESS, 80), (ADDRESS, 80)]


def test_a_page_that_a_redirect_does_not_find_is_not_found(internet):
    internet.serve("docs.example", lambda request: status(404) if " /gone " in request else redirect("/gone"))
    assert ask(internet).state == NOT_FOUND


@pytest.mark.parametrize(("number", "state"), [(MAX_REDIRECTS, WORKS), (MAX_REDIRECTS + 1, UNKNOWN)])
def test_so_many_redirects_and_no_more(internet, number, state):
    def answer(request):
        step = int(re.search(r" /(\d+) ", request)[1])
        return redirect(f"/{step + 1}") if step < number else OK

    internet.serve("docs.example", answer)
    assert ask(internet, "http://docs.example/0").state == state
    assert len(internet.requests) == MAX_REDIRECTS + 1


def test_a_redirect_without_a_location_says_nothing(internet):
    internet.serve("docs.example", status(302))
    assert (ask(internet).state, internet.methods) == (UNKNOWN, ["HEAD"])


INSIDE = [
    "http://127.0.0.1/", "http://localhost./", "https://[::1]/", "http://169.254.169.254/latest/meta-data/",
    "//10.0.0.1/", "http://inside.example/", "http://[::ffff:127.0.0.1]/",
]  # fmt: skip


@pytest.mark.parametrize("location", INSIDE)
def test_a_redirect_to_an_address_that_is_not_public_is_not_followed(internet, location):
    internet.serve("docs.example", redirect(location))
    internet.names |= {"localhost": [["127.0.0.1"]], "inside.example": [["192.168.1.1"]]}
    answer = ask(internet)
    assert (answer.state, answer.detail, internet.connected) == (UNKNOWN, NOT_PUBLIC, [(ADDRESS, 80)])


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://docs.example/", "http://docs.example:6379/"])
def test_a_redirect_leads_to_nothing_but_the_web(internet, location):
    internet.serve("docs.example", redirect(location))
    answer = ask(internet)
    assert (answer.state, answer.detail[:12], len(internet.requests)) == (UNKNOWN, "never asked:", 1)


@pytest.mark.parametrize("location", ["/a\r\n b", "/a\r\n\tX-Injected: 1", "/a\x0bb", "/a\x00b", "/a\x7f"])
def test_a_location_with_a_line_end_is_not_followed(internet, location):
    internet.serve("docs.example", redirect(location))
    answer = ask(internet)
    assert (answer.detail, set(internet.methods)) == ("never asked: a control character", {"HEAD"})


def test_a_location_in_raw_utf_8_is_followed(internet):
    moved = "HTTP/1.1 301 Moved\r\nLocation: /año\r\n\r\n".encode()
    internet.serve("docs.example", lambda request: OK if "/a%C3%B1o" in request else moved)
    assert ask(internet).state == WORKS


# Addresses


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://0x7f000001/", "http://017700000001/",
        "http://0177.0.0.1/", "http://127.1/", "http://0/", "http://0.0.0.0/", "http://127.0.0.1./", "http://１２７.0.0.1/",
        "http://[::1]/", "http://[::]/", "http://[::ffff:7f00:1]/", "http://[0:0:0:0:0:ffff:127.0.0.1]/",
        "http://[fe80::1]/", "http://[2002:7f00:1::]/", "http://[64:ff9b::7f00:1]/", "http://2852039166/",
        "http://169.254.169.254/", "http://10.0.0.1/", "http://100.64.0.1/", "http://224.0.0.1/",
    ],
)  # fmt: skip
def test_however_it_is_written_an_address_that_is_not_public_is_never_asked(internet, link):
    answer = ask(internet, link)
    assert (answer.state, answer.detail, internet.connected) == (UNKNOWN, NOT_PUBLIC, [])


@pytest.mark.parametrize(
    "link",
    [
        "http://user:secret@docs.example/", "http://user@docs.example/", "http://docs.example@127.0.0.1/",
        "http://docs.example:8080/", "http://docs.example:22/", "http://docs.example:0/", "ftp://docs.example/",
        "file:///etc/passwd", "//docs.example/", "http:///", "http://[fe80::1%25lo]/", "http://docs%2eexample/",
        "http://docs.example/\r\nX-Injected: 1", "http://docs.example\n/", "http://docs.example:99999/",
        "http://[docs.example/", "http://a..example/", "report.pdf", "",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_of_the_web_is_never_asked(internet, link):
    internet.serve("docs.example", OK)
    assert (ask(internet, link).state, internet.connected, internet.looked_up) == (UNKNOWN, [], [])


@pytest.mark.parametrize(("link", "port"), [("http://docs.example:443/", 443), ("http://docs.example:80/", 80)])
def test_both_ports_of_the_web_can_be_named(internet, link, port):
    internet.serve("docs.example", OK)
    assert (ask(internet, link).state, internet.connected) == (WORKS, [(ADDRESS, port)])


def test_the_connection_goes_to_the_address_that_was_judged(internet):
    """The second look-up, which a connection by name would make, leads inside."""
    internet.serve("docs.example", OK)
    internet.names["docs.example"] = [[ADDRESS], ["127.0.0.1"]]
    assert (ask(internet).state, internet.connected) == (WORKS, [(ADDRESS, 80)])
    assert internet.looked_up == ["docs.example"]


@pytest.mark.parametrize("answer", [status(405), redirect("/elsewhere")], ids=["GET after HEAD", "a redirect"])
def test_a_name_that_leads_inside_at_the_second_look_up_is_refused_then(internet, answer):
    internet.serve("docs.example", answer)
    internet.names["docs.example"] = [[ADDRESS], ["127.0.0.1"]]
    assert (ask(internet).detail, internet.connected) == (NOT_PUBLIC, [(ADDRESS, 80)])


# Time and size


def seconds_for(internet, *, seconds=0.6):
    start = time.monotonic()
    assert ask(internet, seconds=seconds).detail == "TimeoutError"
    return time.monotonic() - start


def test_a_server_that_never_answers_costs_the_deadline(internet):
    internet.serve("docs.example", lambda request: time.sleep(3) or OK)
    assert seconds_for(internet) < 2


def test_a_server_that_drips_its_answer_costs_the_deadline(internet):
    internet.serve("docs.example", lambda request: dripping(OK * 10))
    assert seconds_for(internet) < 2


def test_a_server_that_drips_header_after_header_costs_the_deadline(internet):
    lines = (time.sleep(0.05) or b"X: 1\r\n" for _line in range(60))
    internet.serve("docs.example", lambda request: itertools.chain([b"HTTP/1.1 200 OK\r\n"], lines))
    assert seconds_for(internet) < 2


def test_redirects_that_take_their_time_share_the_deadline(internet):
    internet.serve("docs.example", lambda request: time.sleep(0.25) or redirect("/again"))
    assert seconds_for(internet) < 2


def test_a_handshake_that_drips_costs_the_deadline(internet):
    """A record of TLS that is announced as 16,384 bytes, and comes byte by byte."""

    class Dripping:
        def wrap_socket(self, sock, server_side):
            for part in dripping(b"\x16\x03\x03\x40\x00" + b"\x02" * 40):
                sock.sendall(part)
            return sock

    internet.serve("docs.example", OK, tls=Dripping())
    start = time.monotonic()
    answer = ask(internet, "https://docs.example/", seconds=0.6)
    assert (answer.state, answer.detail) == (UNKNOWN, "TimeoutError")
    assert time.monotonic() - start < 2


ENDLESS = {
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-Padding: " + b"x" * 4000 + b"\r\n"),
    "a line": (b"HTTP/1.1 200 OK\r\nX-Padding: ", b"x" * 4000),
    "a status line": (b"HTTP/1.1 200 ", b"x" * 4000),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_head_without_an_end_is_not_read_to_the_end(internet, kind):
    start, again = ENDLESS[kind]
    internet.serve("docs.example", lambda request: itertools.chain([start], itertools.repeat(again)))
    assert ask(internet, seconds=8).state == UNKNOWN
    assert internet.sent < 2 * (MAX_HEADER_BYTES + 8_000_000)  # with what the buffers hold, for each method


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00\xff\r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n"])
def test_what_is_no_http_says_nothing(internet, answer):
    internet.serve("docs.example", answer)
    assert ask(internet).state == UNKNOWN


# TLS


@pytest.fixture
def secure(internet, tmp_path):
    """A server with a certificate for docs.example, the one that clients trust. It records the names they ask for."""
    context, text = certificate("docs.example", tmp_path)
    context.sni_callback = lambda _sock, name, _context: internet.asked_for.append(name)
    internet.asked_for, internet.trusted = [], ssl.create_default_context(cadata=text)
    internet.serve("docs.example", OK, tls=context)
    return internet


def test_a_page_over_tls_works_and_is_asked_by_its_name(secure):
    assert ask(secure, "https://docs.example./").state == WORKS
    assert (secure.connected, secure.asked_for) == ([(ADDRESS, 443)], ["docs.example"])


def test_a_certificate_for_another_name_is_refused(secure):
    secure.names["other.example"] = [[ADDRESS]]
    answer = ask(secure, "https://other.example/")
    assert (answer.state, answer.detail, secure.requests) == (UNKNOWN, "SSLCertVerificationError", [])


def test_a_certificate_that_nobody_trusts_is_refused(secure):
    secure.trusted = ssl.create_default_context()
    assert (ask(secure, "https://docs.example/").detail, secure.requests) == ("SSLCertVerificationError", [])
