from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from metropolis_tracker.accounts.invitations import invite_now
from metropolis_tracker.accounts.links import one_time_link
from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role, ensure_roles
from metropolis_tracker.accounts.sending import delivers_mail
from plans.common.security_log import log_event

ROLES = {role.name.lower().replace("_", "-"): role for role in Role}


class Command(BaseCommand):
    help = "Add a person with a role, and print or send the one-time link where they choose a password."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("name", help='the name to show in the history, such as "Sofía Marín"')
        parser.add_argument("--role", required=True, choices=ROLES)
        parser.add_argument("--invite", action="store_true", help="send them the link by e-mail; do not print it")

    def handle(self, *, email, name, role, invite=False, **options):
        ensure_roles()

        try:
            user = User.objects.create_user(email, name=name, role=ROLES[role])
        except ValidationError as error:
            reset_url = settings.SITE_URL + reverse("account_reset_password")
            raise CommandError(
                f"{' '.join(error.messages)} Nothing was added. If they have an account already, they can ask for a new"
                f" link at {reset_url}"
            ) from error

        log_event("person added", account=user.pk, role=ROLES[role].value, by="add_person")
        added = f"Added {user.name} as {ROLES[role].label}."
        if invite and delivers_mail() and invite_now(user):
            log_event("invitation sent", account=user.pk, by="add_person")
            self.stdout.write(f"{added} An invitation was sent to {user.email}.")
            return

        if invite:
            self.stderr.write("The invitation could not be sent. Check EMAIL_URL.")
        self.stdout.write(f"{added} Send them this link. It works once:")
        self.stdout.write(one_time_link(user))
