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

from deliverables.models import Deliverable, Evidence
from deliverables.plan_editing.structure import SavePart
from deliverables.verification import verify_history
from metropolis_tracker.accounts.models import User
from plans.models import Plan, Visibility
from reports.imports.applying import apply, preview_import
from reports.imports.models import Import
from reports.imports.reading import Table
from reports.imports.status_rows import RecordStatus, validate_report
from tests.builders import new_plan
from tests.server import fresh_environment, manage, prepare

SLUG, TIMES = "2021-2023", 10
TARGETS = {760: 2, 5000: 10}  # seconds
WAIT = {"postgresql": 0.5, "sqlite": 2}
PLAN_HEADS = ["code", "action_line_title", "measure_statement", "themes", "title", "due_on"]
STATUS_HEADS = ["code", "status", "effective_on", "evidence_title", "evidence_link", "note"]
SHELL = "from tests.benchmarks import applying; applying.{call}"


def codes(number):
    """Return the numbers of so many deliverables, eight in a measure and twenty measures in a line, from line 2 on."""
    return [(2 + place // 160, 1 + place // 8 % 20, 1 + place % 8) for place in range(number)]


def table(number, *, is_plan):
    """Return the table of a plan, or that of the statuses of its deliverables."""
    lines = []
    for row, (line, measure, each) in enumerate(codes(number), start=2):
        code, day = f"L{line}M{measure}D{each}", f"2022-05-{1 + row % 28:02}"
        if is_plan:
            cells = [code, f"Line {line}", f"That {measure} is done.", "Gender; Youth", f"Deliverable {code}", day]
        else:
            status = ("attained", "in_progress")[row % 2]
            cells = [code, status, day, "Minutes", f"https://metropolis.org/{code}", f"Seen in the minutes of {code}."]
        lines.append((row, cells))
    return Table(PLAN_HEADS if is_plan else STATUS_HEADS, lines)


def start():
    """Make a plan with the one deliverable on which the other person records."""
    User.objects.create_user("s@metropolis.example", name="Sofia", role="Secretariat")
    new_plan(SLUG, visibility=Visibility.DRAFT)


def preview_of(imported):
    """Return the preview of an import. With a plan come the statuses of its deliverables."""
    preview = preview_import(Plan.objects.get(pk=imported.plan_id), imported.rows, imported.kind)
    for step in [step for step in preview.steps if isinstance(step, SavePart)]:
        if isinstance(step.part, Deliverable):
            pieces = (Evidence("Minutes", f"https://metropolis.org/{step.part.number}"),)
            report = {"status": "in_progress", "effective_on": date(2022, 5, 1), "evidence": pieces}
            preview.steps.append(RecordStatus(validate_report(2, step.part, report, preview)))
    assert preview.problems == []
    return preview


def run(number, kind):
    """Apply an import, and print how long its preview and its application took."""
    sofia, flag = User.objects.get(email="s@metropolis.example"), Path(settings.DATA_DIR, "writing")
    imported = Import(plan=Plan.objects.get(slug=SLUG), kind=kind, file_name="table.csv", by=sofia)
    imported.store(table(number, is_plan=kind == "plan"), timezone.now())

    while not Path(settings.DATA_DIR, "ready").exists():
        time.sleep(0.001)
    began = time.perf_counter()
    preview = preview_of(imported)
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
    for kind, name in (("plan", "new, with statuses"), ("statuses", "statuses alone")):
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", SHELL.format(call="record()")]
        other = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        answer = manage(environment, "shell", "-v", "0", input=SHELL.format(call=f"run({number}, {kind!r})"))
        preview, applied = json.loads(answer.splitlines()[-1])
        waited = json.loads(other.communicate(timeout=60)[0])
        print(f"{name:18} preview {preview:5.2f}, apply {applied:5.2f} (target: {TARGETS[number]} together), "
              f"another person waited {waited:.2f} (target: {WAIT[connection.vendor]})")  # fmt: skip
