import uuid
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.db import DatabaseError, models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from metropolis_tracker.accounts.roles import Role

PAUSE = timedelta(minutes=30)  # whoever was away for longer begins another visit
GRAIN = timedelta(minutes=5)  # being here is noted once in this time


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, *, role=None, **fields):
        """A person who signs in by e-mail; without a password they choose one through a one-time link."""
        with transaction.atomic():
            user = self.model(email=email, **fields)
            user.set_password(password)
            user.full_clean()
            user.save()
            if role:
                user.groups.add(Group.objects.get(name=role))
        return user

    def administrators(self):
        """Those who can let others in."""
        return self.filter(is_active=True, groups__name=Role.ADMINISTRATORS)

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. Deactivated when they leave, never deleted; the id tells nothing about them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(
        _("e-mail"), unique=True, error_messages={"unique": _("A person with this e-mail is there already.")}
    )
    name = models.CharField(_("name"), max_length=150)
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Take this away from someone who leaves; their name stays in the history."),
    )
    language = models.CharField(
        _("language"),
        max_length=5,
        choices=settings.LANGUAGES,
        blank=True,
        help_text=_("Of pages and e-mails; empty until they choose one or sign in on a page of theirs."),
    )
    reminders = models.BooleanField(
        _("reminders by e-mail"), default=True, help_text=_("Of what they are responsible for, when it waits.")
    )
    seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)
    last_visit_at = models.DateTimeField(_("end of the last visit"), null=True, editable=False)
    date_joined = models.DateTimeField(_("added on"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_in_any_case")]

    def __str__(self):
        return self.name

    def get_short_name(self):
        return self.name

    def clean(self):
        self.email = self.email.strip().lower()

    def note_visit(self, now):
        """They are here: after a pause, the moment they were last seen was the end of their last visit.

        A database that takes no writes just now can still be read: then it is not noted.
        """
        away = self.seen_at and now - self.seen_at
        if away is not None and away < GRAIN:
            return
        if away is not None and away > PAUSE:
            self.last_visit_at = self.seen_at
        self.seen_at = now
        with suppress(DatabaseError), transaction.atomic():
            self.save(update_fields=["seen_at", "last_visit_at"])

    @property
    def is_staff(self):
        """Whether the admin lets them in: those who manage people."""
        return self.is_active and self.has_perm("accounts.change_user")


def display_name(user):
    """What sign-in pages call a person."""
    return user.name
