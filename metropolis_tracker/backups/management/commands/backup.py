import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from metropolis_tracker.backups.archive import damaged_files, write
from metropolis_tracker.backups.models import Backup


class Command(BaseCommand):
    help = (
        "Write everything the tracker stores, as of this moment, to one file. Then restore the file into a temporary"
        " database to prove that it is complete and identical."
    )

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path, help="the new file, or a folder in which it is named after the time")
        parser.add_argument("--rehearse", action="store_true", help="has no effect: a trial restore is always made")

    def handle(self, *, path, **options):
        made_at = timezone.now()
        file = path / f"{timezone.localtime(made_at):%Y-%m-%d-%H%M%S}.gz" if path.is_dir() else path
        if not file.suffix:  # most likely a folder
            raise CommandError(f"There is no folder {file}. Create it, or choose a file such as {file}.gz.")
        if file.exists():
            raise CommandError(f"{file} already exists and was not changed. Choose another name.")
        if not file.parent.is_dir():
            raise CommandError(f"There is no folder {file.parent}. Create it or choose another.")

        try:
            result = write(file, made_at)
        except OSError as error:
            raise CommandError(f"No backup was written to {file.parent.resolve()}: {error.strerror}.") from None
        try:
            self.check_by_restoring(file, result)
        except CommandError:
            file.rename(file.with_name(f"{file.name}.failed"))  # so that nobody takes it for a good one
            raise
        Backup.objects.create(made_at=made_at, rehearsed=True, **result)

        self.report_damaged_files()
        self.stdout.write(f"{file}: {result['rows']} rows, trial restore identical, sha256 {result['sha256']}")

    def report_damaged_files(self):
        """Warn of files of evidence that are missing or have changed: an older backup may have them."""
        if damaged := damaged_files():
            self.stderr.write(
                f"{len(damaged)} files of evidence are missing or damaged, and not in this backup:"
                f" {', '.join(damaged[:20])}. Restore an older backup into another tracker, and copy them from there."
            )

    def check_by_restoring(self, file, result):
        """Raise `CommandError` unless the file can be restored, in a new process and a temporary database.

        Reading the file back would not be enough: what matters is that `restore` can insert every row.
        """
        with TemporaryDirectory() as folder:
            scratch = {"DATA_DIR": folder, "DATABASE_URL": "", "FILES_URL": ""}  # its own SQLite file, its own folder
            command = [sys.executable, settings.BASE_DIR / "manage.py", "restore", file.resolve()]
            done = subprocess.run(command, env=os.environ | scratch, capture_output=True, text=True)  # noqa: S603

        if done.returncode:
            raise CommandError(f"The backup failed its trial restore. {done.stderr.strip()}")
        if result["sha256"] not in done.stdout:
            raise CommandError(f"The backup failed its trial restore: {result} were written, but {done.stdout}")
