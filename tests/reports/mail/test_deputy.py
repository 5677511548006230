"""Choosing a deputy on the page of one's e-mails, and the region of a person in the admin."""

import pytest

from metropolis_tracker.accounts.models import User
from plans.models import Region
from tests.builders import deliverable

pytestmark = pytest.mark.django_db


def text_of(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def secretary(rashid):
    User.objects.filter(pk=rashid.pk).update(region=Region.objects.get(slug="africa"))
    return rashid


def test_a_secretary_chooses_a_deputy_and_takes_it_back(regional, secretary, beatriz):
    assert "Your deputy" in text_of(regional.get("/mail/"))
    answer = regional.post("/mail/deputy/", {"deputy": str(beatriz.pk)}, follow=True)
    assert "Beatriz Soler may now report in your place, and is asked too." in text_of(answer)
    assert User.objects.get(pk=secretary.pk).deputy == beatriz
    regional.post("/mail/deputy/", {"deputy": ""})
    assert User.objects.get(pk=secretary.pk).deputy is None


def test_the_choice_is_logged(regional, secretary, beatriz, caplog):
    caplog.set_level("INFO", "tracker.security")
    regional.post("/mail/deputy/", {"deputy": str(beatriz.pk)})
    [fields] = [record.fields for record in caplog.records if record.name == "tracker.security"]
    assert (fields["event"], fields["person"], fields["deputy"]) == (
        "deputy chosen", str(secretary.pk), str(beatriz.pk),
    )  # fmt: skip


@pytest.mark.parametrize("chosen", ["self", "inactive", "nonsense"])
def test_nobody_else_can_be_chosen(regional, secretary, beatriz, chosen):
    User.objects.filter(pk=beatriz.pk).update(is_active=False)
    values = {"self": str(secretary.pk), "inactive": str(beatriz.pk), "nonsense": "nobody"}
    regional.post("/mail/deputy/", {"deputy": values[chosen]})
    assert User.objects.get(pk=secretary.pk).deputy is None


def test_who_reports_on_nothing_needs_none(board, beatriz, sofia):
    assert "Your deputy" not in text_of(board.get("/mail/"))
    board.post("/mail/deputy/", {"deputy": str(sofia.pk)})
    assert User.objects.get(pk=beatriz.pk).deputy is None


def test_who_is_responsible_may_have_one(board, beatriz, sofia):
    row = deliverable("L1M1D1")
    row.responsible = beatriz
    row.save(update_fields=["responsible"])
    board.post("/mail/deputy/", {"deputy": str(sofia.pk)})
    assert User.objects.get(pk=beatriz.pk).deputy == sofia


def save_person(administrator, someone, **fields):
    sent = {"name": someone.name, "email": someone.email, "role": someone.groups.get().pk, "is_active": "on"} | fields
    return administrator.post(f"/admin/accounts/user/{someone.pk}/change/", sent)


def test_an_administrator_gives_a_secretary_a_region_and_a_deputy(administrator, rashid, beatriz):
    europe = Region.objects.get(slug="europe")
    assert save_person(administrator, rashid, region=europe.pk, deputy=beatriz.pk).status_code == 302
    rashid.refresh_from_db()
    assert (rashid.region, rashid.deputy) == (europe, beatriz)


def test_only_secretaries_have_a_region(administrator, beatriz):
    answer = save_person(administrator, beatriz, region=Region.objects.get(slug="europe").pk)
    assert "Only regional secretaries have a region." in text_of(answer)


def test_nobody_is_their_own_deputy(administrator, rashid):
    assert save_person(administrator, rashid, deputy=rashid.pk).status_code == 200
    rashid.refresh_from_db()
    assert rashid.deputy is None
