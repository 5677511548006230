import os

import environ
from django.core.exceptions import ImproperlyConfigured


class Environment(environ.Env):
    """The settings of this machine. One that is empty counts as not set; one that is wrong is named in the error."""

    ENVIRON = {name: value for name, value in os.environ.items() if value.strip()}

    def get_value(self, var, *args, **kwargs):
        try:
            return super().get_value(var, *args, **kwargs)
        except ValueError:
            raise ImproperlyConfigured(
                f"{var} is “{self.ENVIRON.get(var)}”, which it cannot be. docs/settings.md says what it can."
            ) from None
