"""What `tests/access.tsv` is made of: each address, with something real in its place holders, asked by each role."""

import re
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path

from django.apps import apps
from django.core.cache import caches
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver

from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role
from plans.models import Plan, Visibility
from tests.builders import publish
from tests.conftest import person, sign_in

TABLE = Path(__file__).with_name("access.tsv")
PEOPLE = {
    "board": ("Beatriz Soler", Role.BOARD),
    "regional": ("Rashid Amrani", Role.REGIONAL_SECRETARIES),
    "secretariat": ("Sofia Marín", Role.SECRETARIAT),
    "administrator": ("Adam Weiss", Role.ADMINISTRATORS),
}
HEADER = "\t".join(["plan", "method", "address", "visitor", *PEOPLE])
METHODS = ["GET", "POST", "DELETE"]
KEY = "00000000-0000-4000-8000-000000000000"  # of nothing
ASSEMBLY = "8f276515-8b55-5674-b684-5ad9c8905f02"  # the meeting of the fixture
SAMPLES = {
    "slug:slug": "2018-2020", "deliverable:code": "L1M1D1", "part:code": "L1M1", "line:code": "L1",
    "measure:code": "L1M1", "int:number": "1", "int:sequence": "1", "str:extension": "html",
    "uuid:key": KEY, "str:token": "forged", "sha256:sha256": "0" * 64,
    "slug:kind": "plan", "str:language": "es", "slug:name": "reader", "slug:region": "africa", "int:pk": "1",
    "path:content_type_id": "1", "path:object_id": KEY, "app_label": "plans", "url": "nowhere", "key": "forged",
    "uidb36": "1",
}  # fmt: skip


def routes():
    """Every pattern of the resolver, without the language before it."""

    def walk(patterns, prefix):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, prefix + str(pattern.pattern))
            else:
                yield prefix + str(pattern.pattern)

    return dict.fromkeys(walk(get_resolver().url_patterns, ""))


def rows_wanted():
    """The rows of the table: an address of a plan once for each visibility."""
    for route in routes():
        for visibility in Visibility.values if "<slug:slug>" in route else ["-"]:
            for method in METHODS:
                yield visibility, method, route


def path_of(route):
    """An address with something real in it."""
    if found := re.match(r"admin/(\w+)/(\w+)/<path:object_id>", route):
        model = apps.get_model(*found.groups())
        SAMPLES["path:object_id"] = str(getattr(model._default_manager.first(), "pk", KEY))
    SAMPLES["uuid:key"] = ASSEMBLY if route.startswith("meetings/") else KEY
    SAMPLES["slug:kind"] = "summary" if "editions/" in route else "plan"
    if "brief." in route:
        SAMPLES["str:extension"] = "pdf"
    elif "template-" in route or "editions/<" in route:
        SAMPLES["str:extension"] = "csv"
    elif "<str:extension>" in route:
        SAMPLES["str:extension"] = "html"
    path = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", lambda group: SAMPLES[group[1]], route)
    path = re.sub(r"<([\w:]+)>", lambda group: SAMPLES[group[1]], path)
    return "/" + re.sub(r"[\^$]", "", path)


@contextmanager
def edition_for(route):
    """Publish an edition for the addresses of editions. All their rows share it."""
    with transaction.atomic():
        if "editions/<" in route:
            publish(Plan.objects.get(), by=User.objects.get(name="Sofia Marín"))
        yield
        transaction.set_rollback(True)


def answers(people, visibility, method, route):
    """Return the status that each role gets, as texts, and undo whatever the requests changed."""
    caches["limits"].clear()
    with transaction.atomic():
        if visibility != "-":
            Plan.objects.update(visibility=visibility)
        path = path_of(route)
        statuses = [str(answer(cookies, method, path)) for cookies in people.values()]
        transaction.set_rollback(True)
    return statuses


def everyone():
    """Make a person of each role. Return what their browsers send: no cookie for a visitor."""
    browsers = {"visitor": Client()} | {role: sign_in(person(*who)) for role, who in PEOPLE.items()}
    return {role: browser.cookies for role, browser in browsers.items()}


CLIENT = Client()  # one for all requests, since each loads the middleware


def answer(cookies, method, path):
    CLIENT.cookies = SimpleCookie({name: morsel.value for name, morsel in cookies.items()})
    with transaction.atomic():
        status = CLIENT.generic(method, path, content_type="application/x-www-form-urlencoded").status_code
        transaction.set_rollback(True)
    return status
