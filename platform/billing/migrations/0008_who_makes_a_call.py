from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0015_reconciliation_states")]

    operations = [
        migrations.AddField("stripeintent", "claimed_at", models.DateTimeField(null=True)),
        migrations.AddField("billingaccount", "compared_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "stripeintent",
            models.Index(fields=["organization_id", "purpose", "-created_at"], name="billing_intent_history"),
        ),
    ]
