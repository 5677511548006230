import logging
import os
import zoneinfo

import environ
from django.core.exceptions import ImproperlyConfigured

BOOLEANS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
ENGINES = ("django.db.backends.postgresql", "django.db.backends.sqlite3")


class Environment(environ.Env):
    """The settings of this machine. One that is empty counts as not set; one that is wrong is named in the error."""

    ENVIRON = {name: value for name, value in os.environ.items() if value.strip()}

    def number(self, name, default, *, least):
        """Return a whole number of at least `least`."""
        text = self.str(name, str(default))
        if not text.isdecimal() or int(text) < least:
            raise wrong(name, text, f"It is a whole number of {least} or more.")
        return int(text)

    def bool(self, name, default):
        text = self.str(name, str(default)).lower()
        if text not in BOOLEANS:
            raise wrong(name, text, "It is true or false.")
        return BOOLEANS[text]

    def url(self, name, default, convert):
        """Return what `convert` makes of a URL. Its errors show no part of the URL, which may hold a password."""
        try:
            found = convert(self.str(name, default))
        except Exception:  # environ raises errors of many kinds
            found = {}
        if not found or found.get("ENGINE", ENGINES[0]) not in ENGINES:
            raise ImproperlyConfigured(
                f"{name} is no URL that the tracker can use: docs/settings.md has an example. Characters of a password"
                " such as / ? # @ : % are written as %2F %3F %23 %40 %3A %25."
            )
        return found

    def time_zone(self, name, default):
        text = self.str(name, default)
        if text not in zoneinfo.available_timezones():
            raise wrong(name, text, "It is a name such as Europe/Madrid.")
        return text

    def log_level(self, name, default):
        text = self.str(name, default)
        if text.upper() not in logging.getLevelNamesMapping():
            raise wrong(name, text, "It is DEBUG, INFO, WARNING, ERROR or CRITICAL.")
        return text.upper()


def wrong(name, text, rule):
    return ImproperlyConfigured(f"{name} is “{text}”. {rule}")
