"""The URLs of `tests.benchmarks.served`."""

from functools import cache

from django.core.cache import caches
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.template import engines
from django.test import Client, override_settings
from django.urls import path

from deliverables.models import NATURAL_ORDER, Deliverable
from metropolis_tracker import urls as tracker
from tests.benchmarks.serving import PAGES

TABLE = """<!doctype html><title>Deliverables</title><table>
{% for row in rows %}<tr id="row-{{ row.code }}"><th scope="row">{{ row.code }}</th>
<td><a href="{% url "deliverable" row.plan.slug row.code %}">{{ row.title }}</a></td>
<td><span class="status {{ row.status.value }}"><svg class="glyph" aria-hidden="true">
<use href="#{{ row.status.value }}"/></svg>{{ row.status.label }}</span></td>
<td><time datetime="{{ row.status_on|date:"Y-m-d" }}">{{ row.status_on|date:"SHORT_DATE_FORMAT" }}</time></td></tr>
{% endfor %}</table>"""
bodies = {}


def constant(request, page):
    if not bodies:
        bodies.update({name: Client().get(address).content for name, address in PAGES.items()})
    return HttpResponse(bodies[page])


def plain(request):
    rows = (
        Deliverable.objects.of_plan("2018-2020").select_related("measure__action_line__plan").order_by(*NATURAL_ORDER)
    )
    return HttpResponse(template().render({"rows": rows}, request))


@cache
def template():
    return engines["django"].from_string(TABLE)


def clear_page_cache():
    caches["pages"].clear()


with override_settings(MIDDLEWARE=[]):
    without_middleware = WSGIHandler()

urlpatterns = [
    path("constant/<str:page>", constant),
    path("bare/<str:page>", constant),
    path("plain/", plain),
    *tracker.urlpatterns,
]
