"""Measure the seconds and megabytes that reading or refusing a file takes, each in a new process. Run by `make bench`.

Both are those of the server's process and of the one that reads the cells, together. The seconds are the processor's,
so that they are the same beside other work.
"""

import json
import subprocess
import sys
import time

from plans.codes import numbers_in
from reports.imports.files.source import Sheet, Source
from reports.imports.mapping import cells
from reports.imports.mapping.choices import Choices, Reading
from reports.imports.mapping.heads import guess_fields
from reports.imports.mapping.lines import cell_problems
from tests.reports.imports.files import (
    ods,
    sheet_with,
    workbook,
    xls,
    xls_text,
)
from tests.reports.imports.test_reading import REFUSED
from tests.reports.imports.test_stratml import goal, objective, plan

CHILD = """
import json, re, resource, sys
from pathlib import Path
import os
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "metropolis_tracker.settings"
django.setup()
from reports.imports.files.reading import Refused, read_source
content = sys.stdin.buffer.read()
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
before = peak()
begin = sum(os.times()[:4])  # also of processes that it has started
try:
    source = read_source(content)
    answer = f"read: {sum(len(sheet.rows) for sheet in source.sheets)} rows"
except Refused as reason:
    answer = str(reason)
seconds = sum(os.times()[:4]) - begin
reader = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(json.dumps([seconds, peak() - before, reader, answer]))
"""


def cost(kind, content):
    """Print and return the seconds and megabytes that a file takes."""
    child = subprocess.run([sys.executable, "-c", CHILD], input=content, capture_output=True, check=True)
    seconds, own, reader, answer = json.loads(child.stdout)
    print(f"{seconds:6.3f} s {own:6.1f} + {reader:5.1f} MB  {kind:32} {answer[:70]}")
    return seconds, own + reader


def test_refusing_a_file_takes_less_than_two_seconds_and_150_megabytes():
    print("\nrefusing: seconds, MB more than before, and the sentence")
    for kind, (make, _sentence) in REFUSED.items():
        seconds, megabytes = cost(kind, make())
        assert (seconds < 2, megabytes < 150) == (True, True), kind


WORDS = "A new park for each district, with trees, benches and water "
CELLS = [f"{WORDS}{number}" for number in range(12)]


def large_xlsx(book, sheet):
    for number in range(5998):
        sheet.write_row(number + 1, 0, [f"{number} {text}" for text in CELLS])


def wide_xlsx(book, sheet):
    for number in range(3200):
        sheet.write_row(number, 0, [1.5] * 60)


def large_xls():
    cells = (xls_text(row, column, WORDS[:30]) for row in range(5999) for column in range(8))
    return xls(b"".join(cells))


def formatted_rows():
    rows = "".join(f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(2, 400_000))
    return sheet_with(f'<sheetData><row r="1"><c r="A1"><v>7</v></c></row>{rows}</sheetData>')


READ = {
    "xlsx of 3,200 rows, 60 columns": lambda: workbook(wide_xlsx),
    "xlsx of 5,999 rows": lambda: workbook(large_xlsx),
    "xlsx to row 20,000, column 60": lambda: workbook(lambda book, sheet: sheet.write(19_999, 59, "x")),
    "xlsx of formatted rows": formatted_rows,
    "ods of 6,000 rows": lambda: ods([[f"{n} {text}" for text in CELLS] for n in range(6000)]),
    "xls of 5,999 rows": large_xls,
    "csv of 6,000 rows": lambda: "\n".join(";".join(CELLS) for _ in range(5900)).encode(),
    "csv of 6,000 rows in cp1251": lambda: "\n".join("L1;Транспорт города" * 3 for _ in range(5999)).encode("cp1251"),
    "csv in gb18030": lambda: "\n".join("L1;城市治理公共交通;" * 10 for _ in range(5999)).encode("gb18030"),
    "stratml of 5,000 objectives": lambda: plan(goal(objective(WORDS) * 5000)),
}


def test_reading_a_file_takes_less_than_two_seconds_and_150_megabytes():
    print("\nreading: seconds, MB more than before, and the rows")
    for kind, make in READ.items():
        seconds, megabytes = cost(kind, make())
        assert (seconds < 2, megabytes < 150) == (True, True), kind


HOSTILE_CELLS = {
    "at signs": "@" * 200_000,
    "letters before one": "a" * 60_000 + " @",
    "numbers": "1 " * 200_000,
    "a code of many levels": "1." * 500_000,
    "links": "https://" * 60_000,
    "blanks": " " * 300_000 + "1",
    "words of a status": "in progress " * 40_000,
}


def test_guessing_from_one_cell_takes_less_than_a_second():
    print("\nguessing what a cell is: seconds")
    for kind, cell in HOSTILE_CELLS.items():
        begin = time.process_time()
        guess_fields(["", "Name"], [[cell], ["A lane"]], needs_title=True, has_lines=False)
        cells.split_links(cell, "Minutes")
        cells.split_target(cell)
        cells.email_in(cell)
        numbers_in(cell)
        seconds = time.process_time() - begin
        print(f"{seconds:6.3f} s  {kind}")
        assert seconds < 1, kind


def test_a_thousand_errors_in_a_table_of_thousands_are_told_in_less_than_a_second():
    cells_of = [[f"A lane {number}", "2021"] for number in range(5000)]
    rows = [(number, row) for number, row in enumerate([["Action", "Due date"], *cells_of], start=1)]
    sheet = Sheet("Plan", rows, errors=[f"B{number}" for number in range(2, 5002)])
    choices = Choices(["Plan"], head_row=1, fields=["title", "due_on"], codes="order")
    begin = time.process_time()
    assert len([*cell_problems(Reading(Source("workbook", [sheet]), choices), [sheet])]) == 5000
    seconds = time.process_time() - begin
    print(f"\n{seconds:6.3f} s  5,000 errors in 5,000 rows")
    assert seconds < 1
