"""A broken twin of the tracker: its shared cache has no fallback, as Django's own."""

from metropolis_tracker import settings

for name in ("default", "pages"):
    settings.CACHES[name]["BACKEND"] = "django.core.cache.backends.redis.RedisCache"

from metropolis_tracker.wsgi import application  # noqa: E402, F401
