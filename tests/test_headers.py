"""The headers of every kind of answer, all of them and no other."""

import pytest
from django.db import OperationalError, connection
from django.test import Client

from metropolis_tracker.middleware.permissions_policy import POLICY as POLICY_OF_ABILITIES
from plans.models import Plan, Visibility
from tests.builders import publish

PLAN = "/plans/2018-2020/"
POLICY = {
    "default-src 'none'", "object-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
    "font-src 'self'", "connect-src 'self'", "manifest-src 'self'", "form-action 'self'", "frame-ancestors 'none'",
    "base-uri 'none'",
}  # fmt: skip
ALWAYS = {
    "Permissions-Policy": POLICY_OF_ABILITIES,
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
HTML = {"Content-Type": "text/html; charset=utf-8", "Content-Language": "en"}
FOR_ALL = {"Cache-Control": "public, max-age=0, s-maxage=10", "ETag": "…"}
FOR_ALL |= {"Vary": "Cookie, Accept-Encoding"}
OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Content-Disposition"}
NUMBERED = {"X-Request-ID": "…"}  # never of an answer that a cache may repeat
FOR_ONE = NUMBERED | {"Cache-Control": "private, no-store", "Vary": "Cookie, Accept-Encoding"}
FORM = (
    HTML
    | NUMBERED
    | {
        "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
        "Expires": "…",
        "Vary": "Cookie, Accept-Encoding",
    }
)


@pytest.fixture(autouse=True)
def on_https(settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True


def file(name, kind, language="en"):
    named = {"Content-Disposition": f'attachment; filename="{name}"'} if name else {}
    return FOR_ALL | {"Content-Type": kind, "Content-Language": language} | named


def headers(response):
    """All but the length, the moments, digests and numbers by their name alone."""
    told = {"ETag": "…", "Expires": "…", "X-Request-ID": "…"}
    found = {name: told.get(name, value) for name, value in response.items() if name != "Content-Length"}
    if found["Content-Security-Policy"].count("; ") == len(POLICY) - 1:
        found["Content-Security-Policy"] = set(found["Content-Security-Policy"].split("; "))  # in any order
    return found


@pytest.mark.parametrize(
    ("path", "status", "expected"),
    [
        (PLAN, 200, HTML | FOR_ALL),
        ("/es" + PLAN, 200, HTML | FOR_ALL | {"Content-Language": "es"}),
        (PLAN + "deliverables/", 200, HTML | FOR_ALL),
        ("/help/", 200, HTML | FOR_ALL),
        (PLAN + "changes.atom", 200, OPEN | file("", "application/atom+xml; charset=utf-8")),
        (PLAN + "history.json", 200, OPEN | file("", "application/json")),
        (PLAN + "card.png", 200, file("", "image/png")),
        ("/accounts/login/", 200, FORM),
        ("/nowhere/", 404, HTML | FOR_ONE),
        (PLAN + "?as_of=soon", 400, HTML | FOR_ONE),
        (PLAN + "L2M5D1/status/", 405, HTML | FOR_ONE | {"Allow": "POST"}),
        (
            PLAN + "edit/",
            302,
            HTML | FOR_ONE | {"Location": "/accounts/login/?next=/plans/2018-2020/edit/", "Vary": "Cookie"},
        ),
        (
            "/healthz",
            200,
            FOR_ONE | {"Content-Type": "text/plain; charset=utf-8", "Content-Language": "en", "Vary": "Cookie"},
        ),
    ],
)
def test_what_a_visitor_is_answered(visitor, path, status, expected):
    response = visitor.get(path, secure=True)
    assert (response.status_code, headers(response)) == (status, ALWAYS | expected)


@pytest.mark.parametrize("extension", ["pdf", "xlsx", "csv", "json", "stratml.xml"])
def test_what_comes_with_a_download(visitor, extension):
    found = headers(visitor.get(PLAN + f"summary.{extension}", secure=True))
    kind, disposition = found.pop("Content-Type"), found.pop("Content-Disposition")
    assert found == ALWAYS | FOR_ALL | OPEN | {"Content-Language": "en"}
    assert extension in disposition
    assert kind in (
        "application/pdf", "text/csv; charset=utf-8", "application/json", "application/xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )  # fmt: skip


def test_the_summary_as_a_page_allows_its_own_sheet_and_nothing_else(visitor):
    found = headers(visitor.get(PLAN + "summary/", secure=True))
    policy = found.pop("Content-Security-Policy")
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    del found["Content-Disposition"]
    assert (
        found == {name: value for name, value in ALWAYS.items() if name != "Content-Security-Policy"} | HTML | FOR_ALL
    )


def test_the_page_for_other_sites_may_be_framed_by_any_and_depends_on_no_cookie(visitor):
    found = headers(visitor.get(PLAN + "embed/", secure=True))
    policy = found.pop("Content-Security-Policy")
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("; frame-ancestors *")
    framed = {
        name: value for name, value in ALWAYS.items() if name not in ("Content-Security-Policy", "X-Frame-Options")
    }
    assert found == framed | HTML | FOR_ALL | {"Vary": "Accept-Encoding"}


@pytest.mark.parametrize(
    ("visibility", "cached", "numbered"),
    [(Visibility.PUBLIC, "public, max-age=0, s-maxage=10", {}), (Visibility.MEMBERS, "private, no-cache", NUMBERED)],
)
def test_what_comes_with_a_document_of_an_edition(board, plan, sofia, visibility, cached, numbered):
    publish(plan, by=sofia)
    Plan.objects.update(visibility=visibility)
    found = headers(board.get(PLAN + "editions/1/summary.csv", secure=True))
    assert found.pop("Content-Disposition").startswith("attachment")
    assert found == ALWAYS | numbered | {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Language": "en",
        "Cache-Control": f"{cached}, no-transform",
        "ETag": "…",
        "Vary": "Cookie",
    }


@pytest.mark.parametrize("path", [PLAN, PLAN + "L2M5D1/", PLAN + "todo/", "/mail/"])
def test_what_a_member_is_answered(board, path):
    assert headers(board.get(path, secure=True)) == ALWAYS | HTML | FOR_ONE


def test_what_somebody_is_told_who_may_not(board):
    response = board.get(PLAN + "edit/", secure=True)
    assert (response.status_code, headers(response)) == (403, ALWAYS | HTML | FOR_ONE)


def test_what_is_told_of_an_error(visitor, monkeypatch):
    visitor.raise_request_exception = False
    monkeypatch.setattr("reports.views.progress_of", lambda *args, **kwargs: 1 / 0)
    response = visitor.get(PLAN, secure=True)
    expected = NUMBERED | {"Content-Type": HTML["Content-Type"], "Cache-Control": "private, no-store"}
    assert response.status_code == 500
    assert {name: value for name, value in headers(response).items() if name not in ("Content-Language", "Vary")} == (
        ALWAYS | expected
    )


def test_what_is_told_while_the_database_is_away(visitor):
    visitor.raise_request_exception = False

    def refuse(*args):
        raise OperationalError

    with connection.execute_wrapper(refuse):
        response = visitor.get(PLAN, secure=True)
    found = headers(response)
    assert (response.status_code, found["Retry-After"], found["Cache-Control"]) == (503, "10", "private, no-store")
    assert {name: found.get(name, "DENY") for name in ALWAYS} == ALWAYS


def test_a_cookie_is_for_this_host_alone(settings, sofia):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client()
    client.get("/accounts/login/", secure=True)
    form = {"login": sofia.email, "password": "correct horse battery"}
    client.post("/accounts/login/", form, secure=True)
    for cookie in client.cookies.values():
        assert (cookie["path"], cookie["domain"], cookie["samesite"], cookie["secure"]) == ("/", "", "Lax", True)
        assert cookie["httponly"]
