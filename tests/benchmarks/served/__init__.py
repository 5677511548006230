"""Serve the tracker with extra pages to compare it with. Only the benchmarks use this.

/constant/PAGE   the bytes of PAGE from memory, behind the same middleware
/bare/PAGE       the same without any middleware
/uncached/PATH   a page of the tracker, with an empty page cache
/plain/          the 65 rows of the list from one query and one plain template, behind the same middleware
"""

from django.utils.module_loading import import_string

from metropolis_tracker import settings

settings.ROOT_URLCONF = "tests.benchmarks.served.urls"
settings.ALLOWED_HOSTS.append("testserver")
tracker = import_string("metropolis_tracker.wsgi.application")
without_middleware = import_string("tests.benchmarks.served.urls.without_middleware")
clear_page_cache = import_string("tests.benchmarks.served.urls.clear_page_cache")


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path.startswith("/uncached/"):
        clear_page_cache()
        environ["PATH_INFO"] = path.removeprefix("/uncached")
    return (without_middleware if path.startswith("/bare/") else tracker)(environ, start_response)
