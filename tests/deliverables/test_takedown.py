"""Texts of the history can be taken down for a stated reason, and in no other way; the chain still verifies."""

import hashlib
import json
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverables.evidence.attached import store_upload
from deliverables.models import Evidence, StatusUpdate, Takedown
from deliverables.verification import verify_history
from plans.models import Plan
from reports.figures.summary import summarise
from reports.files.formats import FORMATS, write_history
from tests.builders import NOON, TODAY, deliverable, publish, report
from tests.deliverables.evidence.files import PDF
from tests.reports.files.office_files import text_of_docx, text_of_pptx

pytestmark = pytest.mark.django_db
PAGE = "/plans/2018-2020/L1M1D2/entries/66/take-down/"
REASON = "It named a person who asked for it."
SECRET = "Amina Diallo fell ill"


@pytest.fixture
def update(voice, sofia):
    """An update of form 2 whose every text names a person."""
    return report(
        voice,
        "in_progress",
        by=sofia,
        note=SECRET,
        next_step=f"Wait: {SECRET}",
        evidence=[Evidence(f"Letter: {SECRET}", "https://metropolis.org/amina-diallo")],
    )


def take_down(update, *parts, by, **fields):
    Takedown.objects.take_down(update, parts, **{"reason": REASON, "by": by} | fields)


def everything(plan):
    """All that visitors can download of a plan, as one text."""
    summary = summarise(Plan.objects.get(pk=plan.pk), today=TODAY)
    files = {extension: write(summary) for extension, (_type, write) in FORMATS.items()}
    texts = [files[extension].decode() for extension in ("html", "csv", "json", "stratml.xml")]
    return "".join([*texts, text_of_docx(files["docx"]), text_of_pptx(files["pptx"]), write_history(plan).decode()])


def test_a_text_is_removed_and_the_chain_still_verifies(update, adam, plan):
    head = update.digest
    take_down(update, "note-0", by=adam)
    update.refresh_from_db()
    plan.refresh_from_db()
    assert (update.note, update.note_salt, update.digest) == ("", "", head)
    assert verify_history(plan).unverifiable == ()


def test_taking_down_raises_the_revision(update, adam, plan):
    plan.refresh_from_db()
    before = plan.revision
    take_down(update, "note-0", by=adam)
    plan.refresh_from_db()
    assert plan.revision == before + 1


def test_every_text_of_an_update_can_be_taken_down(update, adam, plan, visitor):
    take_down(update, *update.removable_texts, by=adam)
    plan.refresh_from_db()
    assert len(verify_history(plan).head) == 64
    page = visitor.get("/plans/2018-2020/L1M1D2/").content.decode()
    assert ("Diallo" in everything(plan) + page, page.count(REASON)) == (False, 4)
    assert "The note was taken down on" in page


def test_a_text_of_form_1_can_be_taken_down_and_the_entry_is_named(voice, adam, plan):
    old = voice.updates.get()
    take_down(old, "note-0", "title-1", by=adam)
    plan.refresh_from_db()
    result = verify_history(plan)
    assert (result.length, result.unverifiable) == (65, (old.sequence,))
    assert StatusUpdate.objects.get(pk=old.pk).evidence == ()


def verify(export):
    """Run the program of the documentation on an export of the history."""
    program = re.search(r"```python\n(.+?)```", Path("docs/verifying.md").read_text(encoding="utf-8"), re.S)[1]
    return subprocess.run([sys.executable, "-c", program], input=export, capture_output=True, text=True)


def test_the_program_of_the_documentation_verifies_both_forms(update, voice, adam, plan):
    plan.refresh_from_db()
    assert verify(write_history(plan).decode()).stdout.startswith("whole: 66 entries")
    take_down(update, "note-0", "link-1", by=adam)
    take_down(voice.updates.get(sequence=2), "note-0", by=adam)
    export = json.loads(write_history(plan))
    result = verify(json.dumps(export)).stdout
    assert ("whole: 66 entries" in result, result.strip().endswith(": 2")) == (True, True)

    for damage in (
        lambda last: last["texts"].popitem(),
        lambda last: last.pop("taken_down"),
        lambda last: next(iter(last["texts"].values())).update(text="Forged"),
        lambda last: last["content"].update(next_step=None),
    ):
        forged = json.loads(json.dumps(export))
        damage(forged["updates"][-1])
        assert verify(json.dumps(forged)).returncode == 1


def test_it_verifies_files_and_so_does_whoever_has_one(voice, sofia, adam, plan):
    piece = store_upload(SimpleUploadedFile("minutes.pdf", PDF))
    update = report(voice, "in_progress", by=sofia, evidence=[piece])
    export = write_history(Plan.objects.get()).decode()
    assert verify(export).stdout.startswith("whole: 66 entries")

    # By hand, as the page says: the two lines before the hash of the file.
    lines = export.splitlines()
    [place] = [number for number, line in enumerate(lines) if hashlib.sha256(PDF).hexdigest() in line]
    salted, salt, found = (re.findall(r'"(\w+)"', line)[-1] for line in lines[place - 2 : place + 1])
    assert hashlib.sha256((salt + found).encode()).hexdigest() == salted
    assert json.loads(export)["updates"][-1]["content"]["evidence"][0]["file"] == salted

    assert verify(export.replace(found, "0" * 64)).returncode == 1
    take_down(update, "file-1", by=adam)
    assert verify(write_history(Plan.objects.get()).decode()).stdout.startswith("whole: 66 entries")


def test_a_text_that_was_taken_down_does_not_come_back(update, voice, adam, sofia):
    """By an old page, a draft, or a file that was exported before: it is refused, with the reason."""
    take_down(update, "note-0", "next_step-0", "title-1", by=adam)
    for fields in (
        {"note": f" {SECRET} "},
        {"next_step": f"Wait: {SECRET}"},
        {"evidence": [Evidence(f"Letter: {SECRET}")]},
        {"note": f"Wait: {SECRET}"},
    ):
        with pytest.raises(ValidationError, match="It named a person who asked for it."):
            report(voice, "in_progress", by=sofia, **fields)
    assert report(voice, "in_progress", by=sofia, note="Somebody fell ill.").note == "Somebody fell ill."
    assert SECRET not in str(Takedown.objects.values_list())


def test_a_corrected_entry_can_be_taken_down_too(administrator, update, voice, sofia):
    report(voice, "attained", by=sofia, corrects=update)
    page = administrator.get("/plans/2018-2020/L1M1D2/").content.decode()
    assert f"/entries/{update.sequence}/take-down/" in page


@pytest.mark.parametrize("reason", ["", " ", "no", "\u200b"])
def test_a_reason_is_a_sentence(update, adam, reason):
    with pytest.raises(ValidationError):
        take_down(update, "note-0", by=adam, reason=reason)
    update.refresh_from_db()
    assert update.note == SECRET


@pytest.mark.parametrize("parts", [[], ["note-1"], ["reason-0"], ["note-0", "title-7"]])
def test_what_is_not_there_cannot_be_taken_down(update, adam, parts):
    with pytest.raises(ValidationError, match="Choose what to take down"):
        take_down(update, *parts, by=adam)
    assert Takedown.objects.count() == 0


def test_taking_down_twice_is_refused(update, adam):
    take_down(update, "note-0", by=adam)
    with pytest.raises(ValidationError, match="already taken down"):
        take_down(update, "note-0", by=adam)


@pytest.mark.parametrize(
    "change",
    [
        lambda update: StatusUpdate.objects.filter(pk=update.pk).update(next_step=""),
        lambda update: StatusUpdate.objects.filter(pk=update.pk).update(note="Other"),
        lambda update: StatusUpdate.objects.filter(pk=update.pk).update(note="", status="attained"),
        lambda update: StatusUpdate.objects.filter(pk=update.pk).update(note_sha256=""),
        lambda update: StatusUpdate.objects.filter(sequence=1).update(note=""),
        lambda update: update.items.update(title=""),
        lambda update: Takedown.objects.update(reason="Other"),
        lambda update: Takedown.objects.all().delete(),
    ],
)
def test_the_triggers_allow_nothing_beside_what_was_taken_down(update, adam, change):
    take_down(update, "note-0", by=adam)
    with pytest.raises(IntegrityError, match="never changed and never deleted"), transaction.atomic():
        change(update)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["in_progress", "attained", "not_developed"]),
        st.text(max_size=20),
        st.lists(st.tuples(st.text("ab ñ", max_size=5), st.booleans()), max_size=2),
        st.sets(st.integers(0, 5)),
    ),
    max_size=5,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=ROWS)
def test_any_history_verifies_whatever_was_taken_down(voice, sofia, adam, plan, rows):
    """Both forms in one chain: the 65 entries of the fixture, and new ones with any texts and evidence."""
    with transaction.atomic():
        for number, (status, note, evidence, removed) in enumerate(rows, start=1):
            update = report(
                voice,
                status,
                by=sofia,
                effective_on=date(2021, 1, number),
                note=f"In the minutes of the Board, page {number}. {note}",
                reason="postponed" if status == "not_developed" else "",
                next_step="" if status == "attained" else f"{number} {note[:10]}",
                evidence=[
                    Evidence(f"{number}.{place} {title}", f"https://metropolis.org/{number}/{place}" if link else "")
                    for place, (title, link) in enumerate(evidence)
                ],
            )
            for each in (update, StatusUpdate.objects.get(sequence=number)):
                keys = list(each.removable_texts)
                if chosen := [keys[index] for index in removed if index < len(keys)]:
                    take_down(each, *chosen, by=adam)
        verified = verify_history(Plan.objects.get(pk=plan.pk))
        assert verified.length == 65 + len(rows)
        assert set(verified.unverifiable) == set(
            Takedown.objects.filter(update__form=1).values_list("update__sequence", flat=True)
        )
        transaction.set_rollback(True)


# The page


def test_the_page_takes_down_what_was_chosen(administrator, update):
    page = administrator.get(PAGE).content.decode()
    assert page.count(SECRET) >= 3
    answer = administrator.post(PAGE, {"parts": ["note-0"], "reason": REASON})
    assert (answer.status_code, answer.url) == (302, PAGE)
    update.refresh_from_db()
    assert (update.note, update.next_step) == ("", f"Wait: {SECRET}")


def test_the_page_refuses_without_choice_or_reason_and_keeps_what_was_typed(administrator, update):
    answer = administrator.post(PAGE, {"parts": [], "reason": REASON})
    assert (answer.status_code, REASON in answer.content.decode()) == (422, True)
    assert administrator.post(PAGE, {"parts": ["note-0"], "reason": "no"}).status_code == 422
    update.refresh_from_db()
    assert update.note == SECRET


def test_the_page_names_the_entries_that_repeat_a_text(administrator, update, voice, sofia):
    again = voice.confirm(by=sofia, on=date(2021, 6, 1), seen=voice.last_sequence)
    page = administrator.get(PAGE)
    assert page.context["repeating"] == [again]
    assert f"/entries/{again.sequence}/take-down/" in page.content.decode()


def test_the_page_opens_for_an_entry_with_a_number(administrator, plan, sofia):
    report(deliverable("L2M1D2"), "in_progress", by=sofia, achieved=4)
    page = administrator.get("/plans/2018-2020/L2M1D2/entries/66/take-down/")
    assert (page.status_code, "4 of 6 pilot projects" in page.content.decode()) == (200, True)


def test_the_secretariat_cannot_take_down(secretariat, update):
    assert secretariat.get(PAGE).status_code == 403


def test_the_page_lists_the_editions_that_hold_it(administrator, update, plan, sofia, adam):
    earlier = publish(plan, by=sofia, as_of=date(2021, 1, 1))
    holding = publish(plan, by=sofia)
    assert [edition.number for edition in administrator.get(PAGE).context["editions"]] == [holding.number]
    take_down(update, "note-0", by=adam, at=NOON + timedelta(hours=1))
    after = publish(plan, by=sofia, at=NOON + timedelta(hours=2))
    listed = [edition.number for edition in administrator.get(PAGE).context["editions"]]
    assert (listed, earlier.number, after.number) == ([holding.number], 1, 3)
