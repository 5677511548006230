import logging

import pytest

from metropolis_tracker.config.log_filter import HideReportLinks


@pytest.mark.parametrize(
    ("message", "args", "logged"),
    [
        ("%s: %s", ("Not Found", "/fr/report/abc:def-1/L1M1D1/"), "Not Found: /fr/report/.../L1M1D1/"),
        ("GET /report/abc:def-1/ 410", (), "GET /report/.../ 410"),
        ("%s: %s", ("Not Found", "/plans/2018-2020/reports/"), "Not Found: /plans/2018-2020/reports/"),
        ("%d messages", (3,), "3 messages"),
    ],
)
def test_the_token_of_a_link_is_not_logged(message, args, logged):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, args, None)
    assert HideReportLinks().filter(record)
    assert record.getMessage() == logged
