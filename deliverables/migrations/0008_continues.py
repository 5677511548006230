import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deliverables", "0007_amendment_meeting"), ("plans", "0008_short_names")]

    operations = [
        migrations.AddField(
            "deliverable",
            "continues",
            models.ForeignKey(
                "deliverables.deliverable",
                django.db.models.deletion.PROTECT,
                related_name="continued_by",
                null=True,
                blank=True,
                verbose_name="continues",
            ),
        ),
    ]
