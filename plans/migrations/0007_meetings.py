import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F

KNOWN = {
    "key": uuid.UUID("8f276515-8b55-5674-b684-5ad9c8905f02"),  # as in the fixture
    "name": "General Assembly of Members",
    "place": "online",
    "held_on": "2020-11-30",
}


def add_known_meeting(apps, schema_editor):
    """Add the meeting that the fixture has to installations that were set up before it had it."""
    organisation = apps.get_model("plans", "Organisation").objects.filter(slug="metropolis").first()
    meetings = apps.get_model("plans", "Meeting").objects
    if organisation and not meetings.filter(key=KNOWN["key"]).exists():
        meetings.create(organisation=organisation, **KNOWN)
        apps.get_model("plans", "Plan").objects.filter(organisation=organisation).update(revision=F("revision") + 1)


class Migration(migrations.Migration):
    dependencies = [("plans", "0006_form_drafts")]

    operations = [
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="place")),
                ("held_on", models.DateField(verbose_name="date")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="plans.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "meeting",
                "verbose_name_plural": "meetings",
                "ordering": ["-held_on", "name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "name", "held_on"),
                        name="meeting_unique_in_organisation",
                        violation_error_message="There is a meeting with this name on this day already.",
                    ),
                ],
            },
        ),
        migrations.RunPython(add_known_meeting, migrations.RunPython.noop),
    ]
