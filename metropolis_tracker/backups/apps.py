from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackupsConfig(AppConfig):
    """Backups: the archive format, the commands and the log of what was backed up."""

    name = "metropolis_tracker.backups"
    verbose_name = _("Backups")
    default_auto_field = "django.db.models.BigAutoField"
