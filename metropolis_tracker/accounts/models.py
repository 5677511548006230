import uuid
from contextlib import suppress
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.db import DatabaseError, models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from metropolis_tracker.accounts.roles import Role
from plans.common.text import NormalisedTexts
from plans.models import Region
from plans.translations import language_choices

VISIT_TIMEOUT = timedelta(minutes=30)  # after a longer pause, the next request begins a new visit
SEEN_AT_INTERVAL = timedelta(minutes=5)  # `seen_at` is saved at most this often, to spare the database a write a page


class UserManager(BaseUserManager):
    """Creates people and finds them by e-mail, in upper or lower case."""

    def create_user(self, email, password=None, *, role=None, **fields):
        """Create a person who signs in by e-mail. Raise `ValidationError` on invalid fields.

        Without a password, they choose one through a one-time link.
        """
        with transaction.atomic():
            user = self.model(email=email, **fields)
            user.set_password(password)
            user.full_clean()
            user.save()
            if role:
                user.groups.add(Group.objects.get(name=role))
        return user

    def administrators(self):
        """Return the active administrators, who can add people."""
        return self.filter(is_active=True, groups__name=Role.ADMINISTRATORS)

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(NormalisedTexts, AbstractBaseUser, PermissionsMixin):
    """A person with an account. It is deactivated when they leave, never deleted, because the history names them.

    The primary key is random, so that the security log can name accounts without revealing anything about people.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(
        _("e-mail"), unique=True, error_messages={"unique": _("There is already a person with this e-mail.")}
    )
    name = models.CharField(_("name"), max_length=150)
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Clear this when someone leaves. Their name stays in the history."),
    )
    language = models.CharField(
        _("language"),
        max_length=5,
        choices=language_choices,
        blank=True,
        help_text=_("Language of pages and e-mails. Empty until they choose one or first sign in."),
    )
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        related_name="people",
        null=True,
        blank=True,
        verbose_name=_("region"),
        help_text=_("Of a regional secretary: the region that they report for."),
    )
    deputy = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="deputy_of",
        null=True,
        blank=True,
        verbose_name=_("deputy"),
        help_text=_("May report in this person's place, and is asked too."),
    )
    reminders = models.BooleanField(
        _("reminders by e-mail"), default=True, help_text=_("About deliverables they are responsible for.")
    )
    seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)
    last_visit_at = models.DateTimeField(_("end of the last visit"), null=True, editable=False)
    invited_at = models.DateTimeField(_("invited on"), null=True, editable=False)
    invitation_failed = models.BooleanField(_("the invitation was not sent"), default=False, editable=False)
    date_joined = models.DateTimeField(_("added on"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_in_any_case")]

    def __str__(self):
        return self.name

    def get_short_name(self):
        return self.name

    @cached_property
    def roles(self):
        """Return the names of the person's roles. Of the person who is signed in, `RoleBackend` has loaded them."""
        return list(self.groups.values_list("name", flat=True))

    def clean(self):
        self.email = self.email.strip().lower()

    def record_visit(self, now):
        """Save that the person was here at `now`. After a pause, the previous moment becomes the end of the last visit.

        A failed write is ignored, so that pages can still be read while the database accepts no writes.
        """
        away = self.seen_at and now - self.seen_at
        if away is not None and away < SEEN_AT_INTERVAL:
            return

        if away is not None and away > VISIT_TIMEOUT:
            self.last_visit_at = self.seen_at
        self.seen_at = now

        with suppress(DatabaseError), transaction.atomic():
            self.save(update_fields=["seen_at", "last_visit_at"])

    @property
    def is_staff(self):
        """Return whether they may open the admin: only those who manage people."""
        return self.is_active and self.has_perm("accounts.change_user")


def display_name(user):
    """Return the name by which allauth's pages address a person."""
    return user.name
