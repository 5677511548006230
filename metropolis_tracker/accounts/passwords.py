from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SITE_NAME_PARTS = ("metropolis", "tracker")


class SiteNameValidator:
    """Refuses a password that contains the name of the site, which an attacker would try first."""

    def validate(self, password, user=None):
        if any(part in password.lower() for part in SITE_NAME_PARTS):
            raise ValidationError(self.get_help_text())

    def get_help_text(self):
        return _("Your password can’t contain “metropolis” or “tracker”.")
