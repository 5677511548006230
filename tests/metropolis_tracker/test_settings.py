"""The settings, as read by a new process from an environment of its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from metropolis_tracker import settings
from metropolis_tracker.config.data_folder import open_private_folder
from metropolis_tracker.config.secret_key import secret_key
from tests.server import fresh_environment, manage, prepare

GOOD = {
    "SITE_URL": "https://t.example",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCDEF",
    "EMAIL_URL": "dummymail://",
}


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
    values = read_settings("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", **folder | GOOD)
    assert values == ["True", "True", "31536000"]


def test_the_host_of_site_url_is_allowed(folder):
    assert "'t.example'" in read_settings("ALLOWED_HOSTS", **folder | GOOD)[0]


def test_a_secret_key_is_generated_once_and_reused(folder):
    assert read_settings("SECRET_KEY", **folder) == read_settings("SECRET_KEY", **folder)


def test_the_secret_key_file_is_readable_for_its_owner_alone(tmp_path):
    secret_key(tmp_path / "secret_key")
    assert oct((tmp_path / "secret_key").stat().st_mode)[-3:] == "600"


def test_a_secret_key_from_the_environment_is_used(folder, tmp_path):
    assert read_settings("SECRET_KEY", SECRET_KEY="given", **folder) == ["given"]
    assert not (tmp_path / "secret_key").exists()


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
        ({"EMAIL_URL": ""}, "would be printed to the log. Set it to a mail server"),
        ({"EMAIL_URL": "consolemail://"}, "would be printed to the log. Set it to a mail server"),
        ({"HOST": "0.0.0.0"}, "and set BEHIND_PROXY to true"),
        ({"HOST": "0.0.0.0", "SITE_URL": "http://127.0.0.1:8000"}, "and set BEHIND_PROXY to true"),
    ],
)
def test_unsafe_settings_prevent_the_start_and_name_the_fix(folder, bad, advice):
    environment = {"PATH": os.environ["PATH"]} | folder | GOOD | bad
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert advice in sentence


@pytest.mark.parametrize("site", ["https://t.example", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_the_deployment_checks_find_nothing(folder, site):
    environment = {"PATH": os.environ["PATH"]} | folder | GOOD | {"SITE_URL": site}
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


def test_another_address_is_served_behind_a_proxy(folder):
    assert read_settings("HOST", HOST="0.0.0.0", BEHIND_PROXY="true", **folder | GOOD) == ["0.0.0.0"]


SETTINGS = sorted(
    set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', Path(settings.__file__).read_text(encoding="utf-8")))
)


def test_an_empty_value_is_the_default(folder):
    names = ["DATABASES", "CACHES", "EMAIL_BACKEND", "PORT", "THREADS", "TIME_ZONE", "ADMIN_EMAIL", "SITE_URL"]
    empty = dict.fromkeys(SETTINGS, "") | folder
    assert read_settings(*names, **empty) == read_settings(*names, **folder)


def umask_of(folder):
    code = "import os; from metropolis_tracker import settings; print(oct(os.umask(0)))"
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder)}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("mode", [0o755, 0o775, 0o750, 0o700])
def test_a_folder_that_others_can_read_is_closed(tmp_path, mode):
    tmp_path.chmod(mode)
    assert umask_of(tmp_path).stdout == "0o77\n"
    assert oct(tmp_path.stat().st_mode)[-3:] == "700"


def test_everything_in_a_new_folder_is_private(tmp_path):
    environment = fresh_environment(tmp_path / "new")
    prepare(environment)
    manage(environment, "backup")
    created = [path for path in (tmp_path / "new").rglob("*") if not path.is_symlink()]
    assert {path.name: oct(path.stat().st_mode) for path in created if path.stat().st_mode & 0o077} == {}


def test_a_folder_where_everybody_may_write_is_refused(tmp_path):
    tmp_path.chmod(0o1777)
    with pytest.raises(ImproperlyConfigured, match="Set DATA_DIR to another folder"):
        open_private_folder(tmp_path)
    assert oct(tmp_path.stat().st_mode)[-4:] == "1777"


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "file" / "folder")}
    done = subprocess.run([sys.executable, "manage.py", "serve"], env=environment, capture_output=True, text=True)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "cannot be used: Not a directory. Give it to the user who runs the tracker" in done.stderr


def test_a_folder_that_is_read_only_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *args: False)  # root may write everywhere
    with pytest.raises(ImproperlyConfigured, match="cannot be written to"):
        open_private_folder(tmp_path)


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"PORT": "http"}, "PORT is “http”. It is a whole number of 1 or more."),
        ({"WORKERS": "0"}, "WORKERS is “0”. It is a whole number of 1 or more."),
        ({"THREADS": "-1"}, "THREADS is “-1”."),
        ({"BEHIND_PROXY": "maybe"}, "BEHIND_PROXY is “maybe”. It is true or false."),
        ({"TIME_ZONE": "Europe/Nowhere"}, "TIME_ZONE is “Europe/Nowhere”. It is a name such as Europe/Madrid."),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is “loud”. It is DEBUG"),
        ({"DATABASE_URL": "postgres://tracker:pa/w?rd@db/tracker"}, "DATABASE_URL is no URL that the tracker can use"),
        ({"DATABASE_URL": "mysql://db/tracker"}, "DATABASE_URL is no URL that the tracker can use"),
        ({"EMAIL_URL": "mail.example"}, "EMAIL_URL is no URL that the tracker can use"),
        ({"EMAIL_URL": "smtp+tls://user:pa/w@mail.example:587"}, "EMAIL_URL is no URL that the tracker can use"),
        ({"CACHE_URL": "foo://cache"}, "CACHE_URL is no URL that the tracker can use"),
    ],
)
def test_a_setting_that_is_wrong_is_named_in_one_sentence(folder, bad, told):
    environment = {"PATH": os.environ["PATH"]} | folder | bad
    done = subprocess.run([sys.executable, "manage.py", "check"], env=environment, capture_output=True, text=True)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert told in done.stderr
    assert "pa/w" not in done.stderr


def test_a_level_and_a_boolean_may_be_written_in_any_case(folder):
    assert read_settings("LOG_LEVEL", "BEHIND_PROXY", LOG_LEVEL="info", BEHIND_PROXY="True", **folder) == [
        "INFO",
        "True",
    ]
