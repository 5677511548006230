"""Who follows a plan, and the messages that wait to be sent, or were."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plans.models import Plan

WEEK = timedelta(days=7)
CLAIM = timedelta(minutes=15)  # after which a message whose sender died is anybody's again
SALT = "stop-mail"


class FollowQuerySet(models.QuerySet):
    def begin(self, person, plan, at):
        """Let a person follow a plan: what comes after now is told."""
        reported = {"last_digest_at": at, "entries": plan.history_length, "amendments": plan.amendments_length}
        reported["editions"] = plan.editions.count()
        return self.get_or_create(person=person, plan=plan, defaults=reported)


class Follow(models.Model):
    """A person who wants a weekly digest of a plan's changes.

    Told already are so many of its history entries, amendments and editions; their numbers have no gaps, so that
    nothing recorded at the same moment is missed or told twice.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="follows")
    last_digest_at = models.DateTimeField()
    entries = models.PositiveIntegerField(default=0)
    amendments = models.PositiveIntegerField(default=0)
    editions = models.PositiveIntegerField(default=0)

    objects = FollowQuerySet.as_manager()

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")
        constraints = [models.UniqueConstraint(fields=["person", "plan"], name="follow_once")]

    def __str__(self):
        return f"{self.person}: {self.plan}"


class MessageQuerySet(models.QuerySet):
    def reminded_of(self, person, on):
        """What a person was reminded of in the week up to a day."""
        recent = self.filter(person=person, kind=Message.Kind.REMINDER, made_on__gt=on - WEEK)
        return {item for items in recent.values_list("items", flat=True) for item in items}

    def claim(self, now, *, tried):
        """Take a message that waits, none of those `tried`, for this process alone; None where none does."""
        found = self.waiting(now).exclude(pk__in=tried).select_related("person", "plan")
        for message in found.order_by("attempts", "pk"):
            if self.waiting(now).filter(pk=message.pk).update(claimed_at=now):
                return message
        return None

    def waiting(self, now):
        return self.filter(sent_at=None).filter(Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM))


class Message(models.Model):
    """A reminder or a digest for one person, kept until a mail server has taken it."""

    class Kind(models.TextChoices):
        REMINDER = "reminder", _("Reminder")
        DIGEST = "digest", _("Digest")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="messages", null=True)
    items = models.JSONField(default=list)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    made_on = models.DateField()
    made_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [models.Index(fields=["person", "kind", "-made_on"], name="message_told")]

    def __str__(self):
        return f"{self.person}: {self.subject}"

    @property
    def is_wanted(self):
        """Whether the person still has an account, still wants it, and may still read what it is about."""
        if not self.person.is_active:
            return False
        if self.kind == self.Kind.REMINDER:
            return self.person.reminders
        may_read = Plan.objects.visible_to(self.person).filter(pk=self.plan_id).exists()
        return may_read and Follow.objects.filter(person=self.person, plan=self.plan).exists()

    @property
    def unsubscribe_url(self):
        return unsubscribe_url(self.person, self.kind, self.plan)


def unsubscribe_url(person, kind, plan=None):
    """The address where one click ends messages of a kind, without signing in: it holds a signed token."""
    what = {"person": str(person.pk), "kind": str(kind), "plan": str(plan.key) if plan else ""}
    return settings.SITE_URL + reverse("unsubscribe", args=[signing.dumps(what, salt=SALT)])
