import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from metropolis_tracker.backups.archive import write
from metropolis_tracker.backups.models import Backup


class Command(BaseCommand):
    help = (
        "Writes all that the tracker keeps, as of this moment, to one file, and restores that file into a scratch"
        " database to see that it is whole and equal."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="where to write; nothing may be there yet")
        parser.add_argument(
            "--rehearse", action="store_true", help="accepted for older timers: every backup is restored on trial"
        )

    def handle(self, *, file, **options):
        if file.exists():
            raise CommandError(f"{file} is there already, and stays as it is. Choose another name.")
        if not file.parent.is_dir():
            raise CommandError(f"There is no folder {file.parent}. Make it, or choose another.")
        made_at = timezone.now()
        result = write(file, made_at)
        self.restore_on_trial(file, result)
        Backup.objects.create(made_at=made_at, rehearsed=True, **result)
        self.stdout.write(f"{file}: {result['rows']} rows, restored on trial and equal, sha256 {result['sha256']}")

    def restore_on_trial(self, file, result):
        """Restore in a process of its own, into a database of its own that is gone afterwards.

        Reading the file again would not be enough: what matters is that `restore` can put every row back.
        """
        with TemporaryDirectory() as folder:
            scratch = {"DATA_DIR": folder, "DATABASE_URL": f"sqlite:///{folder}/scratch.sqlite3"}
            command = [sys.executable, settings.BASE_DIR / "manage.py", "restore", file.resolve()]
            done = subprocess.run(command, env=os.environ | scratch, capture_output=True, text=True)  # noqa: S603
        if done.returncode:
            raise CommandError(f"The backup did not pass its rehearsal. {done.stderr.strip()}")
        if result["sha256"] not in done.stdout:
            raise CommandError(f"The backup did not pass its rehearsal: written were {result}, read {done.stdout}")
