from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from metropolis_tracker.backups.archive import Unusable, restore


class Command(BaseCommand):
    help = "Fills the empty database of DATABASE_URL from a backup, whichever kind of database that was made of."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *, file, **options):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        try:
            result = restore(file)
        except Unusable as reason:
            raise CommandError(f"Nothing was restored. {reason}") from None
        self.stdout.write(f"Restored: {result['rows']} rows, whole and equal, sha256 {result['sha256']}")
