from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.deletion import PROTECT


class Migration(migrations.Migration):

    dependencies = [
        ("billing", "0008_who_makes_a_call"),
    ]

    operations = [
        migrations.AddField(
            model_name="billingaccount",
            name="former_customers",
            field=ArrayField(base_field=models.TextField(), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name="billingaccount",
            name="customer_tries",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="billingaccount",
            name="customer_run_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="billingaccount",
            name="known_name",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="subscription",
            name="given_seats",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="subscription",
            name="given_version",
            field=models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="billing.planversion"),
        ),
        migrations.AddField(
            model_name="subscription",
            name="given_until",
            field=models.DateTimeField(null=True),
        ),
    ]
