from django.db import models
from django.utils.translation import gettext_lazy as _


class BackupManager(models.Manager):
    def age(self, now):
        last = self.filter(rehearsed=True).first()
        return None if last is None else (now - last.made_at).total_seconds()


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
