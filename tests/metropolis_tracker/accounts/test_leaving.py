"""Somebody leaves: their deliverables are handed over in the form that deactivates them, and their sessions end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import lxml.html
import pytest
from django.db import connections

from deliverables.models import Deliverable
from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role
from plans.models import Plan
from tests.builders import deliverable
from tests.conftest import person, sign_in

pytestmark = pytest.mark.django_db
CODES = ("L1M1D1", "L1M3D2", "L2M5D1")


def give(someone, *codes):
    for code in codes or CODES:
        Deliverable.objects.filter(pk=deliverable(code).pk).update(responsible=someone)


def page_of(someone):
    return f"/admin/accounts/user/{someone.pk}/change/"


def typed(someone, **fields):
    """What the form of somebody who leaves sends, with one more thing changed: their name."""
    sent = {"name": f"{someone.name} (left)", "email": someone.email, "language": "es", "hand_over_to": "", "shown": 3}
    return sent | {"role": someone.groups.get().pk} | fields


def errors_of(response):
    form = response.context["adminform"].form
    return [str(error) for errors in form.errors.values() for error in errors]


@pytest.fixture
def left(running, rashid):
    """Rashid, who leaves and is responsible for three deliverables."""
    give(rashid)
    return rashid


def owners():
    return list(Deliverable.objects.exclude(responsible=None).values_list("responsible__name", flat=True))


def test_the_form_asks_who_takes_over_how_many(administrator, left, beatriz):
    page = lxml.html.fromstring(administrator.get(page_of(left)).content.decode())
    assert page.xpath("string(//label[@for='id_hand_over_to'])").strip() == "Hand over their 3 deliverables to:"
    options = page.xpath("//select[@id='id_hand_over_to']/option/text()")
    assert options == ["–", "Nobody yet", "Adam Weiss", "Beatriz Soler"]
    assert page.xpath("//input[@name='shown']/@value") == ["3"]


def test_who_is_responsible_for_nothing_is_not_asked(administrator, running, rashid):
    page = administrator.get(page_of(rashid)).content.decode()
    assert "hand_over_to" not in page
    administrator.post(page_of(rashid), typed(rashid, shown=""))
    rashid.refresh_from_db()
    assert (rashid.is_active, rashid.name) == (False, "Rashid Amrani (left)")


def test_a_person_leaves_and_another_takes_over_in_one_step(administrator, left, beatriz):
    before = Plan.objects.get().revision
    page = administrator.post(page_of(left), typed(left, hand_over_to=str(beatriz.pk)), follow=True)
    left.refresh_from_db()
    assert (left.is_active, owners()) == (False, ["Beatriz Soler"] * 3)
    assert "3 deliverables were handed over to Beatriz Soler." in [str(each) for each in page.context["messages"]]
    assert Plan.objects.get().revision > before


def test_they_may_be_left_to_nobody_yet(administrator, left):
    page = administrator.post(page_of(left), typed(left, hand_over_to="nobody"), follow=True)
    assert owners() == []
    assert "Nobody is responsible for 3 deliverables now." in [str(each) for each in page.context["messages"]]


def test_nobody_leaves_without_a_choice_and_what_was_typed_stays(administrator, left):
    response = administrator.post(page_of(left), typed(left))
    assert errors_of(response) == ["Choose who takes over their deliverables, or “Nobody yet”."]
    form = response.context["adminform"].form
    assert (form["name"].value(), form["language"].value(), form["is_active"].value()) == (
        "Rashid Amrani (left)", "es", False,
    )  # fmt: skip
    left.refresh_from_db()
    assert (left.is_active, owners()) == (True, ["Rashid Amrani"] * 3)


def test_deliverables_can_be_handed_over_while_somebody_stays(administrator, left, beatriz):
    administrator.post(page_of(left), typed(left, is_active="on", hand_over_to=str(beatriz.pk)))
    left.refresh_from_db()
    assert (left.is_active, owners()) == (True, ["Beatriz Soler"] * 3)


def test_a_person_who_stays_is_edited_without_a_choice(administrator, left):
    administrator.post(page_of(left), typed(left, is_active="on", shown=""))
    left.refresh_from_db()
    assert (left.name, owners()) == ("Rashid Amrani (left)", ["Rashid Amrani (left)"] * 3)


def test_what_somebody_who_left_is_responsible_for_can_still_be_handed_over(administrator, left, beatriz):
    """Those who left before there was this choice, or were made responsible at that very moment."""
    User.objects.filter(pk=left.pk).update(is_active=False)
    assert administrator.post(page_of(left), typed(left)).status_code == 302
    administrator.post(page_of(left), typed(left, hand_over_to=str(beatriz.pk)))
    assert owners() == ["Beatriz Soler"] * 3


@pytest.mark.parametrize("chosen", ["inactive", "themselves", "not-an-id", "00000000-0000-4000-8000-000000000000"])
def test_only_an_active_person_takes_over(administrator, left, beatriz, chosen):
    User.objects.filter(pk=beatriz.pk).update(is_active=False)
    chosen = {"inactive": beatriz.pk, "themselves": left.pk}.get(chosen, chosen)
    response = administrator.post(page_of(left), typed(left, hand_over_to=str(chosen)))
    assert errors_of(response) == ["This person can no longer take them over. Choose somebody else."]
    assert owners() == ["Rashid Amrani"] * 3


def test_another_number_than_the_page_showed_is_not_handed_over_unseen(administrator, left, beatriz):
    give(left, "L1M8D1")
    response = administrator.post(page_of(left), typed(left, hand_over_to=str(beatriz.pk)))
    assert errors_of(response) == [
        "Meanwhile this person is responsible for 4 deliverables. Check the form, then save again."
    ]
    form = response.context["adminform"].form
    assert (form["shown"].value(), form["hand_over_to"].value()) == ("4", str(beatriz.pk))
    administrator.post(page_of(left), typed(left, hand_over_to=str(beatriz.pk), shown=4))
    assert owners() == ["Beatriz Soler"] * 4


def test_where_a_colleague_was_first_the_second_is_told(administrator, left, beatriz, sofia):
    give(sofia)
    response = administrator.post(page_of(left), typed(left, hand_over_to=str(beatriz.pk)))
    assert errors_of(response) == [
        "Meanwhile this person is responsible for 0 deliverables. Check the form, then save again."
    ]
    assert owners() == ["Sofia Marín"] * 3


def test_the_hand_over_is_logged_without_names(administrator, adam, left, beatriz, caplog):
    caplog.set_level("INFO", "tracker.security")
    administrator.post(page_of(left), typed(left, hand_over_to=str(beatriz.pk)))
    logged = [record.fields for record in caplog.records if record.name == "tracker.security"]
    (event,) = [fields for fields in logged if fields["event"] == "deliverables handed over"]
    assert (event["person"], event["account"], event["to"], event["number"]) == (
        str(adam.pk), str(left.pk), str(beatriz.pk), "3",
    )  # fmt: skip
    assert "Beatriz" not in str(logged)


# Sessions


def test_a_deactivated_person_is_signed_out_at_once_and_stays_so_when_active_again(administrator, running, rashid):
    there = sign_in(rashid)
    assert there.get("/mail/").status_code == 200
    administrator.post(page_of(rashid), typed(rashid, shown=""))
    User.objects.filter(pk=rashid.pk).update(is_active=True)
    assert there.get("/mail/").status_code == 302


# Two administrators at once


def at_once(*requests):
    """Send the requests, each a (client, path, fields), at the same moment, and return the answers."""
    barrier = Barrier(len(requests))

    def send(request):
        client, path, fields = request
        try:
            barrier.wait(10)
            return client.post(path, fields)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))


@pytest.fixture
def committed(transactional_db):
    """Two administrators, and three people: Rashid is responsible for three deliverables."""
    Plan.objects.update(ends_on=date(2027, 12, 31))
    clients = [sign_in(person(name, Role.ADMINISTRATORS)) for name in ("Adam Weiss", "Anna Klein")]
    rashid, beatriz, sofia = (
        person(name, role)
        for name, role in (
            ("Rashid Amrani", Role.REGIONAL_SECRETARIES),
            ("Beatriz Soler", Role.BOARD),
            ("Sofia Marín", Role.SECRETARIAT),
        )
    )
    give(rashid)
    return clients, rashid, beatriz, sofia


@pytest.mark.django_db(transaction=True)
def test_of_two_who_hand_over_the_same_one_succeeds_and_the_other_is_told(committed):
    clients, rashid, beatriz, sofia = committed
    for _round in range(4):
        give(rashid)
        User.objects.filter(pk=rashid.pk).update(is_active=True, name="Rashid Amrani")
        forms = [typed(rashid, hand_over_to=str(to.pk)) for to in (beatriz, sofia)]
        answers = at_once(*((client, page_of(rashid), form) for client, form in zip(clients, forms, strict=True)))
        winner = [answer.status_code for answer in answers].index(302)
        assert sorted(answer.status_code for answer in answers) == [200, 302]
        assert owners() == [(beatriz, sofia)[winner].name] * 3
        assert errors_of(answers[1 - winner])[0].startswith("Meanwhile this person is responsible for 0 deliverables.")


@pytest.mark.django_db(transaction=True)
def test_nothing_is_handed_over_to_somebody_who_leaves_at_that_moment(committed):
    clients, rashid, beatriz, _sofia = committed
    for _round in range(4):
        give(rashid)
        User.objects.update(is_active=True)
        handing = typed(rashid, hand_over_to=str(beatriz.pk))
        leaving = typed(beatriz, shown="")
        answers = at_once((clients[0], page_of(rashid), handing), (clients[1], page_of(beatriz), leaving))
        assert sorted(answer.status_code for answer in answers) == [200, 302]
        assert not Deliverable.objects.filter(responsible__is_active=False).exists()
