"""Compile what an organization has, and let everybody who enforces it know: quotas, records, events."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from billing.catalog import Amount
from billing.clock import now_of
from billing.entitlements.compiling import Bought, Granted, spans_from
from billing.entitlements.records import to_json
from billing.errors import NoBillingAccount
from billing.events import EntitlementsChanged
from billing.meters import COUNTED
from billing.models import BillingAccount, Override, PlanVersion, Quota, Subscription
from billing.offers import newest_of
from billing.plans import TRIAL
from billing.services import open_quotas, set_limit
from core.clock import now
from events.api import publish_for
from tenancy import catalog
from tenancy.entitlements import Span
from tenants.api import hears_events

_BATCH = 200


@transaction.atomic
def apply(organization_id: UUID) -> bool:
    """Make limits and records follow what the organization bought, keeps and was granted; return whether that changed.

    Call it in the transaction of whatever changed, with the account locked before anything else. A limit that falls
    below what is in use breaks nothing: growth stops. Other processes see the change within a second of the commit.
    Of who is gone no limits are made again. Safe to repeat. Platform only.

    Raises:
        NoBillingAccount: it has none.
    """
    account = BillingAccount.objects.select_for_update().filter(organization_id=organization_id).first()
    if account is None:
        raise NoBillingAccount(str(organization_id))
    spans = _compile(account)
    _set_limits(organization_id, spans[0])
    compiled = to_json(spans, ahead_seconds=account.ahead_seconds)
    if (account.entitlements, account.plan) == (compiled, spans[0].plan):
        return False
    account.entitlements, account.plan = compiled, spans[0].plan
    account.entitlements_until = _real(spans[0].until, account)
    account.entitlements_version += 1
    account.updated_at = now()
    account.save(
        update_fields=["entitlements", "plan", "entitlements_until", "entitlements_version", "updated_at"],
    )
    generation = hears_events(organization_id)
    if generation is not None:
        changed = EntitlementsChanged(organization_id=organization_id, version=account.entitlements_version)
        publish_for(organization_id, generation, changed)
    transaction.on_commit(partial(catalog.announce_change, organization_id), robust=True)
    return True


def apply_due(*, limit: int = _BATCH) -> int:
    """Compile anew what has come to a known end: a grant, what was kept. Return how many. Platform only.

    Records know the end themselves; this makes limits follow, and the plan that lists show.
    """
    due = BillingAccount.objects.filter(entitlements_until__lte=now()).order_by("entitlements_until")
    ids = list(due.values_list("organization_id", flat=True)[:limit])
    for organization_id in ids:
        apply(organization_id)
    return len(ids)


def bought_of(version: PlanVersion, seats: int) -> Bought:
    """Return a version with so many seats, as the compiler wants it."""
    brings = {found.feature: Amount(found.value, found.per_seat) for found in version.entitlements.all()}
    return Bought(version.plan_id, brings, seats)


def subscription_of(organization_id: UUID) -> Subscription | None:
    """Return the organization's subscription: the one that runs, or else the one that ended last. Platform only."""
    canceled = Q(state=Subscription.State.CANCELED)
    rows = Subscription.objects.select_related("version", "kept_version", "given_version").filter(
        organization_id=organization_id
    )
    running = rows.exclude(canceled).first()
    return running or rows.filter(canceled).order_by(F("canceled_at").desc(nulls_last=True), "-started_at").first()


def _compile(account: BillingAccount) -> tuple[Span, ...]:
    moment = now_of(account)
    subscription = subscription_of(account.organization_id)
    if subscription is None:
        bought, terms = bought_of(newest_of(TRIAL), 0), {}
    else:
        bought, terms = bought_of(subscription.version, subscription.seats), _kept(subscription)
    overrides = Override.objects.filter(organization_id=account.organization_id, revoked_at=None)
    granted = [Granted(row.feature, row.value, row.expires_at) for row in overrides]
    return spans_from(moment, bought=bought, granted=granted, **terms)


def _kept(subscription: Subscription) -> dict[str, Any]:
    """Return what is had beside it: what was paid for and given up until the period ends, and what was given before."""
    terms: dict[str, Any] = {}
    if subscription.kept_until is not None:
        version = subscription.kept_version or subscription.version
        seats = max(subscription.kept_seats, subscription.seats)
        terms |= {"kept": bought_of(version, seats), "kept_until": subscription.kept_until}
    if subscription.given_version is not None:
        given = bought_of(subscription.given_version, subscription.given_seats)
        terms |= {"given": given, "given_until": subscription.given_until}
    return terms


def _set_limits(organization_id: UUID, span: Span) -> None:
    rows = Quota.objects.filter(organization_id=organization_id)
    limits = dict(rows.values_list("meter", "plan_limit"))
    if set(COUNTED) - limits.keys():
        if hears_events(organization_id) is None:
            return  # its deletion took them
        open_quotas(organization_id)
        limits = dict(rows.values_list("meter", "plan_limit"))
    # In the order of whoever counts (usage.days, usage.months, usage.caps): no two wait for each other.
    for meter in sorted(COUNTED):
        if limits[meter] != span.values[meter]:
            set_limit(organization_id, meter, span.values[meter])


def _real(moment: datetime | None, account: BillingAccount) -> datetime | None:
    return moment - timedelta(seconds=account.ahead_seconds) if moment else None
