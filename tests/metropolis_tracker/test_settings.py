"""Settings as another process reads them, from an environment of its own."""

import json
import os
import subprocess
import sys

import pytest

from metropolis_tracker.secret import secret_key


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
