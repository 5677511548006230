"""One run: which links are due, how they are asked one after the other, and how the results are stored."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction

from deliverables.link_checks.fetching import Answer, Network, ask_link
from deliverables.models import LinkCheck, LinkState, StatusUpdate
from deliverables.models.link_check import link_key
from plans.models import Plan

EVERY = timedelta(days=30)
MOST = 200  # links a run: the daily runs of a month check 6,000
PAUSE = 2  # seconds between two links of the same host
NEVER = datetime.min.replace(tzinfo=UTC)


def due_links(links, now):
    """Return those of these links that were not checked for a month: first those that never were, then the oldest."""
    checked = dict(LinkCheck.objects.values_list("link", "checked_at"))
    due = [link for link in links if checked.get(link, NEVER) <= now - EVERY]
    return sorted(due, key=lambda link: (checked.get(link, NEVER), link_key(link)))  # by hash: the hosts are mixed


def host_of(link):
    try:
        return urlsplit(link).hostname
    except ValueError:
        return None


@dataclass
class Pauses:
    """Waits before a host is asked again."""

    sleep: Callable = time.sleep
    clock: Callable = time.monotonic
    asked_at: dict = field(default_factory=dict)

    def links(self, links):
        """Yield the links, each once its host has had a pause."""
        for link in links:
            host = host_of(link)
            if host in self.asked_at:
                self.sleep(max(0, self.asked_at[host] + PAUSE - self.clock()))
            yield link
            self.asked_at[host] = self.clock()


def answer_of(link, network):
    """Return the `Answer` of a link. An error that nobody thought of is an answer too, so that the run goes on."""
    try:
        return ask_link(link, network)
    except Exception as error:
        return Answer(LinkState.UNKNOWN, type(error).__name__)


def ask_links(links, network=None, pauses=None):
    """Yield each link with its `Answer`, one request at a time.

    Without a network, resolvers say of every name that there is none. So a link without such a name comes at the end,
    and counts as not found only if another server has answered in this run.
    """
    network, held_back, is_online = network or Network(), [], False
    for link in (pauses or Pauses()).links(links):
        answer = answer_of(link, network)
        is_online = is_online or answer.has_answered
        if answer.state == LinkState.NOT_FOUND and not answer.has_answered:
            held_back.append((link, answer))
        else:
            yield link, answer

    for link, answer in held_back:
        yield link, answer if is_online else replace(answer, state=LinkState.UNKNOWN)


def store(link, state, *, at):
    """Store a result, and return whether it was stored: not if the link was taken down or corrected meanwhile.

    The lock on the plans of the link makes a takedown wait, which then deletes this result with the link.
    """
    with transaction.atomic():
        updates = StatusUpdate.objects.in_effect().with_link(link)
        plans = list(Plan.objects.select_for_update().filter(pk__in=updates.values("plan")).order_by("pk"))
        is_in_effect = updates.exists()
        if is_in_effect:
            LinkCheck.objects.store(link, state, at=at)
            for plan in plans:
                Plan.objects.raise_reporting_revision(plan)
        return is_in_effect
