"""Queries of status updates: which are in effect, what was before them, and what a feed shows."""

from itertools import starmap

from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery, Value
from django.db.models.functions import Coalesce

from deliverables.models.feed import COLUMNS, FeedEntry
from deliverables.status import Status, StatusField

CODE_RELATIONS = ("deliverable__measure__action_line__plan",)


class StatusUpdateQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug, sequence):
        return self.get(plan__slug=slug, sequence=sequence)

    def in_effect(self):
        """Return the updates that no later one corrects."""
        return self.filter(correction=None)

    def with_link(self, link):
        """Return the updates that have this link in their evidence."""
        return self.filter(Q(evidence_link=link) | Q(items__link=link)).distinct()

    def evidence_links(self):
        """Return the links in the evidence of the updates, each once, as a set."""
        links = set(self.exclude(evidence_link="").values_list("evidence_link", flat=True))
        return links | set(self.filter(items__link__gt="").values_list("items__link", flat=True))

    def with_status_before(self):
        """Annotate `status_before`: the status that the deliverable had, as far as is known now, before this update.

        It is derived from the updates in effect: one recorded later, for an earlier day, changes it. The column
        `previous_status` holds what was known at the time of recording.
        """
        earlier = (
            self.model.objects.in_effect()
            .filter(deliverable=OuterRef("deliverable"))
            .filter(
                Q(effective_on__lt=OuterRef("effective_on"))
                | Q(effective_on=OuterRef("effective_on"), sequence__lt=OuterRef("sequence"))
            )
            .latest_first()
        )
        before = Coalesce(Subquery(earlier.values("status")[:1]), Value(Status.NO_STATUS), output_field=StatusField())
        return self.annotate(status_before=before)

    def with_evidence(self):
        """Load the evidence items of all updates with one query."""
        return self.prefetch_related(Prefetch("items", to_attr="all_items"))

    def with_takedowns(self):
        """Load what was taken down from the updates with one query."""
        return self.prefetch_related(Prefetch("takedowns", to_attr="all_takedowns"))

    def confirmations(self):
        """Return the updates that confirm the status before them. They need `with_status_before()`."""
        return self.in_effect().filter(corrects=None, status=F("status_before"))

    def latest_first(self):
        return self.order_by("-effective_on", "-sequence")

    def last_updated_first(self):
        """Annotate `updated_at`, the moment of recording or of being corrected, and order by it, latest first."""
        updated_at = Coalesce("correction__recorded_at", "recorded_at")
        return self.annotate(updated_at=updated_at).order_by("-updated_at", "-sequence")

    def in_effect_on(self, as_of):
        """Return the updates in effect on `as_of` (None for today). A deliverable's first one is its status."""
        effective = {"effective_on__lte": as_of} if as_of else {}
        return self.in_effect().filter(**effective).latest_first()

    def since_status_began(self, as_of):
        """Return the updates in effect on `as_of` that report the current status without a break, oldest first."""
        others_later = (
            self.model.objects.in_effect_on(as_of)
            .filter(deliverable=OuterRef("deliverable"))
            .filter(
                Q(effective_on__gt=OuterRef("effective_on"))
                | Q(effective_on=OuterRef("effective_on"), sequence__gt=OuterRef("sequence"))
            )
            .exclude(status=OuterRef("status"))
        )
        return self.in_effect_on(as_of).filter(~Exists(others_later)).order_by("effective_on", "sequence")

    def with_is_late(self):
        """Annotate `is_late`: whether a report for a later day was in effect when this one was recorded.

        Such an update changed the past, but not the current status of its day of recording.
        """
        later = self.model.objects.filter(
            Q(correction=None) | Q(correction__sequence__gt=OuterRef("sequence")),
            deliverable=OuterRef("deliverable"),
            sequence__lt=OuterRef("sequence"),
            effective_on__gt=OuterRef("effective_on"),
        )
        return self.annotate(is_late=Exists(later))

    def in_chain(self, plan):
        """Return a plan's history from its first entry to the head that `plan` states, with what the digests cover.

        Entries recorded after `plan` was read come after that head and are left out, so no lock is needed.
        """
        chain = self.filter(plan=plan, sequence__lte=plan.history_length).order_by("sequence")
        return chain.select_related("plan", "corrects", *CODE_RELATIONS).with_evidence().with_takedowns()

    def for_feed(self, plan, as_of=None):
        """Return all updates of a plan that are effective by `as_of`, newest first, with what a feed entry shows."""
        effective = {"effective_on__lte": as_of} if as_of else {}
        return (
            self.filter(plan=plan, **effective)
            .with_is_late()
            .with_status_before()
            .select_related("correction", "corrects", *CODE_RELATIONS)
            .order_by("-sequence")
        )

    def entries(self):
        """Return a list of each as a `FeedEntry`, with the wording of today. Needs `for_feed`. One query."""
        return list(starmap(FeedEntry, self.values_list(*COLUMNS)))
