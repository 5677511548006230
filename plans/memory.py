"""What a worker remembers of plans, so that a page reads and draws only what has changed.

What is promised changes rarely, and what is reported many times a day. So what follows from the structure of a plan
(all that its pages show, but for the statuses) is kept under `Plan.structure_version`, and fragments of pages under
what they show. Each worker has its own memory, bounded by a number of entries; nothing in it is ever written back.

Only a plan that was read to be shown (`Plan.is_only_read`) uses it. In a transaction that is rolled back, another plan
would be remembered under a version that is given once more.
"""

import time
from collections import OrderedDict
from functools import lru_cache, wraps
from threading import Lock

from django.db import models
from django.template.loader import get_template
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

STRUCTURES = 100  # of each function: plans, in each language
SECONDS = 1  # for which a worker remembers the revision of a plan, and whether it is public, for visitors
FRAGMENTS, KEY = 10_000_000, 2000  # characters: in all, and for the key of each, which has what it shows

remembered = []


def forget_all():
    """Forget everything. For tests, whose plans have the same versions."""
    for memory in remembered:
        memory.cache_clear()


class Kept:
    """A plan as the key of a memory: equal to every other one of the same version."""

    def __init__(self, plan, version):
        self.plan, self.version = plan, version

    def __eq__(self, other):
        return self.version == other.version

    def __hash__(self):
        return hash(self.version)


def by_structure(function):
    """Decorate a function of a plan, and of values that can be hashed, whose value follows from its structure.

    The value is shared by all requests in a language: nobody may change it.
    """
    return kept_under("structure_version", function)


def by_version(function):
    """Decorate a function of a plan whose value changes with every change of the plan; the rest as `by_structure`."""
    return kept_under("version", function)


def by_reporting(function):
    """Decorate a function of a plan whose value follows from its rounds and proposals; the rest as `by_structure`."""
    return kept_under("reporting_version", function)


def kept_under(version, function):
    """Return a function that remembers its values under this version of the plan."""

    @lru_cache(STRUCTURES)
    def remember(kept, language, *args):
        return function(kept.plan, *args)

    @wraps(function)
    def recall(plan, *args):
        if not plan.is_only_read:
            return function(plan, *args)
        return remember(Kept(plan, getattr(plan, version)), get_language(), *args)

    remembered.append(remember)
    return recall


class Recent:
    """Values that are read anew once they are `SECONDS` old: under load, many requests share one query."""

    def __init__(self):
        self.values = {}

    def get(self, key, read):
        """Return the value of a key, by calling `read` unless that was done just now."""
        value, until = self.values.get(key, (None, 0))
        now = time.monotonic()
        if now >= until:
            value = read()
            recent = {each: pair for each, pair in self.values.items() if pair[1] > now}
            self.values = recent | {key: (value, now + SECONDS)}
        return value

    def cache_clear(self):
        self.values = {}


plan_states = Recent()
remembered.append(plan_states)


class Fragments:
    """The HTML of fragments by what they show, at most `size` characters of it: the one used longest ago goes first."""

    def __init__(self, size):
        self.size, self.used, self.html, self.lock = size, 0, OrderedDict(), Lock()

    def get(self, key):
        with self.lock:
            if key in self.html:
                self.html.move_to_end(key)
                return self.html[key]
        return None

    def store(self, key, html):
        with self.lock:
            if key not in self.html:
                self.used += len(html) + KEY
            self.html[key] = html
            while self.used > self.size:
                self.used -= len(self.html.popitem(last=False)[1]) + KEY

    def cache_clear(self):
        with self.lock:
            self.html.clear()
            self.used = 0


fragments = Fragments(FRAGMENTS)
remembered.append(fragments)


def draw_once(template, plan, values):
    """Return a template as HTML, drawn with the plan (None without one) and these values alone: see `fragment`.

    A plan of the same structure may have been drawn with: its revision and its history are not to be shown.
    """
    shown = [key_of(name, value) for name, value in values.items()]
    is_kept = None not in shown and (plan is None or plan.is_only_read)
    key = (template, get_language(), plan and plan.structure_version, *shown)
    html = fragments.get(key) if is_kept else None
    if html is None:
        html = mark_safe(get_template(template).render(values | {"plan": plan}))  # noqa: S308 (it escapes what it shows)
        if is_kept:
            fragments.store(key, html)
    return html


def key_of(name, value):
    """Return a name and a value of a fragment as a part of its key; None for what is not to be kept.

    An object says by `fragment_key` what it shows.
    """
    if hasattr(value, "fragment_key"):
        return value.fragment_key and (name, value.fragment_key)
    if isinstance(value, models.Model):
        raise TypeError(f"{name} may have other fields under the same key. Give the fragment the fields that it shows.")
    return name, value
