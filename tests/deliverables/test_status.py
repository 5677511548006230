import re
from pathlib import Path

import pytest

from deliverables.status import Status


def test_no_status_cannot_be_recorded():
    assert Status.recordable() == [Status.ATTAINED, Status.IN_PROGRESS, Status.NOT_DEVELOPED]


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_colour_token_and_a_glyph(status):
    tokens = Path("static/css/foundation.css").read_text(encoding="utf-8")
    sprite = Path("templates/components/sprite.html").read_text(encoding="utf-8")
    assert (len(re.findall(rf"\.{status.value} \{{", tokens)), sprite.count(f'id="{status.value}"')) == (1, 1)
