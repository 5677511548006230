from django.db import migrations, models
from django.db.models import F

SHIPPED = "0e8d73a3-ebaa-5fb6-87c5-83cef6d06ddd"  # the plan 2018-2020, which comes with the tracker
NAMES = {  # by the numbers of action line and measure; the fixture has the same
    (1, 1): "Following global events",
    (1, 2): "A common political voice",
    (1, 3): "Gender in the global agenda",
    (1, 4): "Youth in advocacy",
    (1, 5): "Lobbying strategy",
    (1, 6): "Global partnerships",
    (1, 7): "UCLG and the Global Taskforce",
    (1, 8): "Specialised media",
    (2, 1): "Pilot projects",
    (2, 2): "Knowledge management",
    (2, 3): "Observatory and policy transfer",
    (2, 4): "City managers community",
    (2, 5): "Learning and training plan",
    (2, 6): "Governance tools for cities",
    (2, 7): "Research and thematic networks",
    (2, 8): "Forums for mayors and experts",
    (2, 9): "Knowledge on gender policies",
    (2, 10): "Youth in metropolitan governance",
    (2, 11): "Urban innovation with Guangzhou",
    (3, 1): "Roles of statutory bodies",
    (3, 2): "Five regional agendas",
    (3, 3): "Relations with members",
    (3, 4): "Communication plans",
    (3, 5): "Fundraising",
    (3, 6): "Finance and transparency",
    (3, 7): "Reorganising the Secretariat",
    (3, 8): "Gender across the organisation",
}


def name_measures(apps, schema_editor):
    """Name the measures of the plan 2018-2020 that have no short name, where the plan was loaded before this release."""
    measures = apps.get_model("plans", "Measure").objects.filter(action_line__plan__key=SHIPPED, short_name="")
    named = 0
    for measure in measures.select_related("action_line"):
        name = NAMES.get((measure.action_line.number, measure.number))
        if name:
            named += measures.filter(pk=measure.pk).update(short_name=name, short_name_by_tracker=True)
    if named:
        apps.get_model("plans", "Plan").objects.filter(key=SHIPPED).update(revision=F("revision") + 1)


class Migration(migrations.Migration):
    dependencies = [("plans", "0007_meetings")]

    operations = [
        migrations.AddField(
            "measure",
            "short_name",
            models.CharField(
                "short name",
                max_length=40,
                blank=True,
                default="",
                help_text="Two or three words that say what the measure is about."
                " Lists show it instead of the statement. It changes without a decision.",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "measure", "short_name_by_tracker", models.BooleanField(default=False, editable=False)
        ),
        migrations.RunPython(name_measures, migrations.RunPython.noop),
    ]
