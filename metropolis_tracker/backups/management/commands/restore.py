from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from metropolis_tracker.backups.archive import InvalidBackup, check_database_is_empty, read, restore


class Command(BaseCommand):
    help = "Restore a backup into the empty database of DATABASE_URL, from SQLite or PostgreSQL into either."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *, file, **options):
        try:
            read(file)
            if connection.introspection.table_names():
                check_database_is_empty()  # before it is migrated: nothing of another database is changed
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
            result = restore(file)
        except InvalidBackup as reason:
            raise CommandError(f"Nothing was restored. {reason}") from None

        self.stdout.write(f"Restored {result['rows']} rows, identical to the backup, sha256 {result['sha256']}")
