from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0003_languages'),
    ]

    operations = [
        migrations.RenameField(
            model_name='follow',
            old_name='told_at',
            new_name='last_digest_at',
        ),
    ]
