"""The ten main queries, and how a database goes about them: `make bench` prints that of a grown one."""

from datetime import date

from django.db import connection

from deliverables.models import Amendment, Deliverable, StatusUpdate
from plans.models import Measure, Plan
from plans.page_cache import PLAN_STATE
from reports.figures.progress import status_events

DAY = date(2019, 12, 31)


def main_queries(slug="2018-2020"):
    """By what each is for: a queryset, or SQL with its values."""
    plan = Plan.objects.get(slug=slug)
    first = Deliverable.objects.of_plan(slug).first()
    return {
        "whether a page has changed": (PLAN_STATE, [slug]),
        "the list": Deliverable.objects.of_plan(slug).not_withdrawn().with_current_status(),
        "the list as of a day": Deliverable.objects.of_plan(slug).not_withdrawn(DAY).with_current_status(DAY),
        "how each stands, for the overview": Deliverable.objects.of_plan(slug).with_withdrawal().with_update(),
        "the measures": Measure.objects.filter(action_line__plan=plan).select_related("action_line"),
        "the feed": StatusUpdate.objects.for_feed(plan)[:50],
        "the chart": status_events.__wrapped__(plan.pk, DAY, None),
        "the history of a deliverable": first.updates.with_is_late().select_related("correction", "corrects"),
        "the last update seen": StatusUpdate.objects.filter(deliverable=first).order_by("-sequence")[:1],
        "the chain": StatusUpdate.objects.in_chain(plan),
        "the amendments": Amendment.objects.for_page(plan),
    }


def explained(query):
    """How the database goes about a query, in its own words."""
    sql, values = query if isinstance(query, tuple) else query.query.sql_with_params()
    with connection.cursor() as cursor:
        words = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
        cursor.execute(words + sql, values)
        return "\n".join(" ".join(map(str, row)) for row in cursor.fetchall())


def report():
    """All of them as Markdown."""
    found = [f"### {name}\n\n```\n{explained(query)}\n```\n" for name, query in main_queries().items()]
    return "\n".join(found)
