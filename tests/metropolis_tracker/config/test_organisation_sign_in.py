"""What the settings OIDC_... may be, and what each error says."""

import importlib.util
import subprocess

import pytest
from django.core.exceptions import ImproperlyConfigured

from metropolis_tracker.accounts.management.commands import add_person
from metropolis_tracker.accounts.organisation.id_token import verified_email
from metropolis_tracker.config.organisation_sign_in import GOOGLE, ROLES, organisation_sign_in
from tests.metropolis_tracker.test_settings import GOOD, read_settings
from tests.server import manage, prepared_environment

RIGHT = {
    "url": "https://login.example/realms/staff", "client_id": "tracker", "secret": "s3cret", "name": "Metropolis",
    "roles": [], "roles_claim": "roles", "trust_email": False,
}  # fmt: skip
ENVIRONMENT = {
    "OIDC_URL": RIGHT["url"], "OIDC_CLIENT_ID": "tracker", "OIDC_CLIENT_SECRET": "s3cret", "OIDC_NAME": "Metropolis",
}  # fmt: skip
NOTHING = {"url": "", "client_id": "", "secret": "", "name": ""}


def error_of(**changed):
    with pytest.raises(ImproperlyConfigured) as error:
        organisation_sign_in(**RIGHT | changed)
    return str(error.value)


def test_without_a_url_it_is_off():
    assert organisation_sign_in(**RIGHT | NOTHING) is None


@pytest.mark.parametrize("left", [{"client_id": "tracker"}, {"secret": "s3cret"}, {"roles": ["a=board"]}])
def test_other_settings_without_a_url_are_an_error_since_somebody_meant_it_to_be_on(left):
    assert "no effect without OIDC_URL" in error_of(**NOTHING | left)


@pytest.mark.parametrize(
    ("left_out", "name"),
    [("client_id", "OIDC_CLIENT_ID"), ("secret", "OIDC_CLIENT_SECRET"), ("name", "OIDC_NAME")],
)
def test_what_is_missing_is_named(left_out, name):
    assert f"so {name} must be set too" in error_of(**{left_out: ""})


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example", "login.example", "https://", "https://login.example/?tenant=1", "ftp://login.example",
        "https://user:secret@login.example", "https://[::1", "https://login.example/" + "a" * 200,
    ],
)  # fmt: skip
def test_what_is_no_private_issuer_is_refused_without_its_password(url):
    error = error_of(url=url)
    assert "It is the issuer of the provider" in error
    assert "secret" not in error


def test_a_provider_on_loopback_may_be_http():
    assert organisation_sign_in(**RIGHT | {"url": "http://127.0.0.1:9400"}).is_on_loopback


def test_the_secret_is_in_no_error_report():
    assert RIGHT["secret"] not in repr(organisation_sign_in(**RIGHT))


def test_the_address_of_the_description_is_no_issuer():
    assert "Leave out /.well-known/" in error_of(url="https://login.example/.well-known/openid-configuration")


@pytest.mark.parametrize("tenant", ["common", "Organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"])
def test_an_issuer_of_many_tenants_is_refused(tenant):
    assert "id of your own tenant" in error_of(url=f"https://login.microsoftonline.com/{tenant}/v2.0")


@pytest.mark.parametrize("part", ["editors", "=board", "editors=chief", ""])
def test_a_role_that_does_not_exist_is_named_with_those_that_do(part):
    assert "regional-secretaries, secretariat, administrators" in error_of(roles=[part])


def test_values_of_the_claim_may_have_an_equals_sign():
    organisation = organisation_sign_in(**RIGHT | {"roles": ["cn=editors=secretariat", " heads = administrators"]})
    assert organisation.roles == {"cn=editors": "secretariat", "heads": "administrators"}


def test_the_roles_are_those_of_add_person_by_rank():
    assert list(ROLES) == list(add_person.ROLES)


def test_missing_packages_are_an_error_that_says_what_to_install(monkeypatch):
    """A machine without the extra: the search for modules does not find one of its packages."""
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "jwt" else find(name))
    assert ".ci/requirements-optional.txt" in error_of()


def test_where_it_is_off_nothing_of_it_is_installed(tmp_path):
    folder = {"DATA_DIR": str(tmp_path)}
    off, on = read_settings("INSTALLED_APPS", **folder)[0], read_settings("INSTALLED_APPS", **folder | ENVIRONMENT)[0]
    assert ("socialaccount" in off, "socialaccount" in on) == (False, True)


def test_a_production_site_needs_a_provider_on_https(tmp_path):
    wrong = ENVIRONMENT | {"OIDC_URL": "http://127.0.0.1:9400"}
    with pytest.raises(subprocess.CalledProcessError) as error:
        read_settings("OIDC", DATA_DIR=str(tmp_path), **GOOD | wrong)
    assert "OIDC_URL is not https://" in error.value.stderr


def test_a_backup_is_restored_with_the_sign_in_on_or_off_as_it_was_made(django_db_setup, tmp_path):
    on, off = (prepared_environment(tmp_path / name) for name in ("on", "off"))
    on |= ENVIRONMENT
    manage(on, "prepare")
    manage(on, "backup", str(tmp_path))  # with a trial restore
    (backup,) = tmp_path.glob("*.gz")
    with pytest.raises(subprocess.CalledProcessError) as error:
        manage(off, "restore", str(backup))
    assert "Set OIDC_URL as it was there" in error.value.stderr


ADDRESS = "Nadia@Metropolis.example"
CLAIMS = {
    "verified": ({"email_verified": True}, {}, True),
    "verified as text": ({"email_verified": "true"}, {}, True),
    "not verified": ({"email_verified": False}, {"trust_email": True}, False),
    "nothing said": ({}, {}, False),
    "nothing said, and trusted": ({}, {"trust_email": True}, True),
    "of a domain of the tenant": ({"xms_edov": "1"}, {}, True),
    "of no domain of the tenant": ({"xms_edov": False}, {"trust_email": True}, False),
    "of Google's Workspace": ({"email_verified": True, "hd": "metropolis.example"}, {"url": GOOGLE}, True),
    "a private account at Google": ({"email_verified": True}, {"url": GOOGLE}, False),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_which_addresses_count_as_verified(settings, name):
    claims, changed, is_verified = CLAIMS[name]
    settings.OIDC = organisation_sign_in(**RIGHT | changed)
    assert verified_email({"email": ADDRESS} | claims) == (ADDRESS.lower() if is_verified else "")


def test_a_letter_that_becomes_another_in_lower_case_makes_no_other_address(settings):
    settings.OIDC = organisation_sign_in(**RIGHT)
    kelvin = "\N{KELVIN SIGN}ate@metropolis.example"
    assert verified_email({"email": kelvin, "email_verified": True}) == kelvin
