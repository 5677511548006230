"""Signed links by which a person reports in a round without signing in.

A link names a round and a person, and nothing else: what it opens is looked up at each request. It ends with the round.
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.db import models
from django.urls import reverse
from django.utils import timezone

from deliverables.models import ReportingRound
from plans.models import Plan

SALT = "report link"  # part of the signature of every link already sent: it never changes


@dataclass(frozen=True)
class ReportLink:
    """What a genuine link names."""

    round: ReportingRound
    person: models.Model


def token_for(reporting_round, person):
    return signing.dumps({"round": str(reporting_round.key), "person": str(person.pk)}, salt=SALT, compress=True)


def url_for(reporting_round, person):
    """Return the full URL of a person's link, in the active language."""
    return settings.SITE_URL + reverse("report_by_link", args=[token_for(reporting_round, person)])


def takes_files(token):
    """Return whether a link still takes reports. It decides what a request may send, before that is read."""
    link = read_link(token)
    return bool(link) and link.round.takes_reports_on(timezone.localdate())


def read_link(token):
    """Return the `ReportLink` of a token; None if it is not ours, or its person has left or may not read the plan."""
    try:
        names = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    reporting_round = ReportingRound.objects.select_related("plan__organisation").filter(key=names["round"]).first()
    person = get_user_model().objects.filter(pk=names["person"], is_active=True).first()
    if not (reporting_round and person):
        return None
    may_read = Plan.objects.visible_to(person).filter(pk=reporting_round.plan_id).exists()
    return ReportLink(reporting_round, person) if may_read else None
