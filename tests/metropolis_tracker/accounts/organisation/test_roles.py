"""Roles that come from a claim, as OIDC_ROLES says."""

import pytest

from tests.oidc import Browser, environment_with, heading, tracker_with
from tests.server import prepared_environment

ROLES = "editors=secretariat, heads=administrators, readers=board, regions=regional-secretaries"
GIVE_A_REGION = """
from plans.models import Plan, Region
of = Plan.objects.first().organisation
region = Region.objects.get_or_create(organisation=of, slug="africa", defaults={"name": "Africa"})[0]
print(User.objects.filter(email__startswith="rita").update(region=region))
"""


@pytest.fixture(scope="module")
def tracker(provider, django_db_setup, tmp_path_factory):
    folder = tmp_path_factory.mktemp("roles")
    more = {"OIDC_ROLES": ROLES, "OIDC_ROLES_CLAIM": "groups"}
    with tracker_with(environment_with(prepared_environment(folder), provider.url, **more), folder) as tracker:
        yield tracker


@pytest.fixture
def sign_in(tracker, provider):
    """Sign somebody in whom the provider says to be in these groups. Return the browser and the answer."""

    def sign_in(who, groups, **more):
        claims = {"sub": who, "email": f"{who}@metropolis.example", "email_verified": True, "groups": groups}
        provider.be(claims | more)
        someone = Browser(tracker.address)
        return someone, someone.sign_in()

    yield sign_in
    provider.be()


def roles_of(tracker, name):
    code = f"print(*User.objects.get(email='{name}@metropolis.example').groups.values_list('name', flat=True))"
    return tracker.run(code)


def test_somebody_new_with_a_role_is_added_with_it(tracker, sign_in):
    someone, _answer = sign_in("ines", ["readers", "others"], name="Inés Romero")
    assert someone.person == "ines@metropolis.example"
    assert "Inés Romero" in someone.get("/accounts/sessions/").text
    assert roles_of(tracker, "ines") == "Board"


def test_the_highest_role_counts_and_follows_the_claim(tracker, sign_in):
    sign_in("omar", ["readers", "editors"])
    assert roles_of(tracker, "omar") == "Secretariat"
    sign_in("omar", "readers")
    assert roles_of(tracker, "omar") == "Board"


def test_a_regional_secretary_who_becomes_something_else_has_no_region_any_more(tracker, sign_in):
    sign_in("rita", ["regions"])
    assert tracker.run(GIVE_A_REGION) == "1"
    sign_in("rita", ["editors"])
    assert tracker.run("print(User.objects.get(email__startswith='rita').region)") == "None"


@pytest.mark.parametrize("groups", [[], ["others"], None, [{"name": "editors"}], 5])
def test_somebody_without_a_role_is_not_let_in(tracker, sign_in, groups):
    someone, answer = sign_in("nobody", groups)
    assert heading(answer) == (403, "You have no role in the tracker")
    assert someone.person is None
    assert tracker.run("print(User.objects.filter(email__startswith='nobody').exists())") == "False"


def test_a_linked_person_without_a_role_any_more_loses_it_and_every_session(tracker, sign_in):
    earlier, _answer = sign_in("lena", ["editors"])
    assert earlier.person == "lena@metropolis.example"
    assert heading(sign_in("lena", [])[1]) == (403, "You have no role in the tracker")
    assert (earlier.person, roles_of(tracker, "lena")) == (None, "")


def test_who_proves_to_have_no_role_any_more_is_signed_out(tracker, sign_in, provider):
    someone, _answer = sign_in("hana", ["heads"])
    someone.get("/accounts/sessions/")
    provider.be({"sub": "hana", "email": "hana@metropolis.example", "groups": []})
    answer = someone.sign_in(page="/accounts/organisation/reauthenticate/")
    assert heading(answer) == (403, "You have no role in the tracker")
    assert (someone.person, roles_of(tracker, "hana")) == (None, "")


def test_somebody_new_whose_address_is_not_verified_is_not_added(sign_in):
    assert heading(sign_in("eve", ["heads"], email_verified=False)[1])[0] == 403


def test_a_claim_does_not_take_the_last_administrator(tracker, sign_in):
    someone, _answer = sign_in("administrator", ["readers"])
    assert someone.person == "administrator@metropolis.example"
    assert roles_of(tracker, "administrator") == "Administrators"
    assert "the last administrator keeps the role" in tracker.log.read_text()
    assert heading(sign_in("administrator", [])[1])[0] == 403
    assert roles_of(tracker, "administrator") == "Administrators"
    sign_in("second", ["heads"])
    sign_in("administrator", ["readers"])
    assert roles_of(tracker, "administrator") == "Board"
