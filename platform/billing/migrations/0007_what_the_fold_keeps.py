from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0014_reconciliations")]

    operations = [
        migrations.AddField("billingaccount", "payment_method", models.JSONField(null=True)),
        migrations.AddField("billingaccount", "folds", models.IntegerField(default=0, db_default=0)),
        migrations.AddField("subscription", "read_only_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="StripeSweep",
            fields=[
                ("name", models.CharField(max_length=24, primary_key=True, serialize=False)),
                ("through_at", models.DateTimeField()),
            ],
            options={"db_table": "billing_stripesweep"},
        ),
    ]
