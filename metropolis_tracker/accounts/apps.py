from django.apps import AppConfig
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, roles, sign-in and second factors."""

    name = "metropolis_tracker.accounts"
    verbose_name = _("People")

    def ready(self):
        # Imported late, because the module needs models, which are loaded only now.
        log_sign_in_events = import_string("metropolis_tracker.accounts.events.log_sign_in_events")
        log_sign_in_events()
