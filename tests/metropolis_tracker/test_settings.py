"""Settings as another process reads them, from an environment of its own."""

import json
import os
import subprocess
import sys

import pytest

from metropolis_tracker.config.secret_key import secret_key


def read(*names, **environment):
    code = (
        "import json; from metropolis_tracker import settings; "
        f"print(json.dumps([str(getattr(settings, name)) for name in {names}]))"
    )
    kept = {"PATH": os.environ["PATH"]}
    result = subprocess.run(
        [sys.executable, "-c", code], env=kept | environment, capture_output=True, text=True, check=True
    )
    return json.loads(result.stdout)


@pytest.fixture
def folder(tmp_path):
    return {"DATA_DIR": str(tmp_path)}


def test_by_default_it_is_a_production_server_on_loopback(folder):
    assert read("DEBUG", "SITE_URL", "SESSION_COOKIE_SECURE", **folder) == ["False", "http://127.0.0.1:8000", "False"]


def test_a_site_on_https_has_secure_cookies_and_hsts(folder):
    found = read(
        "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", SITE_URL="https://t.example", **folder
    )
    assert found == ["True", "True", "31536000"]


def test_the_site_is_served_under_its_own_name(folder):
    assert "'t.example'" in read("ALLOWED_HOSTS", SITE_URL="https://t.example", **folder)[0]


def test_a_secret_is_made_once_and_kept(folder):
    assert read("SECRET_KEY", **folder) == read("SECRET_KEY", **folder)


def test_the_secret_is_for_its_owner_alone(tmp_path):
    secret_key(tmp_path / "secret_key")
    assert oct((tmp_path / "secret_key").stat().st_mode)[-3:] == "600"


def test_a_secret_given_is_taken(folder, tmp_path):
    assert read("SECRET_KEY", SECRET_KEY="given", **folder) == ["given"]
    assert not (tmp_path / "secret_key").exists()


GOOD = {"SITE_URL": "https://t.example", "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"}


@pytest.mark.parametrize(
    ("bad", "advice"),
    [
        ({"DEBUG": "1"}, "DEBUG shows the code and settings to everyone. Unset it"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is weak: give 50 random characters"),
        ({"SECRET_KEY": "x" * 60}, "SECRET_KEY is weak"),
        ({"SECRET_KEY": "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz01234"}, "SECRET_KEY is weak"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS lets the tracker answer to any name. List the names"),
        ({"SITE_URL": "https://"}, "SITE_URL names no host. Give the whole address"),
        ({"SITE_URL": "http://tracker.example", "DEBUG": "1"}, "DEBUG shows"),
        ({"SITE_URL": "http://tracker.example"}, "SITE_URL is not https://: what people type could be read"),
        ({"SITE_URL": "http://0.0.0.0:8000"}, "SITE_URL is not https://"),
    ],
)
def test_what_is_unsafe_does_not_start_and_says_how_to_mend_it(folder, bad, advice):
    environment = {"PATH": os.environ["PATH"]} | folder | GOOD | bad
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert advice in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("site", ["https://t.example", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_the_checks_before_deploying_find_nothing(folder, site):
    environment = {"PATH": os.environ["PATH"], "SITE_URL": site} | folder
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout[:34]) == (0, "System check identified no issues ")


def test_cookies_belong_to_the_host_alone_where_there_is_tls(folder):
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "MESSAGES_COOKIE_NAME", "CSRF_COOKIE_HTTPONLY")
    assert read(*names, **folder | GOOD) == ["__Host-sessionid", "__Host-csrftoken", "__Host-messages", "True"]


def test_a_second_factor_is_asked_where_others_can_reach_it(folder):
    assert read("SECOND_FACTOR", **folder | GOOD) == ["True"]
    assert read("SECOND_FACTOR", **folder) == ["False"]
