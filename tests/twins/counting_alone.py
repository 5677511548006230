"""A broken twin of the tracker: each of its machines counts failed attempts to sign in for itself, in a file."""

from metropolis_tracker import settings

backend = "django.core.cache.backends.filebased.FileBasedCache"
settings.CACHES["default"] = {"BACKEND": backend, "LOCATION": settings.DATA_DIR / "counters"}

from metropolis_tracker.wsgi import application  # noqa: E402, F401
