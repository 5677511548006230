from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from metropolis_tracker.backups import destination as destinations
from metropolis_tracker.backups.archive import InvalidBackup, check_database_is_empty, read, restore


class Command(BaseCommand):
    help = (
        "Restore a backup into the empty database of DATABASE_URL, from SQLite or PostgreSQL into either, and its"
        " uploaded files into the storage of FILES_URL."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", help="the path or URL of a backup, or the name of one in BACKUP_URL")
        parser.add_argument(
            "--accept-damaged-files",
            action="store_true",
            help="restore all the same if uploaded files are missing or damaged in the backup",
        )
        parser.add_argument("--trial", action="store_true", help="only read the uploaded files, and store none")

    def handle(self, *, file, trial, accept_damaged_files, **options):
        try:
            destination, name = find_backup(file)
            with destination.open(name) as opened:
                result = read(opened)
                if connection.introspection.table_names():
                    check_database_is_empty()  # before it is migrated: nothing of another database is changed
                call_command("migrate", interactive=False, verbosity=0)
                call_command("createcachetable", verbosity=0)
                absent = restore(opened, result, destination, trial=trial, accept_damaged=accept_damaged_files)
        except (InvalidBackup, destinations.UnusableDestination) as reason:
            raise CommandError(f"Nothing was restored. {reason}") from None
        except OSError as error:
            raise CommandError(f"Nothing was restored. {file}: {error.strerror or error}.") from None

        if absent:
            self.stderr.write(
                f"{len(absent)} uploaded files were not restored, since the backup does not have them:"
                f" {', '.join(absent)}"
            )
        self.stdout.write(f"Restored {result['rows']} rows, identical to the backup, sha256 {result['sha256']}")


def find_backup(text):
    """Return the destination and the name of a backup that is there. Raise `UnusableDestination`."""
    is_name = "/" not in text and not Path(text).exists()
    destination, name = (destinations.find(settings.BACKUP_URL)[0], text) if is_name else destinations.find(text)
    there = destination.backups()
    if name not in there:
        newest = ", ".join(sorted((each for each in there if each.endswith(".gz")), reverse=True)[:5])
        raise destinations.UnusableDestination(
            f"There is no backup {name or text} in {destination}. The last ones there: {newest or 'none'}."
        )
    return destination, name
