"""Measure how long an import takes, and how long another person waits who records while it is written.

Each row has a status and a link: for deliverables that are stored already, and together with new ones. The other person
is another process, which begins to record in the same plan when the first row is written. Run by `make bench`.
"""

import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from deliverables.models import Deliverable
from deliverables.verification import verify_history
from metropolis_tracker.accounts.models import User
from plans.models import Plan, Visibility
from reports.imports.applying import apply, preview_import
from reports.imports.files.source import Sheet, Source
from reports.imports.mapping.choices import Content, guess
from reports.imports.models import Import
from tests.builders import new_plan
from tests.server import fresh_environment, manage, prepare

SLUG, TIMES = "2021-2023", 10
TARGETS = {760: 2, 5000: 10}  # seconds
WAIT = {"postgresql": 0.5, "sqlite": 2}
PART_HEADS = ["action_line_title", "measure_statement", "themes", "title", "due_on"]
STATUS_HEADS = ["code", "status", "effective_on", "evidence_title", "evidence_link", "note"]
SHELL = "from tests.benchmarks import applying; applying.{call}"


def codes(number):
    """Return the numbers of so many deliverables, eight in a measure and twenty measures in a line, from line 2 on."""
    return [(2 + place // 160, 1 + place // 8 % 20, 1 + place % 8) for place in range(number)]


def table(number, *, has_parts):
    """Return the rows of a file with a status of each deliverable, and with its parts of the plan or without."""
    rows = [(1, PART_HEADS * has_parts + STATUS_HEADS)]
    for row, (line, measure, each) in enumerate(codes(number), start=2):
        code, day = f"L{line}M{measure}D{each}", f"2022-0{5 if has_parts else 6}-{1 + row % 28:02}"
        parts = [f"Line {line}", f"That {measure} is done.", "Gender; Youth", f"Deliverable {code}", day]
        status, link = ("attained", "in_progress")[row % 2], f"https://metropolis.org/{code}"
        cells = [code, status, day, "Minutes", link, f"Seen in the minutes of {code}."]
        rows.append((row, parts * has_parts + cells))
    return rows


def start():
    """Make a plan with the one deliverable on which the other person records."""
    User.objects.create_user("s@metropolis.example", name="Sofia", role="Secretariat")
    new_plan(SLUG, visibility=Visibility.DRAFT)


def run(number, has_parts):
    """Apply an import, and print how long its preview and its application took."""
    sofia, flag = User.objects.get(email="s@metropolis.example"), Path(settings.DATA_DIR, "writing")
    plan = Plan.objects.get(slug=SLUG)
    imported = Import(plan=plan, file_name="table.csv", by=sofia)
    reading = guess(Source("csv", [Sheet("", table(number, has_parts=has_parts))]), plan)
    reading.choices.content = Content.ALL.value if has_parts else Content.STATUSES.value
    imported.store(reading, timezone.now())

    while not Path(settings.DATA_DIR, "ready").exists():
        time.sleep(0.001)
    began = time.perf_counter()
    preview = preview_import(plan, Import.objects.get(pk=imported.pk).reading)
    assert preview.problems == []
    previewed = time.perf_counter()

    def tell(execute, sql, *arguments):
        answer = execute(sql, *arguments)
        if sql.startswith("INSERT") or sql.endswith("FOR UPDATE"):  # SQLite is locked as a whole, without a statement
            flag.touch()
        return answer

    with connection.execute_wrapper(tell):
        apply(imported, preview, seen=preview.plan.revision, by=sofia, at=timezone.now())
    print(json.dumps([previewed - began, time.perf_counter() - previewed]))
    verify_history(Plan.objects.get(slug=SLUG))


def record():
    """Record again and again once an import is written, and print the longest time that it took."""
    sofia, flag, seconds = User.objects.get(email="s@metropolis.example"), Path(settings.DATA_DIR, "writing"), []
    row = Deliverable.objects.of_plan(SLUG).order_by("pk").first()
    ready = Path(settings.DATA_DIR, "ready")
    ready.touch()
    while not flag.exists():
        time.sleep(0.001)
    ready.unlink()
    for turn in range(TIMES):
        began, fields = time.perf_counter(), {"note": f"Turn {turn}", "seen": row.last_sequence}
        row.record("in_progress", by=sofia, effective_on=date(2022, 6, 1), **fields)
        seconds.append(time.perf_counter() - began)
    flag.unlink()
    print(json.dumps(max(seconds)))


@pytest.mark.parametrize("number", TARGETS)
def test_an_import_is_quick_and_in_nobodys_way(tmp_path, number):
    environment = fresh_environment(tmp_path)
    prepare(environment)
    manage(environment, "shell", "-v", "0", input=SHELL.format(call="start()"))
    print(f"\n{connection.vendor}, {number} deliverables: seconds")
    for has_parts, name in ((True, "new, with statuses"), (False, "statuses alone")):
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", SHELL.format(call="record()")]
        other = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            answer = manage(environment, "shell", "-v", "0", input=SHELL.format(call=f"run({number}, {has_parts})"))
        except subprocess.CalledProcessError:
            other.kill()  # it would wait for ever
            raise
        preview, applied = json.loads(answer.splitlines()[-1])
        waited = json.loads(other.communicate(timeout=60)[0])
        print(f"{name:18} preview {preview:5.2f}, apply {applied:5.2f} (target: {TARGETS[number]} together), "
              f"another person waited {waited:.2f} (target: {WAIT[connection.vendor]})")  # fmt: skip
