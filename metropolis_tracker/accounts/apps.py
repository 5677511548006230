from django.apps import AppConfig
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "metropolis_tracker.accounts"
    verbose_name = _("People")

    def ready(self):
        log_sign_in_events = import_string(
            "metropolis_tracker.accounts.events.log_sign_in_events"
        )  # its models are here now
        log_sign_in_events()
