"""The cache that several machines share: CACHE_URL. When Redis is down, everything works without it, only slower."""

import time

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

PAUSE = 5  # seconds after an error in which this process asks the database at once, and does not wait for Redis again
asked_again_at = {}  # by server that is down: shared by all caches and threads, since Django gives each thread its own
# One more attempt, since an open connection has died where Redis was started again. By default the client waits five
# seconds for an answer, and makes three more attempts with pauses between them.
OPTIONS = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "retry": Retry(NoBackoff(), 1)}


class SharedCache(BaseCache):
    """Redis, which counts sign-in attempts for all machines. While it is down, the database counts them."""

    def __init__(self, server, params):
        super().__init__(params)
        self.server = server
        self.redis = RedisCache(server, params | {"OPTIONS": OPTIONS | params.get("OPTIONS", {})})

    @property
    def fallback(self):
        return caches["counters"]

    def attempt(self, method, *arguments):
        """Call a method of Redis, or of the fallback while Redis is down.

        A frozen Redis lets everybody who asks wait. So one asks after each pause, and the others do not.
        """
        until = asked_again_at.get(self.server)
        if until and time.monotonic() < until:
            return getattr(self.fallback, method)(*arguments)
        if until:
            asked_again_at[self.server] = time.monotonic() + PAUSE

        try:
            result = getattr(self.redis, method)(*arguments)
        except RedisError:
            asked_again_at[self.server] = time.monotonic() + PAUSE
            return getattr(self.fallback, method)(*arguments)
        asked_again_at.pop(self.server, None)
        return result

    def get(self, key, default=None, version=None):
        return self.attempt("get", key, default, version)

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self.attempt("set", key, value, timeout, version)

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self.attempt("add", key, value, timeout, version)

    def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
        return self.attempt("touch", key, timeout, version)

    def delete(self, key, version=None):
        return self.attempt("delete", key, version)

    def incr(self, key, delta=1, version=None):
        return self.attempt("incr", key, delta, version)

    def clear(self):
        return self.attempt("clear")

    def is_up(self):
        """Return whether Redis answers now."""
        try:
            self.redis.get("ready")
        except RedisError:
            return False
        return True


class OptionalSharedCache(SharedCache):
    """Redis, for pages and for what else only saves work. While it is down, nothing is in it."""

    fallback = DummyCache("", {})
