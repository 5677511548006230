"""Followers of plans, and the outbox: messages to send, and those sent."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plans.models import Plan

WEEK = timedelta(days=7)
CLAIM_EXPIRES_AFTER = timedelta(minutes=15)  # then another process sends it: the one that claimed it has died
MAX_AGE = timedelta(days=14)  # an older message is not sent any more
MAX_REFUSALS = 5  # of one message: then it is not sent any more
SALT = "stop-mail"  # part of the signature of every link already sent: it never changes


POSITION = ("entries", "amendments", "editions")  # of a follower: see `Follow`


def has_valid_address(person=""):
    """Return the condition that no message was refused for good at a person's address. `person` is the path to it."""
    refused = Message.objects.filter(person=OuterRef(f"{person}pk"), refused_address=OuterRef(f"{person}email"))
    return ~Exists(refused)


class FollowQuerySet(models.QuerySet):
    def begin(self, person, plan, at):
        """Make a person a follower of a plan. The first digest covers what is recorded after `at`."""
        position = {"last_digest_at": at, "entries": plan.history_length, "amendments": plan.amendments_length}
        position["editions"] = plan.editions.count()
        return self.get_or_create(person=person, plan=plan, defaults=position)


class Follow(models.Model):
    """A person who wants a weekly digest of a plan's changes.

    `entries`, `amendments` and `editions` are the last numbers already sent. The numbers have no gaps, so unlike a time
    they neither miss nor repeat what is recorded at the moment a digest is made.
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

    @property
    def position(self):
        """Return what the next digest begins after, as JSON."""
        return {name: getattr(self, name) for name in POSITION} | {"last_digest_at": self.last_digest_at.isoformat()}

    def go_back(self, position):
        """Begin the next digest after an earlier `position`: the digest that covered what came since was not sent."""
        for name in POSITION:
            setattr(self, name, min(position[name], getattr(self, name)))
        self.last_digest_at = min(datetime.fromisoformat(position["last_digest_at"]), self.last_digest_at)
        self.save(update_fields=[*POSITION, "last_digest_at"])


class MessageQuerySet(models.QuerySet):
    def reminded_of(self, person, now):
        """Return the items (see `reminder_item`) in a person's reminders of the last week, except those that wait."""
        reminders = self.filter(person=person, kind=Message.Kind.REMINDER)
        recent = reminders.filter(made_on__gt=timezone.localdate(now) - WEEK).exclude(pk__in=self.unclaimed(now))
        return {item for items in recent.values_list("items", flat=True) for item in items}

    def waiting_for(self, person, kind, now, plan=None):
        """Return the messages of a kind that wait for a person, about a plan or about none, newest first."""
        return self.unclaimed(now).filter(person=person, kind=kind, plan=plan).order_by("-pk")

    def of_round(self, reporting_round):
        """Return the messages in which a round asks people."""
        return self.filter(kind=Message.Kind.ROUND, plan=reporting_round.plan, made_at__gte=reporting_round.opened_at)

    def claim(self, now, *, tried):
        """Claim the next unsent message, except those `tried`, for this process. Return None if there is none."""
        messages = self.unclaimed(now).exclude(pk__in=tried).select_related("person", "plan")

        for message in messages.order_by("attempts", "pk"):
            # The update repeats the condition: of two processes that read the same message, only one changes the row.
            if self.unclaimed(now).filter(pk=message.pk).update(claimed_at=now):
                return message
        return None

    def waiting(self):
        """Return the messages that no mail server has taken, and that are still to be sent."""
        return self.filter(sent_at=None, ended_at=None)

    def unclaimed(self, now):
        """Return unsent messages that no living process is sending."""
        return self.waiting().filter(Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_EXPIRES_AFTER))


class Message(models.Model):
    """A reminder or a digest for one person.

    It is sent again until a mail server accepts it. It ends unsent (`ended_at`) when the server refuses it for good, or
    too often. `refused_address` is the address that does not exist: nothing more is written to it.

    `items` are what a reminder is about; those of a digest are the position of its `Follow` before it was made, those
    of the others the keys of the round or of the proposals.
    """

    class Kind(models.TextChoices):
        REMINDER = "reminder", _("Reminder")
        DIGEST = "digest", _("Digest")
        ROUND = "round", _("Questions of a reporting round")
        PROPOSALS = "proposals", _("Reports to check")
        ANSWERS = "answers", _("Answers to reports")

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
    ended_at = models.DateTimeField(null=True)
    refused_address = models.EmailField(blank=True)
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
        """Return whether the person still has an account, still wants the message and may still read its plan.

        Whether a reminder is still true is up to `reminders.is_outdated`.
        """
        if not self.person.is_active:
            return False
        if self.kind == self.Kind.REMINDER:
            return self.person.reminders

        may_read = Plan.objects.visible_to(self.person).filter(pk=self.plan_id).exists()
        if self.kind == self.Kind.PROPOSALS:
            return may_read and self.person.reminders
        if self.kind != self.Kind.DIGEST:
            return may_read
        return may_read and Follow.objects.filter(person=self.person, plan=self.plan).exists()

    @property
    def can_be_unsubscribed(self):
        """Return whether a person may end messages of this kind: not those about their own reports and a round."""
        return self.kind in (self.Kind.REMINDER, self.Kind.DIGEST, self.Kind.PROPOSALS)

    def drop(self):
        """Delete a message that is not to be sent any more. What a digest told comes into the next one."""
        self.put_back()
        self.delete()

    def put_back(self):
        """Let the next digest begin where this one began."""
        follow = Follow.objects.filter(person=self.person_id, plan=self.plan_id).first()
        if self.kind == self.Kind.DIGEST and follow and self.items:
            follow.go_back(self.items[0])

    @property
    def unsubscribe_url(self):
        return unsubscribe_url(self.person, self.kind, self.plan)


def unsubscribe_url(person, kind, plan=None):
    """Return the URL that ends messages of a kind with one click. A signed token in it replaces signing in."""
    subscription = {"person": str(person.pk), "kind": str(kind), "plan": str(plan.key) if plan else ""}
    return settings.SITE_URL + reverse("unsubscribe", args=[signing.dumps(subscription, salt=SALT)])
