from datetime import timedelta

from django.db import models
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext_lazy as _

LONGEST_AGE = timedelta(hours=48)  # of the last backup that passed, before people are told


class BackupManager(models.Manager):
    def last_passed(self):
        """Return the last backup that was restored as a test without a difference, or None. One query."""
        return self.filter(rehearsed=True).first()

    def age(self, now):
        """Return the seconds since the last backup that passed, or None if none has. One query."""
        last = self.last_passed()
        return None if last is None else (now - last.made_at).total_seconds()

    def overdue_days(self, now):
        """Return for how many whole days none has passed, or None if that is no longer than it may be.

        Where none ever has, the days since the database was made count. One query, or two.
        """
        age = self.age(now)
        if age is None:
            made_at = MigrationRecorder.Migration.objects.aggregate(at=models.Min("applied"))["at"]
            age = (now - made_at).total_seconds() if made_at else 0
        return int(age // timedelta(days=1).total_seconds()) if age > LONGEST_AGE.total_seconds() else None


class Backup(models.Model):
    """A backup that passed its checks. If `rehearsed`, a trial restore also gave identical data."""

    made_at = models.DateTimeField(_("made at"))
    rows = models.PositiveBigIntegerField(_("rows"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    rehearsed = models.BooleanField(_("restored as a test"), default=False)

    objects = BackupManager()

    class Meta:
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        ordering = ["-made_at", "-pk"]

    def __str__(self):
        return f"{self.made_at:%Y-%m-%d %H:%M}, {self.sha256[:12]}"
