import re
from pathlib import Path

import pytest

from deliverables.forms import EVIDENCE_NAMES, StatusFieldsForm
from deliverables.status import Status


def test_no_status_cannot_be_recorded():
    assert Status.recordable() == [Status.ATTAINED, Status.IN_PROGRESS, Status.NOT_DEVELOPED]


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_colour_token_and_a_glyph(status):
    tokens = Path("static/css/tokens.css").read_text(encoding="utf-8")
    sprite = Path("templates/components/sprite.html").read_text(encoding="utf-8")
    assert (len(re.findall(rf"\.{status.value} \{{", tokens)), sprite.count(f'id="{status.value}"')) == (1, 1)


def test_each_recordable_status_has_a_key_of_its_own_and_leads_to_a_field_of_the_form():
    recordable = Status.recordable()
    assert len({status.key for status in recordable}) == len(recordable)
    assert {status.next_field for status in recordable} <= {*StatusFieldsForm.base_fields, *EVIDENCE_NAMES}


@pytest.mark.parametrize("path", sorted(Path("static/js").glob("*.js")), ids=str)
def test_no_status_is_named_in_javascript(path):
    """Scripts read from the page what a status is called, which key chooses it and which field follows."""
    code = path.read_text(encoding="utf-8")
    assert [status.value for status in Status if status.value in code] == []
