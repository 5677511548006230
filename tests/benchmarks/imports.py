"""Measure the seconds and megabytes that refusing a file takes, each in a new process. Run by `make bench`."""

import json
import subprocess
import sys

from tests.reports.imports.test_reading import REFUSED

CHILD = """
import json, re, sys, time
from pathlib import Path
import os
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "metropolis_tracker.settings"
django.setup()
from reports.imports.files.reading import Refused, read_source
content = sys.stdin.buffer.read()
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
before = peak()
begin = time.perf_counter()
try:
    read_source(content)
    answer = "read"
except Refused as reason:
    answer = str(reason)
seconds = time.perf_counter() - begin
print(json.dumps([seconds, peak() - before, answer]))
"""


def test_refusing_a_file_takes_less_than_two_seconds_and_150_megabytes():
    print("\nrefusing: seconds, MB more than before, and the sentence")
    for kind, (make, _sentence) in REFUSED.items():
        child = subprocess.run([sys.executable, "-c", CHILD], input=make(), capture_output=True, check=True)
        seconds, megabytes, answer = json.loads(child.stdout)
        print(f"{seconds:6.3f} s {megabytes:6.1f} MB  {kind:18} {answer[:70]}")
        assert (seconds < 2, megabytes < 150) == (True, True), kind
