from contextlib import suppress

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError


class OptionalRedisCache(RedisCache):
    """Keeps pages where the shared cache answers; where it does not, they are drawn anew."""

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

    def set(self, *args, **kwargs):
        with suppress(RedisError):
            super().set(*args, **kwargs)
