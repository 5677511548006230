"""Make reminders for people responsible for deliverables, and weekly digests for followers of plans."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from deliverables.attention import Attention, needing_attention
from deliverables.models import Amendment, Deliverable, StatusUpdate
from plans.models import Plan, Translation
from plans.translations import ENGLISH
from reports.mail.models import WEEK, Follow, Message, unsubscribe_url

REMINDED = [Attention.OVERDUE, Attention.DUE_SOON, Attention.STALE, Attention.NO_STATUS]
MAX_UPDATES_IN_DIGEST = 50
TEMPLATES = {
    Message.Kind.REMINDER: ("reports/mail/reminder.txt", "reports/mail/reminder.html"),
    Message.Kind.DIGEST: ("reports/mail/digest.txt", "reports/mail/digest.html"),
}


def make_reminders(now):
    """Make one message for each person whose deliverables need attention, unless they were reminded this week."""
    people = get_user_model().objects.filter(is_active=True, reminders=True)
    for person in people.exclude(deliverables=None).distinct():
        with override(person.language or ENGLISH):
            make_reminder(person, now)


def make_reminder(person, now):
    """Store a reminder for a person, and return it; None if there is nothing new to remind them of."""
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=person.pk)  # two runs at once must not remind twice
        today = timezone.localdate(now)
        reminded = Message.objects.reminded_of(person, today)
        tasks = not_yet_reminded(open_tasks(person, today), reminded)
        if not tasks:
            return None

        number = sum(len(rows) for rows in tasks.values())
        subject = ngettext("Please update one deliverable", "Please update %(number)d deliverables", number)
        context = {"tasks": tasks, "today": today, "unsubscribe_url": unsubscribe_url(person, Message.Kind.REMINDER)}
        message = Message(person=person, kind=Message.Kind.REMINDER, subject=subject % {"number": number})
        message.items = [reminder_item(need, row) for need, rows in tasks.items() for row in rows]
        return store_message(message, context, now)


def not_yet_reminded(open_tasks, reminded):
    """Return the rows to remind of, by `Attention`: each deliverable once, under its most pressing need."""
    tasks, listed = {}, set()
    for need, rows in open_tasks:
        new = [row for row in rows if reminder_item(need, row) not in reminded and row.pk not in listed]
        listed |= {row.pk for row in rows}
        if new:
            tasks[need] = new
    return tasks


def reminder_item(need, row):
    """Return the key stored with a message, by which a person is not reminded of the same within a week."""
    return f"{need.value}:{row.key}"


def open_tasks(person, today):
    """Return (need, rows) for each of `REMINDED`, most pressing first, in the plans that the person may read."""
    plans = Plan.objects.visible_to(person).filter(starts_on__lte=today)
    own = Deliverable.objects.filter(responsible=person, measure__action_line__plan__in=plans)
    deliverables = own.not_withdrawn().with_current_status().order_by("measure__action_line__plan", "due_on", "pk")

    tasks = [(need, list(needing_attention(need, deliverables, today))) for need in REMINDED]
    Translation.objects.load([row.plan for _need, rows in tasks for row in rows], get_language())
    return tasks


def make_digests(now):
    """Make a digest for each follower whose last one is a week old, unless nothing has changed."""
    due = Follow.objects.filter(last_digest_at__date__lte=timezone.localdate(now) - WEEK, person__is_active=True)
    for follow in due.select_related("person", "plan"):
        if Plan.objects.visible_to(follow.person).filter(pk=follow.plan_id).exists():
            with override(follow.person.language or ENGLISH):
                make_digest(follow, now)


def make_digest(follow, now):
    """Store a digest for a follower and return it; None if one is not due or nothing has changed."""
    with transaction.atomic():
        # The lock delays concurrent recording until the numbers below are saved: its entries go into the next digest.
        plan = Plan.objects.select_for_update().get(pk=follow.plan_id)
        follow = Follow.objects.select_for_update(of=("self",)).select_related("person").filter(pk=follow.pk).first()
        if follow is None or timezone.localdate(follow.last_digest_at) > timezone.localdate(now) - WEEK:
            return None  # meanwhile the person unsubscribed, or another process made this digest

        updates = StatusUpdate.objects.for_feed(plan).filter(sequence__gt=follow.entries)
        amendments = Amendment.objects.for_page(plan).filter(sequence__gt=follow.amendments)
        editions = plan.editions.filter(number__gt=follow.editions).order_by("number")
        number = updates.count() + len(amendments) + len(editions)
        if not number:
            return None

        since, follow.last_digest_at = follow.last_digest_at, now
        follow.entries, follow.amendments = plan.history_length, plan.amendments_length
        follow.editions += len(editions)
        follow.save(update_fields=["last_digest_at", "entries", "amendments", "editions"])

        subject = ngettext("%(plan)s: one change", "%(plan)s: %(number)d changes", number)
        context = {
            "plan": plan,
            "since": since,
            "updates": updates[:MAX_UPDATES_IN_DIGEST],
            "more": max(updates.count() - MAX_UPDATES_IN_DIGEST, 0),
            "amendments": amendments,
            "editions": editions,
            "unsubscribe_url": unsubscribe_url(follow.person, Message.Kind.DIGEST, plan),
        }
        subject %= {"plan": plan.name, "number": number}
        message = Message(person=follow.person, kind=Message.Kind.DIGEST, plan=plan, subject=subject)
        return store_message(message, context, now)


def store_message(message, context, now):
    """Render the text and the HTML of a message, and store it in the outbox."""
    context |= {"person": message.person, "site": settings.SITE_URL, "subject": message.subject}
    message.text, message.html = (render_to_string(name, context) for name in TEMPLATES[message.kind])
    message.subject = _("Metropolis Tracker: %s") % " ".join(str(message.subject).split())
    message.made_on, message.made_at = timezone.localdate(now), now
    message.save()
    return message
