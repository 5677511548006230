"""Make reminders for people responsible for deliverables, and weekly digests for followers of plans."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from deliverables.attention import Attention, needing_attention
from deliverables.counts import Counts
from deliverables.models import Amendment, Deliverable, Proposal, ReportingRound, StatusUpdate
from deliverables.proposals.rights import records_directly
from plans.models import Plan, Translation, Visibility
from plans.translations import ENGLISH
from reports.mail.models import WEEK, Follow, Message, has_valid_address, unsubscribe_url
from reports.mail.rendering import render_mail
from reports.mail.rows import decided_amendment, open_deliverable, published_edition, recorded_update

REMINDED = [Attention.OVERDUE, Attention.DUE_SOON, Attention.STALE, Attention.NO_STATUS]
MAX_UPDATES_IN_DIGEST = 50
TEMPLATES = {
    Message.Kind.REMINDER: ("reports/mail/reminder.txt", "reports/mail/reminder.html"),
    Message.Kind.DIGEST: ("reports/mail/digest.txt", "reports/mail/digest.html"),
    Message.Kind.ROUND: ("reports/mail/round.txt", "reports/mail/round.html"),
    Message.Kind.PROPOSALS: ("reports/mail/proposals.txt", "reports/mail/proposals.html"),
    Message.Kind.ANSWERS: ("reports/mail/answers.txt", "reports/mail/answers.html"),
}


def make_reminders(now):
    """Make one message for each person whose deliverables need attention, unless they were reminded this week."""
    people = get_user_model().objects.filter(has_valid_address(), is_active=True, reminders=True)
    for person in people.exclude(deliverables=None).distinct():
        with override(person.language or ENGLISH):
            make_reminder(person, now)


def make_reminder(person, now):
    """Store a reminder for a person, and return it; None if there is nothing new to remind them of.

    It takes the place of those that wait for a mail server, so that nobody gets several at once, or outdated ones.
    """
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=person.pk)  # two runs at once must not remind twice
        today = timezone.localdate(now)
        tasks = not_yet_reminded(open_tasks(person, today), Message.objects.reminded_of(person, now))
        items = [reminder_item(need, row) for need, rows in tasks.items() for row in rows]
        message = replace_waiting(person, items, now)
        if not tasks:
            return None

        subject = ngettext("Please update one deliverable", "Please update %(number)d deliverables", len(items))
        message.items, message.subject = items, subject % {"number": len(items)}
        return store_message(message, reminder_context(person, tasks, today), now)


def reminder_context(person, tasks, today):
    """Return what the templates of a reminder need. The button leads to the plan of the most pressing deliverable."""
    plans = list({row.plan.pk: row.plan for rows in tasks.values() for row in rows}.values())
    page = "todo" if records_directly(person) else "my_reports"
    urls = [(plan, settings.SITE_URL + reverse(page, args=[plan.slug])) for plan in plans]
    request = ngettext(
        "Please update this deliverable, for which you are responsible.",
        "Please update these %(number)d deliverables, for which you are responsible.",
        number := sum(map(len, tasks.values())),
    )
    return {
        "thanks": thanks_to(person),
        "request": request % {"number": number},
        "tasks": [
            (need, [open_deliverable(row, with_plan=len(plans) > 1) for row in rows]) for need, rows in tasks.items()
        ],
        "button": {"url": urls[0][1], "label": _("Open your to-do list")},
        "other_plans": urls[1:],
        "today": today,
        "unsubscribe_url": unsubscribe_url(person, Message.Kind.REMINDER),
    }


def thanks_to(person):
    """Return the thanks for what a person has reported so far."""
    reports = StatusUpdate.objects.filter(Q(recorded_by=person) | Q(proposed_by=person)).count()
    if not reports:
        return _("Thank you for your part in the plan.")
    text = ngettext("Thank you for your report.", "Thank you for your %(number)d reports so far.", reports)
    return text % {"number": reports}


def replace_waiting(person, items, now):
    """Delete a person's reminders that wait to be sent, and return the one to send instead of them.

    About the same items it stays the same message: if it was sent after all, but the server's answer was lost, mail
    programs recognise the second one by its key.
    """
    waiting = list(Message.objects.waiting_for(person, Message.Kind.REMINDER, now))
    same = [message for message in waiting if sorted(message.items) == sorted(items)]
    for message in waiting:
        if message not in same[:1]:
            message.delete()
    return same[0] if same else Message(person=person, kind=Message.Kind.REMINDER)


def is_outdated(message, today):
    """Return whether a reminder names something that is done by now, or that its reader may no longer see."""
    if message.kind != Message.Kind.REMINDER:
        return False
    still_open = {reminder_item(need, row) for need, rows in open_tasks(message.person, today) for row in rows}
    return not set(message.items) <= still_open


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
    """Return (need, rows) for each of `REMINDED`, most pressing first, in running plans that the person may read."""
    plans = Plan.objects.visible_to(person).filter(starts_on__lte=today, ends_on__gte=today)
    plans = plans.exclude(visibility=Visibility.DRAFT)
    own = Deliverable.objects.filter(responsible=person, measure__action_line__plan__in=plans)
    # Not of what they have just reported, or what an open round asks about in e-mails of its own.
    reported = Proposal.objects.waiting().filter(Q(proposed_by=person) | Q(on_behalf_of=person))
    asked = ReportingRound.objects.open().filter(closes_on__gte=today).exclude(deliverables=None)
    own = own.exclude(pk__in=reported.values("deliverable")).exclude(pk__in=asked.values("deliverables"))
    deliverables = own.not_withdrawn().with_current_status().order_by("measure__action_line__plan", "due_on", "pk")

    tasks = [(need, list(needing_attention(need, deliverables, today))) for need in REMINDED]
    Translation.objects.load([row.plan for _need, rows in tasks for row in rows], get_language())
    return tasks


def make_digests(now):
    """Make a digest for each follower whose last one is a week old, unless nothing has changed."""
    a_week_ago = timezone.localdate(now) - WEEK
    ended = Message.objects.filter(  # refused, so that the follower's position was put back: tried again in a week
        person=OuterRef("person"), plan=OuterRef("plan"), kind=Message.Kind.DIGEST, made_on__gt=a_week_ago
    ).exclude(ended_at=None)
    due = Follow.objects.filter(
        has_valid_address("person__"), ~Exists(ended), last_digest_at__date__lte=a_week_ago, person__is_active=True
    )
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

        # One digest of several weeks takes the place of those that wait for a mail server.
        for waiting in Message.objects.waiting_for(follow.person, Message.Kind.DIGEST, now, plan):
            waiting.drop()
        follow.refresh_from_db()

        updates = StatusUpdate.objects.for_feed(plan).filter(sequence__gt=follow.entries)
        amendments = Amendment.objects.for_page(plan).filter(sequence__gt=follow.amendments)
        editions = plan.editions.filter(number__gt=follow.editions).order_by("number")
        number = updates.count() + len(amendments) + len(editions)
        if not number:
            return None

        since, before, follow.last_digest_at = follow.last_digest_at, follow.position, now
        follow.entries, follow.amendments = plan.history_length, plan.amendments_length
        follow.editions += len(editions)
        follow.save(update_fields=["last_digest_at", "entries", "amendments", "editions"])

        subject = ngettext("%(plan)s: one change", "%(plan)s: %(number)d changes", number)
        context = digest_context(follow, since, updates, amendments, editions)
        subject %= {"plan": plan.name, "number": number}
        message = Message(person=follow.person, kind=Message.Kind.DIGEST, plan=plan, subject=subject, items=[before])
        return store_message(message, context, now)


def digest_context(follow, since, updates, amendments, editions):
    """Return what the templates of a digest need."""
    plan, texts = follow.plan, follow.plan.translated_texts()
    statuses = Deliverable.objects.of_plan(plan.slug).not_withdrawn().values_list("status", flat=True)
    return {
        "plan": plan,
        "since": since,
        "rows": [
            *map(published_edition, editions),
            *(recorded_update(update, texts) for update in updates[:MAX_UPDATES_IN_DIGEST]),
            *(decided_amendment(amendment, texts) for amendment in amendments),
        ],
        "more": max(updates.count() - MAX_UPDATES_IN_DIGEST, 0),
        "counts": Counts.of(statuses),
        "button": {"url": settings.SITE_URL + reverse("changes", args=[plan.slug]), "label": _("See all changes")},
        "unsubscribe_url": unsubscribe_url(follow.person, Message.Kind.DIGEST, plan),
    }


def store_message(message, context, now):
    """Render the text and the HTML of a message, and store it in the outbox."""
    context |= {"person": message.person, "subject": message.subject}
    message.text, message.html = render_mail(TEMPLATES[message.kind], context)
    message.subject = _("Metropolis Tracker: %s") % " ".join(str(message.subject).split())
    message.made_on, message.made_at = timezone.localdate(now), now
    message.save()
    return message
