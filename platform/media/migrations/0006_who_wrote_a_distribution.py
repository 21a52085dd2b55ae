from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('media', '0005_edge_values_of_organizations'),
    ]

    operations = [
        migrations.AddField(
            model_name='edgepool',
            name='written_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='edgepool',
            name='written_by',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
    ]
