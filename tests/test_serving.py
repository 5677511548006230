"""The tracker as a newcomer starts it: `make run`'s commands in real processes, in a folder of their own."""

import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from tests.server import fresh_environment, manage, prepare, prepared_environment, serving, wait_for


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return fresh_environment(tmp_path_factory.mktemp("var"))


@pytest.fixture(scope="module")
def prepared(environment):
    return prepare(environment)


@pytest.fixture(scope="module")
def address(environment, prepared):
    with serving(environment) as address:
        yield address


def test_the_first_start_loads_the_plan_and_shows_a_password(prepared):
    assert "Loaded the Action Plan 2018-2020." in prepared
    assert re.search(r"First administrator: administrator@metropolis\.example, password \S{20}", prepared)


def test_a_second_start_loads_nothing_and_shows_no_password(environment, prepared):
    assert manage(environment, "prepare") == f"Metropolis Tracker: http://127.0.0.1:{environment['PORT']}\n"


def test_another_database_in_the_same_folder_is_prepared_too(tmp_path):
    environment = prepared_environment(tmp_path)
    other = environment | fresh_database_in(tmp_path)
    assert "Loaded the Action Plan 2018-2020." in manage(other, "prepare")
    assert "Loaded" not in manage(environment, "prepare")


def fresh_database_in(folder):
    """Return the environment of an empty database beside the one that is there."""
    if connection.vendor == "postgresql":
        return {"DATABASE_URL": fresh_environment(folder)["DATABASE_URL"]}
    return {"DATABASE_URL": f"sqlite:///{folder}/other.sqlite3"}


def test_the_newcomer_sees_the_figures(address):
    assert 'aria-label="49 attained, 10 in progress, 6 not developed"' in wait_for(address)


def test_the_first_page_with_all_it_loads_is_light_and_from_here(address):
    page = wait_for(address)
    assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    weights = {url: weight_of(address + url) for url in ["/", *assets]}
    styles, scripts = ([asset for asset in assets if asset.endswith(kind)] for kind in (".css", ".js"))
    assert (len(styles), len(scripts), sum(weights[script] for script in scripts) < 500) == (1, 1, True)
    assert (weights["/"] < 20_000, sum(weights.values()) < 90_000) == (True, True)
    assert re.findall(r'<(?:link rel="(?!alternate|canonical)|script|img)[^>]+(?:href|src)="(?!/)[^"]*"', page) == []


def weight_of(url):
    """Return how many bytes an answer has on the wire."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip, br"})
    return len(urllib.request.urlopen(request).read())


def test_the_font_is_asked_for_once(address):
    """The page names it ahead of the style sheet, by the same address."""
    page = wait_for(address)
    (sheet,) = re.findall(r'href="(/static/css/[^"]+)"', page)
    named = re.findall(r'<link rel="preload" href="/static/([^"]+)" as="font"', page)
    used = re.findall(r'url\("\.\./([^"]+)"\)', urllib.request.urlopen(address + sheet).read().decode())
    assert (named, [name.count(".") for name in named]) == (used, [2])


def test_the_licence_of_the_font_is_served(address):
    assert "SIL OPEN FONT LICENSE" in wait_for(f"{address}/static/fonts/OFL.txt")


def test_static_files_are_hashed_and_kept_by_browsers(address):
    asset = re.search(r'href="(/static/css/site\.[0-9a-f]{12}\.css)"', wait_for(address))[1]
    headers = urllib.request.urlopen(address + asset).headers
    assert headers["Cache-Control"] == "max-age=315360000, public, immutable"


def test_the_policy_allows_nothing_inline(address):
    policy = urllib.request.urlopen(address).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_first_administrator_signs_in_with_the_password_shown(address, prepared):
    password = re.search(r"password (\S{20})", prepared)[1]
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(f"{address}/accounts/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = {"csrfmiddlewaretoken": token, "login": "administrator@metropolis.example", "password": password}
    answer = browser.open(f"{address}/accounts/login/", urlencode(form).encode()).read().decode()
    assert "First administrator" in answer


if connection.vendor == "postgresql":

    def test_each_thread_keeps_one_connection_to_the_database(address, environment):
        """Left to itself, granian starts as many threads as it likes: PostgreSQL allows a hundred connections."""
        months = [f"{address}/plans/2018-2020/?as_of=2019-{month:02}-01" for month in range(1, 13)]
        with ThreadPoolExecutor(60) as pool:
            pages = list(pool.map(wait_for, months * 10))
        with closing(psycopg2.connect(environment["DATABASE_URL"])) as other, other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            connections = cursor.fetchone()[0] - 1  # this one
        assert (len(pages), 2 <= connections <= settings.WORKERS * settings.THREADS) == (120, True)
