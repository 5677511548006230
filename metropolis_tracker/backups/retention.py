"""Which backups are kept: the newest of each of the last 7 days, 4 weeks and 12 months that have one.

Days are those of TIME_ZONE, in which backups are named; a week begins on Monday. Only files with such a name are ever
deleted.
"""

import re
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from metropolis_tracker.backups import archive

FORMAT = "%Y-%m-%d-%H%M%S.gz"
NAME = re.compile(r"\d{4}-\d\d-\d\d-\d{6}\.gz")
GZIP = b"\x1f\x8b"  # the first bytes of every such file: RFC 1952
UNPROVEN, FAILED = ".unproven", ".failed"  # the ends of the names of those that have not passed yet, or did not
RULE = (
    (7, lambda day: day),
    (4, lambda day: tuple(day.isocalendar())[:2]),
    (12, lambda day: (day.year, day.month)),
)
REMNANT_AGE = timedelta(days=7)  # of what did not pass: long enough to look into the reason
FILE_AGE = timedelta(days=1)  # of an uploaded file that no backup needs: a younger one may belong to one being written
FILE_NAME = re.compile(r"[0-9a-f]{64}|tmp\w+\.part")  # what is stored among the uploaded files, and drafts of it


def name_at(moment):
    """Return the name of a backup that is made at this moment."""
    return timezone.localtime(moment).strftime(FORMAT)


def day_of(name):
    """Return the day on which a backup was made, or None if the name is not one that `name_at` gives."""
    if not NAME.fullmatch(name):
        return None
    try:
        return datetime.strptime(name, FORMAT).replace(tzinfo=UTC).date()
    except ValueError:
        return None


def kept(names):
    """Return those of these names of backups that the rule keeps."""
    newest_first = sorted(filter(day_of, names), reverse=True)
    chosen = set()
    for number, period in RULE:
        newest = {}
        for name in newest_first:
            newest.setdefault(period(day_of(name)), name)
        chosen.update(list(newest.values())[:number])
    return chosen


def remove_old_backups(destination, newest):
    """Remove the backups that the rule does not keep, never the `newest`, which has just passed. Return their names."""
    names = {name for name in destination.backups() if day_of(name)}
    removed = sorted(names - kept(names) - {newest})
    for name in removed:
        destination.delete(name)
    return removed


def remove_remnants(destination, now):
    """Remove what backups that did not pass have left, seven days later."""
    for name, entry in destination.backups().items():
        of = name.removesuffix(UNPROVEN).removesuffix(FAILED)
        if of != name and day_of(of) and entry.changed_at < now - REMNANT_AGE:
            destination.delete(name)


def remove_unneeded_files(destination, needed, now):
    """Remove the uploaded files that no backup needs any more, neither that with the `needed` ones. Return how many.

    Raise `archive.InvalidBackup` where a backup cannot be read: nobody knows what it needs, so nothing is removed.
    """
    unneeded = {
        name: entry.path
        for name, entry in destination.files().items()
        if name not in needed and FILE_NAME.fullmatch(name) and entry.changed_at < now - FILE_AGE
    }
    if not unneeded:  # as on most days: no backup has to be opened
        return 0

    backups = destination.backups()
    if any(name.endswith(UNPROVEN) for name in backups):  # somebody else is writing one
        return 0
    for name in backups:
        if name.endswith(FAILED):
            continue
        with destination.open(name) as file:
            if is_gzip(file):  # whatever its name is: somebody may have renamed a backup to keep it
                for sha256 in archive.read_files(file, name):
                    unneeded.pop(sha256, None)

    for path in unneeded.values():
        destination.delete(path)
    return len(unneeded)


def is_gzip(file):
    """Return whether an open file begins as a backup does."""
    begins = file.read(len(GZIP)) == GZIP
    file.seek(0)
    return begins
