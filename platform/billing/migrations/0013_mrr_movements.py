import core.clock
import core.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0004_entitlements'),
    ]

    operations = [
        migrations.CreateModel(
            name='MrrMovement',
            fields=[
                ('id', models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization_id', models.UUIDField()),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(choices=[('new', 'New'), ('expansion', 'Expansion'), ('contraction', 'Contraction'), ('churn', 'Churn'), ('reactivation', 'Reactivation')], max_length=12)),
                ('currency', models.CharField(max_length=3)),
                ('before_minor', models.BigIntegerField()),
                ('after_minor', models.BigIntegerField()),
                ('plan', models.CharField(max_length=24)),
                ('version', models.IntegerField()),
                ('interval', models.CharField(max_length=8)),
                ('seats', models.IntegerField()),
                ('subscription_id', models.UUIDField()),
                ('source', models.CharField(blank=True, default='', max_length=64)),
                ('written_at', models.DateTimeField(default=core.clock.now)),
            ],
            options={
                'db_table': 'billing_mrrmovement',
                'indexes': [models.Index(fields=['currency', 'at'], name='billing_mrr_months'), models.Index(fields=['organization_id', 'id'], name='billing_mrr_organization')],
                'constraints': [models.CheckConstraint(condition=models.Q(('after_minor__gte', 0), ('before_minor__gte', 0)), name='billing_mrr_amounts'), models.CheckConstraint(condition=models.Q(('before_minor', models.F('after_minor')), _negated=True), name='billing_mrr_moves')],
            },
        ),
    ]
