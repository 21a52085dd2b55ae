"""What changed of what a month brings, and when: the facts that revenue is counted from."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class MrrMovement(SharedModel):
    """An organization's monthly recurring revenue in one currency went from one amount to another.

    Rows are facts: written in the transaction of the change, and nobody who serves may alter one. The sum of all
    differences is what a month brings now; a month's differences lead from its opening to its closing.
    """

    tenant_door = "none"
    moves = EVERY_ROW
    immutable = True
    kept = "the platform's books: what a customer brought is counted after they have left"

    class Kind(models.TextChoices):
        NEW = "new"  # the first money there ever was
        EXPANSION = "expansion"
        CONTRACTION = "contraction"
        CHURN = "churn"  # to nothing: canceled, or unpaid for too long
        REACTIVATION = "reactivation"  # back after churn

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    # Of the account's own time: a sandbox whose clock was moved has its months there.
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    currency = models.CharField(max_length=3)
    before_minor = models.BigIntegerField()
    after_minor = models.BigIntegerField()
    # What was bought from then on; of churn, what had been.
    plan = models.CharField(max_length=24)
    version = models.IntegerField()
    interval = models.CharField(max_length=8)
    seats = models.IntegerField()
    subscription_id = models.UUIDField()
    # The subscription at Stripe, empty where there is none.
    source = models.CharField(max_length=64, default="", blank=True)
    written_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "billing_mrrmovement"
        constraints = [
            models.CheckConstraint(name="billing_mrr_amounts", condition=Q(before_minor__gte=0, after_minor__gte=0)),
            models.CheckConstraint(name="billing_mrr_moves", condition=~Q(before_minor=F("after_minor"))),
        ]
        indexes = [
            models.Index(fields=["currency", "at"], name="billing_mrr_months"),
            models.Index(fields=["organization_id", "id"], name="billing_mrr_organization"),
        ]


class Reconciliation(SharedModel):
    """One comparison of the ledger with what subscriptions say, and of both with Stripe's own objects.

    ``totals`` is a line for each currency (and, of invoices, for each month); ``differences`` names whatever does not
    agree, by organization, with what to do. Kept: that it was compared, and what was found, is part of the books.
    """

    tenant_door = "none"

    class State(models.TextChoices):
        ASKED = "asked"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    at = models.DateTimeField(default=now)
    duration_ms = models.IntegerField(default=0)
    # Who pressed the button; nobody where the duty ran.
    asked_by = models.UUIDField(null=True)
    # False where no keys are set or Stripe did not answer: then only ledger and subscriptions were compared.
    with_stripe = models.BooleanField(default=False)
    # Why Stripe was not asked, or why there is nothing to show.
    note = models.TextField(default="", blank=True)
    totals = models.JSONField(default=dict)
    differences = models.JSONField(default=list)

    class Meta:
        db_table = "billing_reconciliation"
        indexes = [models.Index(fields=["-at"], name="billing_reconciliation_newest")]
