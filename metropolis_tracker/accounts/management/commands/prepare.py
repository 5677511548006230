import secrets

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role, ensure_roles
from plans.append_only import refuse_to_serve_without_triggers
from plans.models import Plan


class Command(BaseCommand):
    help = "Brings the database up to date before the server starts. Safe to repeat: what people recorded stays."

    def handle(self, **options):
        call_command("migrate", interactive=False, verbosity=0)
        refuse_to_serve_without_triggers()
        ensure_roles()
        if not Plan.objects.exists():
            call_command("loaddata", "goals", "plan-2018-2020", verbosity=0)
            self.stdout.write("Loaded the Action Plan 2018-2020.")
        if not User.objects.filter(groups__name=Role.ADMINISTRATORS).exists():
            self.add_first_administrator()
        self.stdout.write(f"Metropolis Tracker: {settings.SITE_URL}")

    def add_first_administrator(self):
        password = secrets.token_urlsafe(15)
        User.objects.create_user(settings.ADMIN_EMAIL, password, name="First administrator", role=Role.ADMINISTRATORS)
        self.stdout.write(f"First administrator: {settings.ADMIN_EMAIL}, password {password}")
        self.stdout.write("This password is shown once. Change it after signing in.")
