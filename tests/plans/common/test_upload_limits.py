"""Upload limits stand in one module; nginx, which cannot read it, lets as much through."""

import re
from pathlib import Path

from plans.common import upload_limits


def test_nginx_lets_the_largest_upload_through():
    text = Path("docs/operating/nginx.conf").read_text(encoding="utf-8")
    mebibytes = int(re.search(r"client_max_body_size (\d+)m;", text)[1])
    assert mebibytes * 2**20 >= upload_limits.DOCUMENT + upload_limits.OVERHEAD


def test_a_limit_is_written_in_megabytes():
    assert upload_limits.megabytes(upload_limits.IMPORT) == 5
