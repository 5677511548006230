"""Measure a backup with its trial restore: of 20,000 updates, and with 300 MB of uploaded files. Run by `make bench`.

Each may take 20 seconds of this machine.
"""

import os
import re
import subprocess
import sys
import time

import pytest
from django.db import connection

from tests.server import fresh_environment, manage, prepare

SIZES = ["--plans", "10", "--deliverables", "2000", "--updates", "20000"]
FILES, FILE_SIZE = 60, 5_000_000
LIMIT = 20  # seconds
UPLOAD = f"""
import hashlib, os
from io import BytesIO
from django.core.files import File
from django.utils import timezone
from deliverables.models import EvidenceFile
for number in range({FILES}):
    content = os.urandom({FILE_SIZE})
    sha256 = hashlib.sha256(content).hexdigest()
    file = EvidenceFile.objects.create(sha256=sha256, size=len(content), kind="pdf", stored_at=timezone.now())
    file.write(File(BytesIO(content)))
"""


@pytest.fixture(scope="module")
def tracker(tmp_path_factory):
    environment = fresh_environment(tmp_path_factory.mktemp("backups") / "var") | {"STATEMENT_TIMEOUT": "0"}
    prepare(environment)
    subprocess.run([sys.executable, "-m", "tests.benchmarks.data", *SIZES], env=environment, check=True)
    return environment


def timed_backup(tracker, folder):
    """Make a backup, print how long it took, and return that in seconds, and what it said."""
    began, processor = time.monotonic(), sum(os.times()[2:4])
    said = manage(tracker, "backup", "--keep-all", folder)
    seconds, processor = time.monotonic() - began, sum(os.times()[2:4]) - processor
    print(
        f"\n{connection.vendor}: {seconds:.1f} s, of the processor {processor:.1f} s: {said.partition(': ')[2].strip()}"
    )
    return seconds, said


def test_20000_updates_take_less_than_20_seconds(tracker, tmp_path):
    seconds, said = timed_backup(tracker, tmp_path)
    assert int(re.search(r"(\d+) rows", said)[1]) > 30_000
    assert seconds < LIMIT


def test_with_300_megabytes_of_files_the_second_copies_nothing_and_takes_less_than_20_seconds(tracker, tmp_path):
    manage(tracker, "shell", "--verbosity", "0", input=UPLOAD)
    _seconds, first = timed_backup(tracker, tmp_path)
    assert f"{FILES} uploaded files, {FILES} of them new" in first
    seconds, second = timed_backup(tracker, tmp_path)
    assert f"{FILES} uploaded files, 0 of them new" in second
    assert seconds < LIMIT
