import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deliverables", "0006_update_form_2"), ("plans", "0007_meetings")]

    operations = [
        migrations.AddField(
            "amendment",
            "meeting",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="amendments",
                to="plans.meeting",
                verbose_name="decided at",
            ),
        ),
        migrations.AddField("amendment", "form", models.PositiveSmallIntegerField(default=1, editable=False)),
        migrations.AlterField("amendment", "form", models.PositiveSmallIntegerField(default=2, editable=False)),
    ]
