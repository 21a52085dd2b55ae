"""What an organization buys, put together for its owners: rows only, nobody is asked. Platform only."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch

from billing import entitlements
from billing.clock import now_of
from billing.entitlements.applying import subscription_of
from billing.features import FEATURES, SEATS
from billing.models import BillingAccount, Entitlement, Plan, PlanVersion, Quota, Subscription
from billing.subscriptions import crowds, debts
from billing.subscriptions.fold import GRACE
from core.clock import iso

_ADDRESS = ("line1", "line2", "city", "postal_code", "state")


def is_configured() -> bool:
    """Return whether there is a payment provider to buy at."""
    return bool(settings.STRIPE_SECRET_KEY)


def sold_versions() -> list[PlanVersion]:
    """Return the newest version of every plan that anybody may choose, lowest first."""
    rows = PlanVersion.objects.filter(sold_until__isnull=True, plan__state=Plan.State.SOLD).exclude(prices={})
    entitlements = Prefetch("entitlements", queryset=Entitlement.objects.order_by("feature"))
    return list(rows.select_related("plan").prefetch_related(entitlements).order_by("plan__rank"))


def buyable(subscription: Subscription | None) -> list[PlanVersion]:
    """Return what an organization may choose, lowest first: what is sold, and what it was given or has already.

    A plan that is sold no more stays whose it is, with more seats too; and what was given may be bought when it ends.
    """
    found = sold_versions()
    if subscription is None or not subscription.version.prices or not (subscription.is_comp or _lives(subscription)):
        return found
    if subscription.version.plan_id not in {version.plan_id for version in found}:
        found.append(subscription.version)
    return sorted(found, key=lambda version: version.plan.rank)


def _lives(subscription: Subscription) -> bool:
    return subscription.stripe_id is not None and subscription.state != Subscription.State.CANCELED


def billing_out(organization_id: UUID) -> dict[str, Any]:
    """Return what ``GET billing/`` says."""
    account, _ = BillingAccount.objects.get_or_create(organization_id=organization_id)
    subscription = subscription_of(organization_id)
    quotas = {row.meter: row for row in Quota.objects.filter(organization_id=organization_id)}
    rank = subscription.version.plan.rank if subscription else -1
    plans = [plan_out(version, _way(version, subscription, rank)) for version in buyable(subscription)]
    return {
        "is_configured": is_configured(),
        "subscription": subscription_out(subscription, account, quotas) if subscription else None,
        "account": account_out(account),
        "payment_method": account.payment_method,
        "plans": plans,
        "entitlements": _entitlements(organization_id, quotas),
    }


def _way(version: PlanVersion, subscription: Subscription | None, rank: int) -> str:
    if subscription is not None and version.plan_id == subscription.version.plan_id:
        return "same"
    return "up" if version.plan.rank > rank else "down"


def plan_key(version: PlanVersion) -> dict[str, Any]:
    """Return how a plan is named."""
    return {
        "key": version.plan_id,
        "name": version.plan.name,
        "version": version.number,
        "rank": version.plan.rank,
    }


def plan_out(version: PlanVersion, way: str) -> dict[str, Any]:
    """Return a plan with its prices and what it brings."""
    rows = list(version.entitlements.all())
    return {
        **plan_key(version),
        "seats_min": version.seats_min,
        "prices": {
            currency: {interval: (found.get(interval) or {}).get("seat_minor") for interval in ("month", "year")}
            for currency, found in version.prices.items()
        },
        "overage": {
            meter: {currency: _major(found["unit_minor"]) for currency, found in prices.items()}
            for meter, prices in version.overage.items()
        },
        "features": {
            row.feature: None if row.value is None else row.value + row.per_seat * version.seats_min for row in rows
        },
        "per_seat": {row.feature: row.per_seat for row in rows if row.per_seat},
        "way": way,
    }


def _major(minor: str) -> str:
    return f"{Decimal(minor) / 100:f}"


def seat_minor(version: PlanVersion, currency: str, interval: str) -> int:
    """Return what a seat costs for one interval, 0 where the plan is not sold so."""
    return int(((version.prices.get(currency) or {}).get(interval) or {}).get("seat_minor") or 0)


def subscription_out(subscription: Subscription, account: BillingAccount, quotas: dict[str, Quota]) -> dict[str, Any]:
    """Return what the organization has."""
    each = seat_minor(subscription.version, subscription.currency, subscription.interval)
    until, version, seats, is_given = _beside(subscription, now_of(account))
    used = quotas.get("seats")
    read_only_at = subscription.read_only_at
    if subscription.state == Subscription.State.PAST_DUE and subscription.past_due_since_at:
        read_only_at = subscription.past_due_since_at + GRACE
    crowded_since = crowds.over_seats(subscription)
    if crowded_since is not None and read_only_at is None:
        read_only_at = (crowds.told_since(subscription) or now_of(account)) + crowds.GRACE
    return {
        "state": subscription.state,
        "plan": plan_key(subscription.version),
        "interval": subscription.interval,
        "currency": subscription.currency,
        "seats": subscription.seats,
        "seats_used": used.used if used else 0,
        "seats_kept": seats if seats > subscription.seats else None,
        "kept_until": _iso(until),
        "kept_plan": plan_key(version) if version else None,
        "is_kept_given": is_given,
        "trial_end_at": _iso(subscription.trial_end_at),
        "period_start": _iso(subscription.period_start),
        "period_end": _iso(subscription.period_end),
        "past_due_since_at": _iso(subscription.past_due_since_at),
        "read_only_at": _iso(read_only_at),
        "crowded_since_at": _iso(crowded_since),
        "owes": not _lives(subscription) and debts.of_former(subscription.organization_id) is not None,
        "cancel_at": _iso(subscription.cancel_at),
        "is_comp": subscription.is_comp,
        "is_at_stripe": subscription.stripe_id is not None,
        "seat_minor": each,
        "recurring_minor": 0 if subscription.is_comp else each * subscription.seats,
    }


def _beside(subscription: Subscription, at: datetime) -> tuple[datetime | None, PlanVersion | None, int, bool]:
    """Return (until when, of which plan, with how many seats, whether given) more is had than what is bought.

    Of a plan that was given and is no higher than the bought one, seats alone can be more: then it is no plan's.
    """
    given = subscription.given_version
    if given is not None and subscription.given_until is not None and subscription.given_until > at:
        is_higher = given.plan.rank > subscription.version.plan.rank
        if is_higher or subscription.given_seats > subscription.seats:
            return subscription.given_until, given if is_higher else None, subscription.given_seats, True
    if subscription.kept_until is not None and subscription.kept_until > at:
        return subscription.kept_until, subscription.kept_version, subscription.kept_seats, False
    return None, None, 0, False


def account_out(account: BillingAccount) -> dict[str, Any]:
    """Return who buys."""
    return {
        "legal_name": account.legal_name,
        "contacts": account.contacts,
        "country": account.country,
        "address": {name: account.address.get(name) or "" for name in _ADDRESS},
        "vat_id": account.vat_id,
        "vat_state": account.vat_state,
        "po_number": account.po_number,
        "currency": account.currency,
        "collection": account.collection,
    }


def _entitlements(organization_id: UUID, quotas: dict[str, Quota]) -> list[dict[str, Any]]:
    """Return every feature as the organization has it."""
    found = entitlements.of_many([organization_id])[organization_id]
    granted = {row.feature: row for row in entitlements.overrides_of(organization_id)}
    lines = []
    for feature in FEATURES.values():
        quota, override = quotas.get(feature.key), granted.get(feature.key)
        lines.append(
            {
                "feature": feature.key,
                "kind": feature.kind,
                "unit": feature.unit,
                "name": feature.name,
                "words": feature.words,
                "value": found.value(feature.key),
                "used": quota.used if quota else None,
                # Seats that are held while others are bought are nobody's.
                "reserved": (0 if feature.key == SEATS else quota.reserved) if quota else None,
                "source": "override" if override else "plan",
                "expires_at": _iso(override.expires_at) if override else None,
                "overage": ("overage" if quota and quota.overage else "cap") if feature.kind == "meter" else None,
            }
        )
    return lines


def _iso(at: Any) -> str | None:
    return iso(at) if at else None
