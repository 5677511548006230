import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from metropolis_tracker.backups.archive import Unusable, faults_of_content, read, snapshot, write
from metropolis_tracker.backups.models import Backup


class Command(BaseCommand):
    help = (
        "Writes all that the tracker keeps, as of this moment, to one file, and reads it again to see that it is right."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="where to write; nothing may be there yet")
        parser.add_argument(
            "--rehearse", action="store_true", help="restore it into a scratch database too, and see that it is equal"
        )

    def handle(self, *, file, rehearse, **options):
        if file.exists():
            raise CommandError(f"{file} is there already, and stays as it is. Choose another name.")
        if not file.parent.is_dir():
            raise CommandError(f"There is no folder {file.parent}. Make it, or choose another.")
        made_at = timezone.now()
        result = write(file, made_at)
        self.check_file(file, result)
        if rehearse:
            self.restore_on_trial(file)
        Backup.objects.create(made_at=made_at, rehearsed=rehearse, **result)
        done = "restored on trial and equal" if rehearse else "read again and as written"
        self.stdout.write(f"{file}: {result['rows']} rows, {done}, sha256 {result['sha256']}")

    def check_file(self, file, result):
        try:
            found = read(file)
        except Unusable as reason:
            raise CommandError(f"The backup did not pass. {reason}") from None
        if found != result:
            raise CommandError(f"The backup did not pass. {file} holds {found}, written were {result}.")
        with snapshot():
            faults = list(faults_of_content())
        if faults:
            raise CommandError(f"{file} is written, but what it holds is not whole: {' '.join(faults)}")

    def restore_on_trial(self, file):
        """In a process of its own, on a database of its own that is gone afterwards."""
        with TemporaryDirectory() as folder:
            scratch = {"DATA_DIR": folder, "DATABASE_URL": f"sqlite:///{folder}/scratch.sqlite3"}
            command = [sys.executable, settings.BASE_DIR / "manage.py", "restore", file.resolve()]
            done = subprocess.run(command, env=os.environ | scratch, capture_output=True, text=True)  # noqa: S603
        if done.returncode:
            raise CommandError(f"The backup did not pass its rehearsal. {done.stderr.strip()}")
