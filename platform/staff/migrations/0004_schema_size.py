from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0003_console'),
    ]

    operations = [
        migrations.AddField(
            model_name='organizationstat',
            name='schema_bytes',
            field=models.BigIntegerField(help_text='As of schema_counted_at: measured once a day.', null=True),
        ),
        migrations.AddField(
            model_name='organizationstat',
            name='schema_tables',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='organizationstat',
            name='schema_tables_used',
            field=models.IntegerField(help_text='Tables that hold anything.', null=True),
        ),
        migrations.AddField(
            model_name='organizationstat',
            name='schema_counted_at',
            field=models.DateTimeField(null=True),
        ),
    ]
