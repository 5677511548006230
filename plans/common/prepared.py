"""Queries whose SQL is built once in a process: building it takes several times as long as running it.

For the few queries that the pages read most ask each time. Everything else asks the ORM.
"""

from copy import copy
from datetime import date
from functools import lru_cache, wraps
from typing import NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.utils import timezone

STATEMENTS = 100  # some 100 kB each
PLACED = (str, int, UUID)  # kinds of arguments that a statement leaves open


class Place(NamedTuple):
    """The place of an argument among the parameters of a statement: its number, and whether it goes there as text."""

    number: int
    is_text: bool


def prepared(build):
    """Decorate a function that returns a queryset: it returns a list of what the queryset yields.

    A statement is built for all texts, numbers and ids, and for each value of other arguments, such as today. The
    queryset may depend on nothing else, may not prefetch, and may not calculate with what is left open.
    """

    @wraps(build)
    def rows(*args):
        if any(isinstance(arg, date) and arg != timezone.localdate() for arg in args):
            return list(build(*args))  # a day of the past is seldom asked for twice
        queryset, compiler, sql, parameters = statement(build, *(kind_of(arg) for arg in args))
        values = tuple(fill(each, args) if isinstance(each, Place) else each for each in parameters)
        queryset, compiler = queryset.all(), copy(compiler)
        compiler.connection = connection  # that of this thread
        compiler.as_sql = lambda *args, **kwargs: (sql, values)
        queryset.query.get_compiler = lambda *args, **kwargs: compiler
        return list(queryset)

    return rows


def kind_of(arg):
    """Return the type of an argument that a statement leaves open, and any other as it is."""
    return next((kind for kind in PLACED if isinstance(arg, kind)), arg)


def fill(place, args):
    """Return what goes to a place: SQLite stores an id as hexadecimal text."""
    arg = args[place.number]
    return arg.hex if place.is_text and isinstance(arg, UUID) else arg


@lru_cache(STATEMENTS)
def statement(build, *kinds):
    """Return a queryset, its compiler, its SQL, and the parameters of that: values, and places of arguments.

    It is built twice, with different arguments: a parameter that differs is theirs.
    """
    compilers, arguments = [], [[example(kind, number, turn) for number, kind in enumerate(kinds)] for turn in (0, 1)]
    for args in arguments:
        queryset = build(*args)
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        compilers.append((queryset, compiler, *compiler.as_sql()))
    (queryset, compiler, sql, first), (_queryset, _compiler, other_sql, second) = compilers
    if sql != other_sql:
        raise ValueError("A query is written in another way for each argument, so that it cannot be prepared.")
    # As texts, since those of PostgreSQL that wrap a value, such as one of JSON, are equal to no other.
    pairs = zip(first, second, strict=True)
    parameters = [one if str(one) == str(other) else place_of((one, other), arguments) for one, other in pairs]
    return queryset, compiler, sql, parameters


def example(kind, number, turn):
    """Return an argument of a kind, another one for each number and turn."""
    unique = 31_000 + 10 * number + turn  # small enough for each column of numbers
    return {str: str(unique), int: unique, UUID: UUID(int=unique)}[kind] if kind in PLACED else kind


def place_of(pair, arguments):
    """Return the `Place` of the argument that a pair of parameters was, in the first and in the second turn."""
    for number, examples in enumerate(zip(*arguments, strict=True)):
        if pair == examples:
            return Place(number, is_text=False)
        if pair == tuple(getattr(each, "hex", None) for each in examples):
            return Place(number, is_text=True)
    raise ValueError(f"A query calculates with an argument, so that it cannot be prepared: {pair}")
