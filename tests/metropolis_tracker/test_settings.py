"""The settings, as read by a new process from an environment of its own."""

import json
import os
import subprocess
import sys

import pytest

from metropolis_tracker.config.secret_key import secret_key


def read_settings(*names, **environment):
    code = (
        "import json; from metropolis_tracker import settings; "
        f"print(json.dumps([str(getattr(settings, name)) for name in {names}]))"
    )
    base = {"PATH": os.environ["PATH"]}
    result = subprocess.run(
        [sys.executable, "-c", code], env=base | environment, capture_output=True, text=True, check=True
    )
    return json.loads(result.stdout)


@pytest.fixture
def folder(tmp_path):
    return {"DATA_DIR": str(tmp_path)}


def test_the_defaults_are_a_production_server_on_loopback(folder):
    values = read_settings("DEBUG", "SITE_URL", "SESSION_COOKIE_SECURE", **folder)
    assert values == ["False", "http://127.0.0.1:8000", "False"]


def test_a_site_on_https_has_secure_cookies_and_hsts(folder):
    values = read_settings(
        "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", SITE_URL="https://t.example", **folder
    )
    assert values == ["True", "True", "31536000"]


def test_the_host_of_site_url_is_allowed(folder):
    assert "'t.example'" in read_settings("ALLOWED_HOSTS", SITE_URL="https://t.example", **folder)[0]


def test_a_secret_key_is_generated_once_and_reused(folder):
    assert read_settings("SECRET_KEY", **folder) == read_settings("SECRET_KEY", **folder)


def test_the_secret_key_file_is_readable_for_its_owner_alone(tmp_path):
    secret_key(tmp_path / "secret_key")
    assert oct((tmp_path / "secret_key").stat().st_mode)[-3:] == "600"


def test_a_secret_key_from_the_environment_is_used(folder, tmp_path):
    assert read_settings("SECRET_KEY", SECRET_KEY="given", **folder) == ["given"]
    assert not (tmp_path / "secret_key").exists()


GOOD = {"SITE_URL": "https://t.example", "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"}


@pytest.mark.parametrize(
    ("bad", "advice"),
    [
        ({"DEBUG": "1"}, "DEBUG shows code and settings to everyone. Unset it"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is weak. Set 50 random characters"),
        ({"SECRET_KEY": "x" * 60}, "SECRET_KEY is weak"),
        ({"SECRET_KEY": "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz01234"}, "SECRET_KEY is weak"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS accepts any host name. List the names"),
        ({"SITE_URL": "https://"}, "SITE_URL names no host. Give the full URL"),
        ({"SITE_URL": "http://tracker.example", "DEBUG": "1"}, "DEBUG shows"),
        ({"SITE_URL": "http://tracker.example"}, "SITE_URL is not https://, so passwords can be read"),
        ({"SITE_URL": "http://0.0.0.0:8000"}, "SITE_URL is not https://"),
    ],
)
def test_unsafe_settings_prevent_the_start_and_name_the_fix(folder, bad, advice):
    environment = {"PATH": os.environ["PATH"]} | folder | GOOD | bad
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert advice in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("site", ["https://t.example", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_the_deployment_checks_find_nothing(folder, site):
    environment = {"PATH": os.environ["PATH"], "SITE_URL": site} | folder
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout[:34]) == (0, "System check identified no issues ")


def test_cookies_have_the_host_prefix_on_https(folder):
    names = [f"{kind}_COOKIE_NAME" for kind in ("SESSION", "CSRF", "MESSAGES", "PERSON", "DRAFT")]
    expected = ["__Host-sessionid", "__Host-csrftoken", "__Host-messages", "__Host-person", "__Host-draft", "True"]
    assert read_settings(*names, "CSRF_COOKIE_HTTPONLY", **folder | GOOD) == expected


def test_a_second_factor_is_required_on_https(folder):
    assert read_settings("SECOND_FACTOR", **folder | GOOD) == ["True"]
    assert read_settings("SECOND_FACTOR", **folder) == ["False"]
