import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0003_plans_subscriptions_and_usage'),
    ]

    operations = [
        migrations.AddField(
            model_name='billingaccount',
            name='entitlements',
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='billingaccount',
            name='entitlements_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='billingaccount',
            name='address',
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name='billingaccount',
            name='ahead_seconds',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='billingaccount',
            name='collection',
            field=models.CharField(db_default='card', default='card', max_length=8),
        ),
        migrations.AlterField(
            model_name='billingaccount',
            name='contacts',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AlterField(
            model_name='billingaccount',
            name='country',
            field=models.CharField(blank=True, db_default='', default='', max_length=2),
        ),
        migrations.AlterField(
            model_name='billingaccount',
            name='currency',
            field=models.CharField(db_default='usd', default='usd', max_length=3),
        ),
        migrations.AlterField(
            model_name='billingaccount',
            name='entitlements_version',
            field=models.IntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name='billingaccount',
            name='legal_name',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AlterField(
            model_name='billingaccount',
            name='po_number',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AlterField(
            model_name='billingaccount',
            name='vat_id',
            field=models.CharField(blank=True, db_default='', default='', max_length=32),
        ),
        migrations.AlterField(
            model_name='billingaccount',
            name='vat_state',
            field=models.CharField(blank=True, db_default='', default='', max_length=12),
        ),
        migrations.AddIndex(
            model_name='billingaccount',
            index=models.Index(condition=models.Q(('entitlements_until__isnull', False)), fields=['entitlements_until'], name='billing_account_ends'),
        ),
    ]
