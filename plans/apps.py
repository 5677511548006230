from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _

from plans.common.append_only import check_triggers, drop_triggers, make_triggers


class PlansConfig(AppConfig):
    name = "plans"
    verbose_name = _("Plan structure")

    def ready(self):
        # After every migrate, since a migration that alters a table on SQLite drops its triggers.
        pre_migrate.connect(drop_triggers, sender=self)
        post_migrate.connect(make_triggers, sender=self)
        register(check_triggers, Tags.database, deploy=True)
