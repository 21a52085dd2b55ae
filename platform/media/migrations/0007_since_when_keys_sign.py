from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('media', '0006_who_wrote_a_distribution'),
    ]

    operations = [
        migrations.AddField(
            model_name='edgepool',
            name='quotas_read_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='signingkey',
            name='signs_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
