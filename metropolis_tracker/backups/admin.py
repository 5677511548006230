from django.contrib import admin

from metropolis_tracker.backups.models import Backup
from plans.admin import ReadOnlyAdmin


@admin.register(Backup)
class BackupAdmin(ReadOnlyAdmin):
    """The read-only list of backups."""

    list_display = ["made_at", "rows", "rehearsed", "sha256"]
