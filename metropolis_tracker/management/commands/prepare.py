import secrets
from contextlib import closing, contextmanager

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections

from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role, ensure_roles
from metropolis_tracker.backups.before_upgrade import NotCopied, copy_database, is_upgrade, way_back
from metropolis_tracker.database_version import refuse_newer_database
from metropolis_tracker.prepared_state import is_prepared, store_prepared_state
from plans.common.append_only import require_triggers
from plans.common.security_log import log_event
from plans.models import Plan

ADVISORY_LOCK = 20_182_020  # any number that nothing else in this database uses


@contextmanager
def one_at_a_time():
    """Let other machines that share a PostgreSQL wait for the block. SQLite is prepared by one server alone."""
    if connection.vendor != "postgresql":
        yield
        return
    locking = connections.create_connection(connection.alias)  # `loaddata` closes the usual one, and so its locks
    with closing(locking), locking.cursor() as cursor:
        # It waits for as long as the others need for all migrations, however short the limits of requests are.
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        yield


class Command(BaseCommand):
    help = (
        "Bring the database up to date before the server starts. An upgrade copies it first. Safe to repeat: recorded"
        " data is never changed."
    )
    requires_system_checks = []  # they take a third of a start: run only where anything has changed

    def add_arguments(self, parser):
        parser.add_argument(
            "--without-backup",
            action="store_true",
            help="upgrade the database without copying it before: make a backup yourself",
        )

    def handle(self, *, without_backup, **options):
        if not is_prepared():
            self.check()
            with one_at_a_time():
                self.prepare(without_backup)
            store_prepared_state()
        self.stdout.write(f"Metropolis Tracker: {settings.SITE_URL}")

    def prepare(self, without_backup):
        refuse_newer_database()
        if not without_backup and is_upgrade():
            self.copy_before_upgrade()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        require_triggers()
        ensure_roles()

        if not Plan.objects.exists():
            call_command("loaddata", "goals", "plan-2018-2020", "plan-2018-2020-translations", verbosity=0)
            self.stdout.write("Loaded the Action Plan 2018-2020.")
        if not User.objects.administrators().exists():
            self.create_administrator()

    def copy_before_upgrade(self):
        """Copy the database, and say how to go back to the copy. Raise `CommandError` if that fails."""
        try:
            copy = copy_database()
        except NotCopied as reason:
            raise CommandError(
                "The database has to be upgraded, and could not be copied before. Nothing was changed. The reason is:"
                f" {reason} Or make a backup with the version before, then run manage.py prepare --without-backup."
            ) from None
        self.stdout.write(f"Before its upgrade, the database was copied to {copy}. {way_back(copy)}")
        self.stdout.flush()  # the migrations may take long

    def create_administrator(self):
        """Give ADMIN_EMAIL the administrator's role and a new password, since only administrators can add people.

        The account is created if it does not exist, and activated if it was deactivated.
        """
        password = secrets.token_urlsafe(15)
        user = User.objects.filter(email__iexact=settings.ADMIN_EMAIL).first()
        if user is None:
            user = User.objects.create_user(settings.ADMIN_EMAIL, name="First administrator")

        user.is_active = True
        user.set_password(password)
        user.save(update_fields=["is_active", "password"])
        user.groups.set([Group.objects.get(name=Role.ADMINISTRATORS)])

        log_event("administrator let in", account=user.pk, by="prepare")
        self.stdout.write(f"First administrator: {user.email}, password {password}")
        self.stdout.write("This password is shown once. Change it after signing in.")
