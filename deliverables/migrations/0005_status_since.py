from django.db import migrations, models
from django.db.models import Q

RECORDABLE = ["attained", "in_progress", "not_developed"]


def copy_since(apps, schema_editor):
    """Derive from the history when the current status of each deliverable began, as `_copy_current_status` does."""
    deliverables = apps.get_model("deliverables", "Deliverable").objects.exclude(status="no_status")
    updates = apps.get_model("deliverables", "StatusUpdate").objects.filter(correction=None)
    since, ended = {}, set()
    newest_first = updates.order_by("-effective_on", "-sequence").values_list("deliverable", "status", "effective_on")
    current = dict(deliverables.values_list("pk", "status"))
    for deliverable, status, day in newest_first.iterator():
        if deliverable not in ended and status == current.get(deliverable):
            since[deliverable] = day
        else:
            ended.add(deliverable)

    changed = [deliverables.model(pk=pk, status_since=day) for pk, day in since.items()]
    deliverables.model.objects.bulk_update(changed, ["status_since"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("deliverables", "0004_plain_english")]

    operations = [
        migrations.RemoveConstraint("deliverable", "deliverable_status_has_a_date"),
        migrations.AddField(
            "deliverable", "status_since", models.DateField("since", null=True, editable=False)
        ),
        migrations.RunPython(copy_since, migrations.RunPython.noop),
        migrations.AddConstraint(
            "deliverable",
            models.CheckConstraint(
                condition=Q(status="no_status", status_on=None, status_since=None)
                | Q(status__in=RECORDABLE, status_on__isnull=False, status_since__isnull=False),
                name="deliverable_status_has_its_dates",
            ),
        ),
    ]
