from contextlib import suppress

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError


class OptionalRedisCache(RedisCache):
    """The shared page cache. When Redis does not answer, pages are rendered again instead of failing.

    The default cache is not like this: it counts sign-in attempts, and without it there would be no limit on them.
    """

    def get(self, key, default=None, version=None):
        try:
            return super().get(key, default, version)
        except RedisError:
            return default

    def add(self, *args, **kwargs):
        try:
            return super().add(*args, **kwargs)
        except RedisError:
            return False

    def incr(self, *args, **kwargs):
        try:
            return super().incr(*args, **kwargs)
        except RedisError:
            raise ValueError("The shared cache does not answer.") from None

    def set(self, *args, **kwargs):
        with suppress(RedisError):
            super().set(*args, **kwargs)
