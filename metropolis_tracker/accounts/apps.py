from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "metropolis_tracker.accounts"
    verbose_name = "People"
