"""The tracker, with pages beside its own to measure it against. Only `tests/benchmarks/serving.py` serves this.

/constant/PAGE   the very bytes of PAGE from memory, behind the same middleware
/bare/PAGE       the same without any middleware
/anew/ADDRESS    a page of the tracker, with nothing kept
/plain/          the 65 rows of the list by one query and one plain template, behind the same middleware
"""

from django.utils.module_loading import import_string

from metropolis_tracker import settings

settings.ROOT_URLCONF = "tests.benchmarks.served.urls"
settings.ALLOWED_HOSTS.append("testserver")
tracker = import_string("metropolis_tracker.wsgi.application")
without_middleware = import_string("tests.benchmarks.served.urls.without_middleware")
clear = import_string("tests.benchmarks.served.urls.nothing_kept")


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path.startswith("/anew/"):
        clear()
        environ["PATH_INFO"] = path.removeprefix("/anew")
    return (without_middleware if path.startswith("/bare/") else tracker)(environ, start_response)
