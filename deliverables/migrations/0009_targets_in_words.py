from django.db import migrations
from django.db.models import F

PLAN = "0e8d73a3-ebaa-5fb6-87c5-83cef6d06ddd"  # the key of the plan 2018-2020 that comes with the tracker
TARGETS = {
    "Execution of 6 pilot projects led by a member and transferred to other metropolises": (6, "pilot projects"),
    "5 regional agendas on an annual basis designed and implemented by the Regional Secretaries and the Secretariat"
    " General": (5, "regional agendas"),
}


def set_targets(apps, schema_editor):
    """Give the deliverables of the shipped plan whose words state a target that target, as the fixture has it."""
    deliverables = apps.get_model("deliverables", "Deliverable").objects
    plan = apps.get_model("plans", "Plan").objects.filter(key=PLAN)
    for title, (number, unit) in TARGETS.items():
        found = deliverables.filter(measure__action_line__plan__key=PLAN, title=title, target=None)
        if found.update(target=number, target_unit=unit):
            plan.update(revision=F("revision") + 1)


class Migration(migrations.Migration):
    dependencies = [("deliverables", "0008_continues")]

    operations = [migrations.RunPython(set_targets, migrations.RunPython.noop)]
