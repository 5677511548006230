from urllib.parse import urlencode

from django import template
from django.urls import reverse

register = template.Library()


@register.simple_tag(takes_context=True)
def plan_url(context, page, *parts, **query):
    """The address of a page of the plan in view. Keeps the as-of date; empty query values are left out."""
    query = {"as_of": context.get("as_of")} | query
    filled = {key: str(value) for key, value in query.items() if value}
    address = reverse(page, args=[context["plan"].slug, *parts])
    return f"{address}?{urlencode(filled)}" if filled else address


@register.inclusion_tag("components/tally.html", takes_context=True)
def tally(context, counts, **part):
    """“12 of 17 attained”, each figure a link to its rows; `part` are the list's filters that choose them."""
    return {
        "counts": counts,
        "all_url": plan_url(context, "deliverables", **part),
        "attained_url": plan_url(context, "deliverables", **part, status="attained"),
    }
