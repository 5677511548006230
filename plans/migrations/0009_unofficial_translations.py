import json

from django.conf import settings
from django.db import migrations, models
from django.db.models import F

SHIPPED = "0e8d73a3-ebaa-5fb6-87c5-83cef6d06ddd"  # the plan 2018-2020, which comes with the tracker
FIXTURE = settings.BASE_DIR / "fixtures/plan-2018-2020-translations.json"  # `prepare` loads it on new installations


def add_translations(apps, schema_editor):
    """Give the plan 2018-2020 its unofficial translations where it has none. What people have entered stays."""
    plan = apps.get_model("plans", "Plan").objects.filter(key=SHIPPED).first()
    if plan is None:
        return

    Translation = apps.get_model("plans", "Translation")
    translated = set(Translation.objects.filter(plan=plan).values_list("language", "key"))
    entries = [row["fields"] for row in json.loads(FIXTURE.read_text(encoding="utf-8"))]
    Translation.objects.bulk_create(
        Translation(**entry | {"plan": plan})
        for entry in entries
        if (entry["language"], entry["key"]) not in translated
    )
    apps.get_model("plans", "Plan").objects.filter(pk=plan.pk).update(revision=F("revision") + 1)


class Migration(migrations.Migration):
    dependencies = [("plans", "0008_short_names")]

    operations = [
        migrations.AddField("translation", "is_unofficial", models.BooleanField("unofficial", default=False)),
        migrations.RunPython(add_translations, migrations.RunPython.noop),
    ]
