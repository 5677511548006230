"""What people are written to about: what is due of theirs, and what changed in the plans they follow."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from deliverables.attention import Attention, needing
from deliverables.models import Amendment, Deliverable, StatusUpdate
from plans.models import Plan, Translation
from plans.translations import ENGLISH
from reports.mail.models import WEEK, Follow, Message, unsubscribe_url

REMINDED = [Attention.OVERDUE, Attention.DUE_SOON, Attention.STALE, Attention.NO_STATUS]
MOST_IN_A_DIGEST = 50


def make_reminders(now):
    """One message for each person who is responsible for something that waits and was not told of it this week."""
    people = get_user_model().objects.filter(is_active=True, reminders=True)
    for person in people.exclude(deliverables=None).distinct():
        with override(person.language or ENGLISH):
            make_reminder(person, now)


def make_reminder(person, now):
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=person.pk)  # one at a time writes to a person
        today = timezone.localdate(now)
        told = Message.objects.reminded_of(person, today)
        tasks = not_yet_reminded(open_tasks(person, today), told)
        if not tasks:
            return None
        number = sum(len(rows) for rows in tasks.values())
        subject = ngettext("One deliverable waits for you", "%(number)d deliverables wait for you", number)
        context = {"tasks": tasks, "today": today, "unsubscribe_url": unsubscribe_url(person, Message.Kind.REMINDER)}
        return make(
            person,
            Message.Kind.REMINDER,
            subject % {"number": number},
            ("reports/mail/reminder.txt", "reports/mail/reminder.html"),
            context,
            now=now,
            items=[item(gap, row) for gap, rows in tasks.items() for row in rows],
        )


def not_yet_reminded(waiting, told):
    """What waits and was not told: each deliverable once, under what is most pressing."""
    tasks, seen = {}, set()
    for gap, rows in waiting:
        new = [row for row in rows if item(gap, row) not in told and row.pk not in seen]
        seen |= {row.pk for row in rows}
        if new:
            tasks[gap] = new
    return tasks


def item(gap, row):
    """What was told of: the same again within a week is not told twice."""
    return f"{gap.value}:{row.key}"


def open_tasks(person, today):
    """What waits for a person, by what is wanted, in the plans that are theirs to read."""
    plans = Plan.objects.visible_to(person).filter(starts_on__lte=today)
    own = Deliverable.objects.filter(responsible=person, measure__action_line__plan__in=plans)
    deliverables = own.not_withdrawn().with_current_status().order_by("measure__action_line__plan", "due_on", "pk")
    waiting = [(gap, list(needing(gap, deliverables, today))) for gap in REMINDED]
    Translation.objects.load([row.plan for _gap, rows in waiting for row in rows], get_language())
    return waiting


def make_digests(now):
    """A digest for each follower to whom a week's changes were not told yet. Without changes none is made."""
    due = Follow.objects.filter(last_digest_at__date__lte=timezone.localdate(now) - WEEK, person__is_active=True)
    for follow in due.select_related("person", "plan"):
        if Plan.objects.visible_to(follow.person).filter(pk=follow.plan_id).exists():
            with override(follow.person.language or ENGLISH):
                make_digest(follow, now)


def make_digest(follow, now):
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=follow.plan_id)  # what is recorded now waits, and is told next
        follow = Follow.objects.select_for_update(of=("self",)).select_related("person").filter(pk=follow.pk).first()
        if follow is None or timezone.localdate(follow.last_digest_at) > timezone.localdate(now) - WEEK:
            return None  # meanwhile they follow no longer, or another process was faster
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
            "updates": updates[:MOST_IN_A_DIGEST],
            "more": max(updates.count() - MOST_IN_A_DIGEST, 0),
            "amendments": amendments,
            "editions": editions,
            "unsubscribe_url": unsubscribe_url(follow.person, Message.Kind.DIGEST, plan),
        }
        names = ("reports/mail/digest.txt", "reports/mail/digest.html")
        values = {"plan": plan.name, "number": number}
        return make(follow.person, Message.Kind.DIGEST, subject % values, names, context, now=now, plan=plan)


def make(person, kind, subject, names, context, *, now, plan=None, items=()):
    """Keep a message to be sent: its text and its HTML are set now, of what is true now."""
    context |= {"person": person, "site": settings.SITE_URL, "subject": subject}
    text, html = (render_to_string(name, context) for name in names)
    return Message.objects.create(
        person=person,
        kind=kind,
        plan=plan,
        items=list(items),
        subject=_("Metropolis Tracker: %s") % " ".join(str(subject).split()),
        text=text,
        html=html,
        made_on=timezone.localdate(now),
        made_at=now,
    )
