"""What every page of the studio starts with about money. Nobody but who pays is told."""

from __future__ import annotations

from typing import Any

import tenancy
from billing.clock import now_of
from billing.entitlements.applying import subscription_of
from billing.models import BillingAccount
from billing.policies import VIEW_BILLING
from billing.subscriptions import shown
from core.clock import iso

_FIELDS = (
    "state",
    "is_at_stripe",
    "is_comp",
    "trial_end_at",
    "past_due_since_at",
    "read_only_at",
    "crowded_since_at",
    "owes",
    "cancel_at",
)


def billing_banner(
    tenant: tenancy.TenantRecord | None, surface: str, me: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Return how ``tenant``'s subscription stands and what instant billing is at; None for whoever does not pay."""
    if tenant is None or surface != "studio" or me is None or VIEW_BILLING not in me["permissions"]:
        return None
    with tenancy.platform():
        subscription = subscription_of(tenant.id)
        account = BillingAccount.objects.filter(organization_id=tenant.id).first()
        if subscription is None or account is None:
            return None
        found = shown.subscription_out(subscription, account, {})
    return {
        **{name: found[name] for name in _FIELDS},
        "is_invoiced": account.collection == "invoice",
        "now": iso(now_of(account)),
    }
