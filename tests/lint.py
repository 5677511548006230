"""Checks of layout that neither ruff nor djade makes: `python -m tests.lint` prints each fault, and fails if any.

A line of a template, a style sheet or a script has at most 120 characters; a line of CSS has one declaration.
"""

import re
import sys
from pathlib import Path

LONGEST = 120  # characters
CHECKED = [("templates", "*.html"), ("templates", "*.txt"), ("static/css", "*.css"), ("static/js", "*.js")]
COMMENT = re.compile(r"/\*.*?\*/")
DECLARATION = re.compile(r"(?:^|(?<=[{;]))\s*[\w-]+\s*:[^;{}]*(?=[;}]|$)")


def faults():
    """Yield the faults of all files, each as "path:line: what is wrong"."""
    for folder, pattern in CHECKED:
        for path in sorted(Path(folder).rglob(pattern)):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                yield from (f"{path}:{number}: {fault}" for fault in faults_of(line, path.suffix))


def faults_of(line, suffix):
    if len(line) > LONGEST:
        yield f"{len(line)} characters, more than {LONGEST}"
    if suffix == ".css" and len(DECLARATION.findall(COMMENT.sub("", line))) > 1:
        yield "more than one declaration"


if __name__ == "__main__":
    found = list(faults())
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(1 if found else 0)
