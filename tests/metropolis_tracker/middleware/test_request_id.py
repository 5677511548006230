"""An error page has the number of its request, and so has what was logged meanwhile."""

import json
import logging
import re

import pytest

from metropolis_tracker.config.json_logging import JsonFormatter

NUMBER = re.compile(r"give this number: <code>([0-9a-f]{10})</code>")


@pytest.fixture
def lines():
    """Whatever is logged, as it is written."""
    written, handler = [], logging.Handler()
    handler.setFormatter(JsonFormatter())
    handler.emit = lambda record: written.append(json.loads(handler.format(record)))
    for name in ("django.request", "tracker.security"):
        logging.getLogger(name).addHandler(handler)
    yield written
    for name in ("django.request", "tracker.security"):
        logging.getLogger(name).removeHandler(handler)


@pytest.mark.parametrize(("path", "status"), [("/plans/none/", 404), ("/plans/2018-2020/L1M1D1/status/", 405),
                                              ("/plans/2018-2020/?as_of=never", 400)])  # fmt: skip
def test_an_error_page_shows_the_number_that_the_header_has(visitor, path, status):
    response = visitor.get(path)
    assert response.status_code == status
    assert NUMBER.search(response.content.decode())[1] == response["X-Request-ID"]


def test_the_log_has_the_number_of_a_failure(visitor, monkeypatch, lines):
    def fail(*args, **kwargs):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("metropolis_tracker.views.GUIDES", None)
    visitor.raise_request_exception = False
    response = visitor.get("/help/board/")
    assert response.status_code == 500
    [line] = lines
    assert (line["request"], line["level"]) == (NUMBER.search(response.content.decode())[1], "ERROR")
    assert line["error"].splitlines()[-1].startswith("TypeError")


def test_the_security_log_has_the_number(board, lines):
    response = board.get("/plans/2018-2020/edit/")
    assert response.status_code == 403
    assert [(line["event"], line["request"]) for line in lines if line["logger"] == "tracker.security"] == [
        ("access refused", NUMBER.search(response.content.decode())[1])
    ]


def test_each_request_has_its_own(visitor):
    assert len({visitor.get("/plans/none/")["X-Request-ID"] for _time in range(3)}) == 3


def test_what_a_cache_may_repeat_has_none(visitor):
    assert [visitor.get("/plans/2018-2020/").has_header("X-Request-ID") for _time in range(2)] == [False, False]
    assert visitor.get("/accounts/login/").has_header("X-Request-ID")
