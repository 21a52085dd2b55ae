"""Who buys: an organization's account, its subscription, what staff granted it, and its invoices."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from billing.models.plans import PlanVersion
from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class BillingAccount(SharedModel):
    """Who pays for an organization, and its customer at Stripe. One row an organization, made with it.

    The database knows every default: the release before writes rows here without knowing the columns. Taking the row
    ``FOR UPDATE`` is how everything that changes what an organization has bought takes turns.
    """

    tenant_door = "none"
    moves = EVERY_ROW
    kept = "what was sold, to whom at Stripe: invoices outlive the organization"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField(unique=True)
    # The key of the plan in force; compiled from the subscription, kept here for lists and searches.
    plan = models.CharField(max_length=24, default="trial")
    stripe_customer = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - absent is not ""
    # Its customers before, each deleted at Stripe by somebody: what is still heard of them is the organization's.
    former_customers = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    # What could not be made a customer is tried again after a pause that doubles.
    customer_tries = models.SmallIntegerField(default=0, db_default=0)
    customer_run_at = models.DateTimeField(null=True)
    # The name at Stripe as it was last told or read there: only another one was typed by somebody.
    known_name = models.TextField(default="", db_default="", blank=True)
    legal_name = models.TextField(default="", db_default="", blank=True)
    # Beside the owners: who gets invoices and reminders.
    contacts = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    country = models.CharField(max_length=2, default="", db_default="", blank=True)
    address = models.JSONField(default=dict, db_default={}, blank=True)
    vat_id = models.CharField(max_length=32, default="", db_default="", blank=True)
    # What Stripe said of the VAT id: "", pending, verified, unverified.
    vat_state = models.CharField(max_length=12, default="", db_default="", blank=True)
    po_number = models.CharField(max_length=64, default="", db_default="", blank=True)
    currency = models.CharField(max_length=3, default="usd", db_default="usd")
    # How invoices are paid: by the card on file, or sent and paid within 30 days.
    collection = models.CharField(max_length=8, default="card", db_default="card")
    # What Stripe will charge, as people know it: {kind, brand, last4, exp_month, exp_year}. Folded, not asked.
    payment_method = models.JSONField(null=True)
    # A sandbox's test clock moves this account's time ahead of ours by so much. Always 0 with live keys. Whoever moves
    # it compiles the entitlements anew: their ends are kept in our time.
    ahead_seconds = models.BigIntegerField(default=0, db_default=0)
    # Rises with every change of what the organization has; caches compare it.
    entitlements_version = models.IntegerField(default=1, db_default=1)
    # What the organization has now and next, compiled (billing.entitlements.records); and when it comes to an end.
    entitlements = models.JSONField(default=dict, db_default={}, blank=True)
    entitlements_until = models.DateTimeField(null=True)
    # Rises with every fold that changed something: what was read at Stripe before another's fold is read again.
    folds = models.IntegerField(default=0, db_default=0)
    # When everything at Stripe was last looked at without a reason: see billing.inbox.sweeping.
    compared_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "billing_billingaccount"
        indexes = [
            models.Index(
                fields=["entitlements_until"],
                condition=Q(entitlements_until__isnull=False),
                name="billing_account_ends",
            ),
        ]


class Subscription(SharedModel):
    """What an organization has, from when to when. The trial is one too, before there is anything at Stripe.

    Stripe's object is folded into it; it is never edited by hand but for the trial and what staff gives.
    """

    tenant_door = "none"
    moves = EVERY_ROW
    kept = "what was sold, from when to when: the ledger's figures are counted from it"

    class State(models.TextChoices):
        TRIALING = "trialing"
        ACTIVE = "active"
        PAST_DUE = "past_due"  # an invoice is unpaid; everything works
        READ_ONLY = "read_only"  # unpaid for too long, or the trial is over without a plan
        CANCELED = "canceled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    stripe_id = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - absent is not ""
    # Stripe's own word (active, past_due, unpaid, …); empty for a trial of ours.
    stripe_status = models.CharField(max_length=24, default="", blank=True)
    state = models.CharField(max_length=12, choices=State.choices)
    interval = models.CharField(max_length=8, default="month")
    currency = models.CharField(max_length=3, default="usd")
    # What is billed from the next period on; what may be used now is kept_seats until kept_until, if that is more.
    seats = models.IntegerField()
    kept_seats = models.IntegerField(default=0)
    kept_version = models.ForeignKey(PlanVersion, null=True, on_delete=models.PROTECT, related_name="+")
    kept_until = models.DateTimeField(null=True)
    # What staff had given when it was bought: had beside it until then, all of it, as nobody pays for it.
    given_seats = models.IntegerField(default=0, db_default=0)
    given_version = models.ForeignKey(PlanVersion, null=True, on_delete=models.PROTECT, related_name="+")
    given_until = models.DateTimeField(null=True)
    # What one month of it brings, in minor units, after discounts and without tax: the ledger's figure.
    mrr_minor = models.BigIntegerField(default=0)
    # Given by staff: nothing is charged.
    is_comp = models.BooleanField(default=False)
    period_start = models.DateTimeField(null=True)
    period_end = models.DateTimeField(null=True)
    trial_end_at = models.DateTimeField(null=True)
    past_due_since_at = models.DateTimeField(null=True)
    # Since when the organization is read-only because of this. Null where it is not, or where it was already for
    # another reason: then paying does not lift it.
    read_only_at = models.DateTimeField(null=True)
    cancel_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)
    cancel_reason = models.TextField(default="", blank=True)
    started_at = models.DateTimeField(default=now)
    # The reminders that were sent, by kind and day, so that each goes once.
    reminded = models.JSONField(default=dict, blank=True)
    folded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "billing_subscription"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id"], condition=~Q(state="canceled"), name="billing_subscription_one"
            ),
            models.CheckConstraint(name="billing_subscription_seats", condition=Q(seats__gte=0, kept_seats__gte=0)),
        ]
        indexes = [
            models.Index(fields=["organization_id", "-started_at"], name="billing_subscription_history"),
        ]


class Override(SharedModel):
    """What staff gave one organization of one feature instead of what its plan brings, until when, and why."""

    tenant_door = "none"
    moves = EVERY_ROW

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    feature = models.CharField(max_length=48)
    value = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField(null=True)
    note = models.TextField()
    made_by = models.UUIDField()
    made_at = models.DateTimeField(default=now)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "billing_override"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "feature"],
                condition=Q(revoked_at__isnull=True),
                name="billing_override_one_in_force",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(revoked_at__isnull=True), name="billing_override_ends"),
        ]


class Invoice(SharedModel):
    """An invoice of Stripe's as it stands: folded, never edited."""

    tenant_door = "none"
    moves = EVERY_ROW
    kept = "what was charged and paid: kept as long as the law wants"

    stripe_id = models.CharField(primary_key=True, max_length=64)
    organization_id = models.UUIDField()
    stripe_subscription = models.CharField(max_length=64, default="", blank=True)
    number = models.CharField(max_length=64, default="", blank=True)
    status = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    subtotal_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField(default=0)
    # "", or a dispute's status at Stripe.
    dispute = models.CharField(max_length=32, default="", blank=True)
    # The part of the subtotal that is subscription, without overage and proration: what recurs.
    recurring_minor = models.BigIntegerField(default=0)
    # The part of it that is use beyond what the plan includes.
    overage_minor = models.BigIntegerField(default=0)
    reverse_charge = models.BooleanField(default=False)
    period_start = models.DateTimeField(null=True)
    period_end = models.DateTimeField(null=True)
    issued_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    hosted_url = models.TextField(default="", blank=True)
    pdf_url = models.TextField(default="", blank=True)
    folded_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "billing_invoice"
        indexes = [models.Index(fields=["organization_id", "-issued_at"], name="billing_invoice_newest")]
