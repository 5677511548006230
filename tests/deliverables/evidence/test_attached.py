"""Files as evidence, from the form to the download: attached, recorded, taken down, exported."""

import csv
import errno
import hashlib
import io
import json
import os
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone
from jsonschema import Draft202012Validator
from lxml import html
from PIL import Image
from pypdf import PdfReader

from deliverables.evidence.attached import store_upload
from deliverables.models import EvidenceFile, EvidenceItem, StatusUpdate, Takedown
from deliverables.models.evidence_file import storage, storage_name
from deliverables.verification import verify_history
from plans.models import FormDraft, Plan, Visibility
from reports.figures.snapshot import from_snapshot
from reports.figures.summary import summarise
from reports.files.formats import write_csv, write_history, write_json, write_pdf
from reports.files.schema import SCHEMA
from tests.builders import TODAY, deliverable, form, preview_of, publish, report
from tests.conftest import browser_of
from tests.deliverables.evidence.files import PDF, hidden_data, picture, saved

pytestmark = pytest.mark.django_db
PAGE = "/plans/2018-2020/L1M1D2/"
UPLOAD = "/plans/2018-2020/files/"
SHA256 = hashlib.sha256(PDF).hexdigest()


def upload(content=PDF, name="Board_minutes-2021.pdf"):
    return SimpleUploadedFile(name, content)


def text_of(response):
    return " ".join(response.content.decode().split())


def send(client, **fields):
    sent = form(deliverable("L1M1D2"), status="in_progress", note="Begun in Dakar.") | fields
    return client.post(f"{PAGE}status/", sent)


def attached(response):
    """The tokens of the files that a form shows as attached."""
    return html.fromstring(response.content).xpath("//input[@name='files-token']/@value")


def stored_piece(content=PDF, name="Board_minutes-2021.pdf"):
    return store_upload(upload(content, name))


def is_stored(sha256=SHA256):
    return storage().exists(storage_name(sha256))


# Uploading and sending


def test_a_file_is_recorded_with_the_form(secretariat, plan):
    assert send(secretariat, files=[upload()]).status_code == 302
    [item] = deliverable("L1M1D2").updates.order_by("-sequence").first().items.all()
    assert (item.title, item.file, item.file_size, item.file_kind) == ("Board minutes 2021", SHA256, len(PDF), "pdf")
    verify_history(Plan.objects.get())


def test_it_is_uploaded_first_where_a_script_runs(secretariat, plan):
    answer = secretariat.post(UPLOAD, {"files": upload()})
    [token] = attached(answer)
    assert answer.status_code == 200
    assert send(secretariat, **{"files-token": [token], f"files-title-{SHA256}": "The minutes"}).status_code == 302
    assert str(EvidenceItem.objects.get(file=SHA256)) == "The minutes"


def test_attained_with_a_file_needs_nothing_else(secretariat, plan):
    assert send(secretariat, status="attained", note="", files=[upload()]).status_code == 302
    page = secretariat.get("/plans/2018-2020/deliverables/?attention=no_evidence")
    assert "L1M1D2" not in [str(row.code) for row in page.context["page"]]


def test_an_error_elsewhere_does_not_lose_the_file(secretariat, plan):
    answer = send(secretariat, status="", files=[upload()])
    assert answer.status_code == 422
    [token] = attached(answer)
    assert 'value="Board minutes 2021"' in text_of(answer)
    assert send(secretariat, **{"files-token": [token]}).status_code == 302
    assert EvidenceItem.objects.filter(file=SHA256).count() == 1


def test_a_file_that_is_refused_does_not_lose_the_others_or_what_was_typed(secretariat, plan):
    wrong = upload(b"<!doctype html><p>not a PDF", "report.pdf")
    answer = send(secretariat, note="Words in Dakar.", files=[upload(), wrong])
    assert answer.status_code == 422
    assert len(attached(answer)) == 1
    assert "report.pdf: This is a web page" in text_of(answer)
    assert "Words in Dakar." in text_of(answer)
    assert not StatusUpdate.objects.filter(note="Words in Dakar.").exists()


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.pdf", "empty"),
        (b"<html>", "a.pdf", "web page"),
        (b"MZ\x90\0", "a.docx", "something else, or damaged"),
        (saved(picture(), "png")[:60], "a.png", ""),
    ],
)
def test_a_script_is_told_why_a_file_is_refused(secretariat, plan, content, name, reason):
    answer = secretariat.post(UPLOAD, {"files": upload(content, name)})
    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert not EvidenceFile.objects.exists()


def test_a_request_without_a_file_says_so(secretariat, plan):
    assert secretariat.post(UPLOAD, {}).status_code == 422


def test_a_box_that_is_unticked_leaves_the_file_out(secretariat, plan):
    first, second = (attached(secretariat.post(UPLOAD, {"files": upload(PDF + extra)}))[0] for extra in (b"", b"\n"))
    send(secretariat, **{"files-token": [second], f"files-title-{second.split()[0]}": "Second"})
    assert [str(item) for item in EvidenceItem.objects.exclude(file="")] == ["Second"]
    assert first


def test_five_pieces_are_the_most(secretariat, plan):
    files = [upload(PDF + bytes([10] * number), f"{number}.pdf") for number in range(5)]
    answer = send(secretariat, files=files, evidence_link="https://metropolis.org")
    assert "Give at most 5 pieces of evidence." in text_of(answer)
    assert len(attached(answer)) == 5


@pytest.mark.parametrize("token", ["forged", f"{SHA256} 5 pdf", f"{SHA256} 5 pdf:1abc:forged"])
def test_nobody_attaches_a_file_that_they_have_not_uploaded(secretariat, plan, token):
    stored_piece()
    answer = send(secretariat, **{"files-token": [token]})
    assert answer.status_code == 422
    assert "Upload it again." in text_of(answer)


def test_a_title_that_is_too_long_is_an_error(secretariat, plan):
    [token] = attached(secretariat.post(UPLOAD, {"files": upload()}))
    answer = send(secretariat, **{"files-token": [token], f"files-title-{SHA256}": "x" * 301})
    assert "longer than 300 characters" in text_of(answer)


def test_a_draft_keeps_the_file(secretariat, plan, sofia):
    [token] = attached(secretariat.post(UPLOAD, {"files": upload()}))
    fields = {"status": ["in_progress"], "files-token": [token], f"files-title-{SHA256}": ["My title"]}
    FormDraft.objects.store(sofia, PAGE, fields.items(), timezone.now())
    page = secretariat.get(PAGE)
    assert [each.split()[0] for each in attached(page)] == [SHA256]
    assert 'value="My title"' in text_of(page)


def test_a_full_disk_loses_nothing_typed(secretariat, plan, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = send(secretariat, note="Words in Dakar.", files=[upload(PDF + b"\n" * 9)])
    assert answer.status_code == 422
    assert "could not be stored" in text_of(answer)
    assert "Words in Dakar." in text_of(answer)
    assert not EvidenceFile.objects.exists()


def test_nobody_fills_the_disk_with_uploads(secretariat, plan, monkeypatch):
    monkeypatch.setattr("deliverables.models.evidence_file.MAX_UNUSED_BYTES", 3 * len(PDF))
    answers = [secretariat.post(UPLOAD, {"files": upload(PDF + b"\n" * number)}).status_code for number in range(4)]
    assert answers == [200, 200, 422, 422]
    assert send(secretariat, note="A text without a file.").status_code == 302


def test_a_photo_loses_its_place_and_is_recorded_without_it(secretariat, plan):
    photo = saved(picture(), "jpeg", exif=hidden_data())
    assert send(secretariat, files=[upload(photo, "IMG_0001.JPG")]).status_code == 302
    item = EvidenceItem.objects.get(file_kind="jpeg")
    with storage().open(storage_name(item.file)) as content:
        assert not Image.open(content).getexif().get_ifd(0x8825)
        assert b"Nadia" not in content.seek(0) * b"" + content.read()


SUBMISSION = "6d9e2d5a-22b7-4a4a-9d8e-0d3b0f6b2a11"


def test_a_correction_brings_the_file_along_and_another_status_leaves_it(secretariat, plan, sofia):
    update = report(deliverable("L1M1D2"), "attained", by=sofia, evidence=[stored_piece()])
    page = secretariat.get(f"{PAGE}?correct={update.sequence}")
    [token] = attached(page)
    fields = {"corrects": update.sequence, "carries_evidence": "True", "files-token": [token]}
    title = {f"files-title-{SHA256}": "Board minutes 2021"}
    answer = send(secretariat, **fields, **title)
    assert answer.status_code == 422
    assert "its evidence was removed" in text_of(answer)
    assert attached(answer) == []
    assert send(secretariat, status="attained", **fields, **title).status_code == 302


def test_confirming_repeats_the_file(plan, sofia):
    Plan.objects.update(ends_on="2027-12-31")
    update = report(deliverable("L1M1D2"), "in_progress", by=sofia, evidence=[stored_piece()])
    on = deliverable("L1M1D2")
    confirmed = on.confirm(by=sofia, on=TODAY, seen=update.sequence)
    assert StatusUpdate.objects.get(pk=confirmed.pk).evidence == update.evidence


# Storage


def test_the_same_content_is_stored_once(plan):
    assert stored_piece().file == stored_piece(name="another name.pdf").file
    assert EvidenceFile.objects.count() == 1


def test_half_a_file_is_written_again(plan):
    stored_piece()
    with storage().open(storage_name(SHA256), "wb") as file:
        file.write(b"half")
    stored_piece()
    assert EvidenceFile.objects.get().is_intact


def test_what_nobody_sends_is_removed_after_its_draft(plan, sofia):
    with time_machine.travel(timezone.now() - timedelta(days=9)):
        stored_piece()
        used = stored_piece(PDF + b"\n")
    report(deliverable("L1M1D2"), "in_progress", by=sofia, evidence=[used])
    stored_piece(PDF + b"\n\n")
    assert not is_stored()
    assert is_stored(used.file.sha256)
    assert EvidenceFile.objects.count() == 2


def test_the_daily_command_removes_what_nobody_sent(plan, sofia):
    with time_machine.travel(timezone.now() - timedelta(days=9)):
        for number in range(3):
            stored_piece(PDF + b"\n" * number)
        used = stored_piece(PDF + b"used")
    report(deliverable("L1M1D2"), "in_progress", by=sofia, evidence=[used])
    call_command("clean_up", stdout=io.StringIO())
    assert [file.sha256 for file in EvidenceFile.objects.all()] == [used.file.sha256]
    assert is_stored(used.file.sha256)


def test_a_token_expires_before_its_file_goes(secretariat, plan):
    with time_machine.travel(timezone.now() - timedelta(days=8)):
        [token] = attached(browser_of_sofia().post(UPLOAD, {"files": upload()}))
    assert "uploaded too long ago" in text_of(send(secretariat, **{"files-token": [token]}))


def browser_of_sofia():
    return browser_of(type(deliverable("L1M1D1")).responsible.field.related_model.objects.get(name="Sofia Marín"))


def test_a_file_that_is_gone_cannot_be_recorded(plan, sofia):
    piece = stored_piece()
    EvidenceFile.objects.remove_unused(only=[SHA256])
    with pytest.raises(ValidationError, match="no longer there"):
        report(deliverable("L1M1D2"), "in_progress", by=sofia, evidence=[piece])


# Reading


@pytest.fixture
def recorded(plan, sofia):
    return report(deliverable("L1M1D2"), "in_progress", by=sofia, evidence=[stored_piece()])


def test_a_download_is_no_page(visitor, recorded):
    answer = visitor.get(f"/files/{SHA256}/")
    assert answer.content == PDF  # in one piece: see `file_views.evidence_file`
    headers = dict(answer.headers)
    assert headers["Content-Disposition"] == 'attachment; filename="Board minutes 2021.pdf"'
    assert (headers["Content-Type"], headers["Content-Length"]) == ("application/pdf", str(len(PDF)))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"


def test_the_page_offers_it_with_kind_and_size(visitor, recorded):
    page = text_of(visitor.get(PAGE))
    assert f'<a href="/files/{SHA256}/" rel="nofollow" download><bdi>Board minutes 2021</bdi></a>' in page
    assert "(PDF, 57\xa0bytes)" in page or re.search(r"\(PDF, \d+\s\w+\)", page)


@pytest.mark.parametrize("visibility", [Visibility.MEMBERS, Visibility.DRAFT])
def test_a_file_of_a_plan_that_one_may_not_read_is_not_found(visitor, board, secretariat, recorded, visibility):
    Plan.objects.update(visibility=visibility)
    assert visitor.get(f"/files/{SHA256}/").status_code == 404
    assert board.get(f"/files/{SHA256}/").status_code == (200 if visibility == Visibility.MEMBERS else 404)
    assert secretariat.get(f"/files/{SHA256}/").headers["Cache-Control"] == "private, no-store"


def test_a_download_that_is_not_public_is_logged(board, beatriz, recorded, caplog):
    caplog.set_level("INFO", "tracker.security")
    board.get(f"/files/{SHA256}/")
    Plan.objects.update(visibility=Visibility.MEMBERS)
    board.get(f"/files/{SHA256}/")
    [fields] = [record.fields for record in caplog.records if record.name == "tracker.security"]
    assert (fields["event"], fields["person"]) == ("export of non-public data", str(beatriz.pk))


@pytest.mark.parametrize("path", [f"/files/{'0' * 64}/", "/files/..%2F..%2Fsecret_key/", "/files/%00/"])
def test_nothing_else_can_be_read(visitor, recorded, path):
    assert visitor.get(path).status_code == 404


def test_an_upload_that_is_not_recorded_can_be_read_by_nobody(visitor, secretariat, plan):
    stored_piece()
    assert visitor.get(f"/files/{SHA256}/").status_code == 404
    assert secretariat.get(f"/files/{SHA256}/").status_code == 404


def test_a_file_that_the_disk_has_lost_is_not_found(visitor, recorded):
    storage().delete(storage_name(SHA256))
    assert visitor.get(f"/files/{SHA256}/").status_code == 404


# Taking down


def test_a_file_is_taken_down_with_its_bytes(visitor, recorded, adam):
    Takedown.objects.take_down(recorded, ["file-1", "title-1"], reason="It shows a private address.", by=adam)
    assert visitor.get(f"/files/{SHA256}/").status_code == 404
    assert not is_stored()
    verify_history(Plan.objects.get())
    page = text_of(visitor.get(PAGE))
    assert "The file of a piece of evidence was taken down" in page
    with pytest.raises(ValidationError, match="taken down"):
        report(deliverable("L1M1D2"), "in_progress", by=adam, evidence=[stored_piece()])


def test_it_stays_where_another_entry_has_it(recorded, adam, sofia):
    report(deliverable("L1M1D1"), "attained", by=sofia, evidence=[stored_piece()])
    Takedown.objects.take_down(recorded, ["file-1"], reason="It shows a private address.", by=adam)
    assert is_stored()


def test_the_page_of_taking_down_names_the_file_by_its_title(administrator, recorded):
    page = text_of(administrator.get(f"{PAGE}entries/{recorded.sequence}/take-down/"))
    assert "The file of a piece of evidence: Board minutes 2021" in page


@pytest.mark.parametrize("column", ["file", "file_salt", "file_sha256", "file_size", "file_kind"])
def test_the_database_refuses_to_change_it(recorded, column):
    with pytest.raises(Exception, match="never changed"):
        EvidenceItem.objects.filter(file=SHA256).update(**{column: 0 if column == "file_size" else ""})


# Files and imports


def test_exports_hold_its_address_hash_and_size(recorded):
    summary = summarise(Plan.objects.get(), today=TODAY)
    content = json.loads(write_json(summary))
    Draft202012Validator(SCHEMA).validate(content)
    [row] = [row for row in content["deliverables"] if row["code"] == "L1M1D2"]
    link = f"http://127.0.0.1:8000/files/{SHA256}/"
    file = {"sha256": SHA256, "size": len(PDF), "kind": "pdf", "link": link}
    assert row["evidence"] == [{"title": "Board minutes 2021", "link": "", "file": file}]
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(write_csv(summary).decode("utf-8-sig")))}
    assert rows["L1M1D2"]["evidence_link"] == link
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(write_pdf(summary))).pages)
    assert "Files of evidence" in text
    assert SHA256 in re.sub(r"\s", "", text)


def test_the_history_has_what_its_digest_covers(recorded):
    update = json.loads(write_history(Plan.objects.get()))["updates"][-1]
    salted = recorded.items.get().file_sha256
    assert (update["content"]["evidence"][0]["file"], update["texts"][salted]["text"]) == (salted, SHA256)


def test_our_own_export_changes_nothing_and_a_new_status_keeps_the_file(recorded):
    plan = Plan.objects.get()
    content = write_csv(summarise(plan, today=TODAY))
    assert preview_of(plan, content, "statuses").steps == []
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    row = next(line for line in lines if line["code"] == "L1M1D2")
    row |= {"note": "Another note of the same.", "effective_on": "2021-02-01"}
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, row)
    writer.writeheader()
    writer.writerows(lines)
    [step] = preview_of(plan, text.getvalue().encode(), "statuses").steps
    assert [piece.file and piece.file.sha256 for piece in step.update.evidence] == [SHA256]


def test_a_link_to_a_file_of_another_deliverable_stays_a_link(recorded, plan):
    text = f"code,status,effective_on,evidence_link\nL1M1D1,attained,2021-02-01,http://127.0.0.1:8000/files/{SHA256}/\n"
    [step] = preview_of(plan, text.encode(), "statuses").steps
    assert [piece.file for piece in step.update.evidence] == [None]


def test_an_edition_keeps_the_hash(recorded, sofia):
    edition = publish(Plan.objects.get(), by=sofia)
    [row] = [row for row in from_snapshot(edition.summary).rows if str(row.code) == "L1M1D2"]
    assert [piece.file.sha256 for piece in row.evidence] == [SHA256]
