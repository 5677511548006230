from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _


def one_time_link(user):
    """Return the full URL where this person chooses a password.

    It works once and expires after `PASSWORD_RESET_TIMEOUT` seconds.
    """
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs=key)


def sign_in_button():
    """Return the button that leads those to the sign-in page who need no password of their own."""
    url = settings.SITE_URL + reverse("account_login")
    return {"url": url, "label": _("Sign in with %s") % settings.OIDC.name}
