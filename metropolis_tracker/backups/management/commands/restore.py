from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from metropolis_tracker.backups.archive import InvalidBackup, restore


class Command(BaseCommand):
    help = "Restore a backup into the empty database of DATABASE_URL, from SQLite or PostgreSQL into either."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *, file, **options):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)

        try:
            result = restore(file)
        except InvalidBackup as reason:
            raise CommandError(f"Nothing was restored. {reason}") from None

        self.stdout.write(f"Restored {result['rows']} rows, identical to the backup, sha256 {result['sha256']}")
