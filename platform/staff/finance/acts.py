"""What finance gives and takes back. The record is in the transaction of the act; Stripe is asked outside of any."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from billing import api as billing
from billing.api import finance
from core.clock import iso
from staff import audit
from staff.flags import evaluation
from staff.models import OrganizationStat
from tenants import api as tenants


def give_plan(organization_id: UUID, *, plan: str, seats: int, until: datetime, reason: str, ticket: str) -> None:
    """Let an organization have a plan without charge until a moment.

    Raises:
        UnknownOrganization: there is none. Otherwise see :func:`billing.grants.give_plan`.
    """
    tenants.organization_card(organization_id)
    with transaction.atomic():
        given = finance.give_plan(organization_id, plan=plan, seats=seats, until=until)
        OrganizationStat.objects.filter(organization_id=organization_id).update(plan=plan, due=True)
        changes = {"subscription": [given.before, given.after]}
        _record("organization.plan_given", organization_id, changes, reason, ticket)
        evaluation.announce(organization_id)
    finance.settle(organization_id)


def extend_trial(organization_id: UUID, *, until: datetime, reason: str, ticket: str) -> None:
    """Let a trial, or a plan that was given, end later or sooner.

    Raises:
        UnknownOrganization: there is none. Otherwise see :func:`billing.grants.extend_trial`.
    """
    tenants.organization_card(organization_id)
    with transaction.atomic():
        given = finance.extend_trial(organization_id, until=until)
        changes = {"subscription": [given.before, given.after]}
        _record("organization.trial_moved", organization_id, changes, reason, ticket)
    finance.settle(organization_id)


def give_credit(
    organization_id: UUID,
    *,
    amount_minor: int,
    currency: str,
    note: str,
    reason: str,
    ticket: str,
    press: str,
    by: UUID,
) -> None:
    """Give an organization money to spend on invoices to come. Pressed twice, it is given once.

    Raises:
        UnknownOrganization: there is none. BillingUnavailable: Stripe does not answer; it is given when it does.
        Otherwise see :func:`billing.grants.begin_credit`.
    """
    tenants.organization_card(organization_id)
    finance.ensure_customer(organization_id)
    with transaction.atomic():
        intent = finance.begin_credit(
            organization_id, amount_minor=amount_minor, currency=currency, note=note, press=press, by=by
        )
        if intent.state == "open" and intent.claimed_at is None:
            changes = {"credit": [None, {"amount_minor": amount_minor, "currency": currency, "note": note}]}
            _record("organization.credit_given", organization_id, changes, reason, ticket)
    finance.run_intent(intent)


@transaction.atomic
def grant_override(
    organization_id: UUID,
    *,
    feature: str,
    value: int | None,
    expires_at: datetime | None,
    reason: str,
    ticket: str,
    by: UUID,
) -> None:
    """Let another value of a feature be in force than the plan brings.

    Raises:
        UnknownOrganization: there is none. Otherwise see :func:`billing.entitlements.grant_override`.
    """
    tenants.organization_card(organization_id)
    billing.grant_override(
        organization_id, feature=feature, value=value, expires_at=expires_at, note=reason, made_by=by
    )
    given = {"value": value, "until": iso(expires_at) if expires_at else None}
    _record("organization.feature_granted", organization_id, {feature: [None, given]}, reason, ticket)
    evaluation.announce(organization_id)


@transaction.atomic
def revoke_override(organization_id: UUID, *, feature: str, reason: str, ticket: str) -> None:
    """Let the plan's value of a feature be in force again.

    Raises:
        UnknownOrganization: there is none. NoOverride: nothing is granted.
    """
    tenants.organization_card(organization_id)
    was = next((row for row in billing.overrides_of(organization_id) if row.feature == feature), None)
    billing.revoke_override(organization_id, feature=feature)
    changes = {feature: [was.value if was else None, None]}
    _record("organization.feature_revoked", organization_id, changes, reason, ticket)
    evaluation.announce(organization_id)


def change_version(organization_id: UUID, *, token: str, reason: str, ticket: str, by: UUID) -> None:
    """Put an organization on the newest version of its plan, by the figures that ``token`` was shown with.

    Raises:
        UnknownOrganization: there is none. PreviewStale: it would be something else now.
    """
    tenants.organization_card(organization_id)
    # Before Stripe is asked: what was wanted is on record, whatever becomes of the call.
    with transaction.atomic():
        _record("organization.version_change_asked", organization_id, {}, reason, ticket)
    finance.apply_change(organization_id, token, by=by)


def read_again(organization_id: UUID) -> bool:
    """Read an organization at Stripe again and book what was not booked; say whether that changed anything.

    Raises:
        UnknownOrganization: there is none. BillingUnavailable: Stripe does not answer.
    """
    tenants.organization_card(organization_id)
    changed = finance.read_again(organization_id)
    with transaction.atomic():
        _record("organization.billing_read", organization_id, {"changed": [None, changed]}, "", "")
    return changed


def make_prices(plan: str, number: int) -> int:
    """Make what a version lacks at Stripe; return how many prices it has.

    Raises:
        NotFound: there is no such version. BillingUnavailable: Stripe does not answer.
    """
    made = finance.make_prices(plan, number)
    with transaction.atomic():
        audit.record("plan.prices_made", object_type="plan_version", object_id=f"{plan} v{number}")
    return made


@transaction.atomic
def retry_event(event_id: str, *, reason: str, ticket: str) -> finance.StripeEvent:
    """Let a parked event be looked into again.

    Raises:
        NotFound: no parked event has this id.
    """
    row = finance.retry(event_id)
    audit.record("stripe_event.retried", object_type="stripe_event", object_id=event_id, reason=reason, ticket=ticket)
    return row


def _record(action: str, organization_id: UUID, changes: dict[str, list[Any]], reason: str, ticket: str) -> None:
    audit.record(
        action,
        organization_id=organization_id,
        object_type="organization",
        object_id=organization_id,
        changes=changes,
        reason=reason,
        ticket=ticket,
    )
