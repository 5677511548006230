import os
import subprocess
import sys
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from metropolis_tracker.backups import destination as destinations
from metropolis_tracker.backups.archive import InvalidBackup, write
from metropolis_tracker.backups.lock import only_backup
from metropolis_tracker.backups.models import Backup
from metropolis_tracker.backups.retention import (
    FAILED,
    UNPROVEN,
    name_at,
    remove_old_backups,
    remove_remnants,
    remove_unneeded_files,
)


class Command(BaseCommand):
    help = (
        "Write everything the tracker stores, as of this moment, to one file, and the uploaded files beside it. Then"
        " restore all of it on trial to prove that it is complete and identical. In a folder or an object storage, the"
        " newest backups of 7 days, 4 weeks and 12 months are kept, and others with a name of this command deleted."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "path",
            nargs="?",
            help="a folder or a URL such as s3://bucket/folder, in which the backup is named after the time, or a new"
            " file (default: BACKUP_URL)",
        )
        parser.add_argument("--keep-all", action="store_true", help="delete no earlier backup")
        parser.add_argument("--rehearse", action="store_true", help="has no effect: a trial restore is always made")

    def handle(self, *, path, keep_all, **options):
        try:
            destination, name = destinations.find(path)
            if name and not name.endswith(".gz"):
                raise CommandError(f"The name of a backup ends in .gz: choose {name}.gz.")
            destinations.check_is_apart(destination)
            with only_backup():
                self.make_backup(destination, name, is_thinned_out=not name and not keep_all)
        except destinations.UnusableDestination as reason:
            raise CommandError(str(reason)) from None
        except OSError as error:
            raise CommandError(
                f"No backup was written to {destination}: {error.strerror or error}. A file there whose name ends in"
                f" {UNPROVEN} did not pass."
            ) from None

    def make_backup(self, destination, name, *, is_thinned_out):
        made_at = timezone.now()
        name = name or name_at(made_at)
        if name in destination.backups():
            message = f"{destination.location(name)} already exists and was not changed. Choose another name."
            raise CommandError(message)
        remove_remnants(destination, made_at)

        with trial_database() as restore:
            with destination.create(name + UNPROVEN) as file:
                result, files = write(file, made_at, destination)
            try:
                check_restored(result, restore(destination.location(name + UNPROVEN)))
            except CommandError:
                destination.rename(name + UNPROVEN, name + FAILED)  # so that nobody takes it for a good one
                raise
        destination.rename(name + UNPROVEN, name)
        Backup.objects.create(made_at=made_at, rehearsed=True, **result)

        self.report_damaged_files(files)
        if is_thinned_out:
            self.remove_old(destination, name, files, made_at)
        self.stdout.write(
            f"{destination.location(name)}: {result['rows']} rows, trial restore identical, sha256 {result['sha256']};"
            f" {len(files.stored)} uploaded files, {files.copied} of them new"
        )

    def remove_old(self, destination, name, files, now):
        """Remove what the rule does not keep, and say so. The backup has passed, whatever happens here."""
        removed, files_removed = [], 0
        try:
            removed = remove_old_backups(destination, name)
            files_removed = remove_unneeded_files(destination, files.stored, now)
        except InvalidBackup as reason:
            self.stderr.write(f"No uploaded file was removed: nobody knows which ones that backup needs. {reason}")
        except OSError as error:
            self.stderr.write(f"Earlier backups could not be removed from {destination}: {error.strerror or error}.")
        if removed or files_removed:
            self.stdout.write(f"Removed {len(removed)} earlier backups and {files_removed} uploaded files.")

    def report_damaged_files(self, files):
        """Warn of uploaded files that are missing or have changed in the storage: a backup may have them."""
        if only_here := sorted(set(files.damaged) - set(files.missing)):
            self.stderr.write(
                f"{len(only_here)} files of evidence are missing or damaged in the tracker, but not in the backup:"
                f" {', '.join(only_here[:20])}. Copy them back from the folder “files” beside it."
            )
        if files.missing:
            self.stderr.write(
                f"{len(files.missing)} files of evidence are missing or damaged, and not in this backup:"
                f" {', '.join(files.missing[:20])}. Look for them in older backups in other places."
            )


@contextmanager
def trial_database():
    """Give a function that restores the backup of a location, in a new process and a temporary database.

    Reading the file back would not be enough: what matters is that `restore` can insert every row. The uploaded files
    are all read and compared with their SHA-256, but not copied again. The database is migrated while the backup is
    written, since that takes a third of the time.
    """
    with TemporaryDirectory() as folder:
        scratch = {"DATA_DIR": folder, "DATABASE_URL": "", "FILES_URL": ""}  # its own SQLite file, its own folder
        environment, command = os.environ | scratch, [sys.executable, settings.BASE_DIR / "manage.py"]
        migrate = [*command, "migrate", "--verbosity", "0"]
        with subprocess.Popen(migrate, env=environment, stderr=subprocess.DEVNULL) as migrating:  # noqa: S603

            def restore(location):
                migrating.wait()  # what has failed there fails again in `restore`, which migrates too and says why
                trial = [*command, "restore", "--trial", location]
                return subprocess.run(trial, env=environment, capture_output=True, text=True)  # noqa: S603

            yield restore


def check_restored(result, done):
    """Raise `CommandError` unless a trial restore has passed, and restored what was written."""
    if done.returncode:
        raise CommandError(f"The backup failed its trial restore. {done.stderr.strip()}")
    if result["sha256"] not in done.stdout:
        raise CommandError(f"The backup failed its trial restore: {result} were written, but {done.stdout}")
