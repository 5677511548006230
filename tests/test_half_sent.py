"""Requests that do not end: whoever sends half of a form, and waits, keeps nobody from reading."""

import http.client
import io
import os
import socket
import time
from contextlib import ExitStack

from tests.server import prepared_environment, serving

PAGES = ["/healthz", "/plans/2018-2020/", "/plans/2018-2020/?as_of=2019-12-31", "/plans/2018-2020/summary.csv"]
HALF = "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\nname="
LENGTHS = ["500", "1000000", "0000000000000000000000000500", "9999999999999999999"]
FORM, FILE = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
PATHS = ["/accounts/login/", "/language/", "/verify/", "/plans/2018-2020/import/", "/nowhere/"]


def read(port, path):
    """Return the status of the answer, or the error if there is none in time."""
    reader = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        reader.request("GET", path)
        return reader.getresponse().status
    except OSError as error:
        return type(error)
    finally:
        reader.close()


def can_read(environment, senders, **options):
    """Return whether every page is answered while so many senders have sent half of a form."""
    with serving(environment, **options) as address, ExitStack() as stack:
        port = int(address.rpartition(":")[2])
        for number in range(senders):
            sender = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            kind, length = (FILE, FORM)[number % 2], LENGTHS[number % len(LENGTHS)]
            head = HALF.format(path=PATHS[number % len(PATHS)], kind=kind, length=length)
            sender.sendall(head.encode())
        time.sleep(0.5)
        return all(read(port, path) == 200 for path in PAGES)


def test_forty_half_sent_forms_keep_nobody_from_reading(tmp_path):
    assert can_read(prepared_environment(tmp_path), 40)


def test_the_harness_catches_a_server_that_reads_without_a_seat(tmp_path):
    environment = prepared_environment(tmp_path) | {"PYTHONPATH": os.getcwd()}
    assert not can_read(environment, 40, application="tests.twins.patient:application")


def test_a_form_that_did_not_arrive_is_not_taken_for_a_whole_one(client, db):
    half = {"wsgi.input": io.BytesIO(b"language=fr"), "CONTENT_LENGTH": "500"}
    response = client.post("/language/", b"language=fr", content_type=FORM, **half)
    assert response.status_code == 400
    assert "What you sent did not arrive. Send it again." in response.content.decode()


def test_a_length_that_is_written_with_zeros_is_as_large_as_it_is(client, db):
    body = b"x" * 3_000_000
    response = client.post("/language/", body, content_type=FORM, CONTENT_LENGTH=f"{len(body):030}")
    assert response.status_code == 413


def test_a_length_that_is_no_number_is_refused(client, db):
    assert client.post("/language/", b"language=fr", content_type=FORM, CONTENT_LENGTH="ten").status_code == 400


def test_what_is_far_too_large_is_read_so_that_its_sender_sees_why(tmp_path):
    """A browser that cannot send on shows its own error instead of the page."""
    with serving(prepared_environment(tmp_path)) as address:
        sender = http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)
        sender.request("POST", "/plans/2018-2020/import/", b"x" * 30_000_000, {"Content-Type": FILE})
        response = sender.getresponse()
        assert (response.status, "This file is larger than 5 MB" in response.read().decode()) == (413, True)
        sender.close()
