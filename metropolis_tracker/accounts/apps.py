from django.apps import AppConfig
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "metropolis_tracker.accounts"
    verbose_name = _("People")

    def ready(self):
        tell_of_sign_in = import_string("metropolis_tracker.accounts.events.tell_of_sign_in")  # its models are here now
        tell_of_sign_in()
