"""An edition can be withdrawn from reading: its files are no longer given out, its hashes stay."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from reports.editions.models import Edition
from reports.editions.withdrawal import EditionWithdrawal
from tests.builders import publish

pytestmark = pytest.mark.django_db
REASON = "It named a person who asked for it."
PAGE = "/plans/2018-2020/editions/2/"


@pytest.fixture
def editions(plan, sofia):
    return publish(plan, by=sofia, as_of=date(2020, 12, 31)), publish(plan, by=sofia)


def withdraw(edition, by, **fields):
    EditionWithdrawal.objects.withdraw(edition, **{"reason": REASON, "is_erased": False, "by": by} | fields)


def test_its_documents_are_no_longer_given_out_and_its_page_says_why(editions, adam, visitor):
    link = visitor.get(PAGE).context["documents"][0].get_absolute_url()
    assert visitor.get(link).status_code == 200
    withdraw(editions[1], adam)
    answer = visitor.get(link)
    assert (answer.status_code, answer.url) == (302, PAGE)
    page = visitor.get(PAGE).content.decode()
    assert (REASON in page, editions[1].documents.first().sha256 in page) == (True, True)
    assert 'class="figures"' not in page


def test_the_edition_before_becomes_the_current_one(editions, adam, plan, visitor):
    withdraw(editions[1], adam)
    assert plan.editions.current_of(plan).number == 1
    assert plan.editions.to_compare(plan, date(2027, 1, 1)).number == 1
    page = visitor.get("/plans/2018-2020/editions/1/").content.decode()
    assert "Superseded" not in page
    assert "Withdrawn from reading" in visitor.get("/plans/2018-2020/reports/").content.decode()


def test_under_lock_the_bytes_stay_and_can_be_erased_later(editions, adam):
    withdraw(editions[1], adam)
    assert all(bytes(document.content) for document in editions[1].documents.all())
    withdraw(editions[1], adam, is_erased=True)
    edition = Edition.objects.get(pk=editions[1].pk)
    assert (edition.summary, {bytes(document.content) for document in edition.documents.all()}) == ({}, {b""})
    with pytest.raises(ValidationError, match="already withdrawn"):
        withdraw(editions[1], adam, is_erased=True)


def test_an_erased_edition_is_no_fault_and_its_files_can_still_be_verified(editions, adam, visitor):
    hash_ = editions[1].documents.first().sha256
    withdraw(editions[1], adam, is_erased=True)
    call_command("verify_editions")
    answer = visitor.get(f"/verify/?hash={hash_}").content.decode()
    assert ("edition 2" in answer, "It was withdrawn from reading." in answer, "None" in answer) == (True, True, False)
    assert visitor.get(PAGE).status_code == 200
    assert visitor.get("/plans/2018-2020/").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda edition: edition.documents.update(content=b""),
        lambda edition: Edition.objects.filter(pk=edition.pk).update(summary={}),
        lambda edition: edition.withdrawals.update(reason="Other"),
        lambda edition: edition.withdrawals.all().delete(),
    ],
)
def test_the_database_refuses_to_erase_what_was_only_withdrawn(editions, adam, change):
    withdraw(editions[1], adam)
    with pytest.raises(IntegrityError, match="never changed and never deleted"), transaction.atomic():
        change(editions[1])


def test_the_page_asks_for_a_reason_and_keeps_what_was_typed(administrator, editions):
    answer = administrator.post(PAGE + "withdraw/", {"reason": "no"})
    assert (answer.status_code, "Everybody can read it." in answer.content.decode()) == (422, True)
    assert administrator.post(PAGE + "withdraw/", {"reason": REASON}).url == PAGE
    assert administrator.post(PAGE + "withdraw/", {"reason": REASON}).status_code == 422


def test_the_secretariat_cannot_withdraw(secretariat, editions):
    assert secretariat.get(PAGE + "withdraw/").status_code == 403


def test_a_withdrawn_edition_says_which_hash_is_of_which_document(editions, adam, visitor):
    withdraw(editions[1], adam)
    page = visitor.get(PAGE).content.decode()
    assert ("<b>Summary, PDF</b>" in page, "<b>One-page brief, PDF</b>" in page) == (True, True)
