import uuid

from django.db import migrations, models
from django.db.models import Q

SHIPPED = "0e8d73a3-ebaa-5fb6-87c5-83cef6d06ddd"  # the plan 2018-2020: public from its first day in the tracker


def remember_public_plans(apps, schema_editor):
    """Record which plans are or were public. `public_since` was missing for the plan that comes with the tracker."""
    plans = apps.get_model("plans", "Plan").objects
    plans.filter(Q(visibility="public") | Q(public_since__isnull=False) | Q(key=SHIPPED)).update(was_public=True)


class Migration(migrations.Migration):
    dependencies = [("plans", "0004_plain_english")]

    operations = [
        migrations.AlterModelOptions(
            name="organisation",
            options={
                "ordering": ["name", "slug"],
                "verbose_name": "organisation",
                "verbose_name_plural": "organisations",
            },
        ),
        migrations.AlterModelOptions(
            name="theme",
            options={"ordering": ["name", "slug"], "verbose_name": "theme", "verbose_name_plural": "themes"},
        ),
        migrations.AddField(
            "plan", "was_public", models.BooleanField("is or was public", default=False, editable=False)
        ),
        migrations.AddField("plan", "timeline", models.UUIDField(default=uuid.uuid4, editable=False)),
        migrations.RunPython(remember_public_plans, migrations.RunPython.noop),
        migrations.RemoveField("plan", "public_since"),
        migrations.AddConstraint(
            "plan",
            models.CheckConstraint(
                condition=~Q(visibility="public") | Q(was_public=True), name="plan_remembers_being_public"
            ),
        ),
    ]
