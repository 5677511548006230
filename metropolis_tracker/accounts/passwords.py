from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

OUR_WORDS = ("metropolis", "tracker")


class OurWordsValidator:
    """Refuses what anyone would try first here: a password around the name of the place."""

    def validate(self, password, user=None):
        if any(word in password.lower() for word in OUR_WORDS):
            raise ValidationError(self.get_help_text())

    def get_help_text(self):
        return _("Your password can’t contain “metropolis” or “tracker”.")
