"""What staff gave one organization instead of what its plan brings: until a day, with the reason beside it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from billing.clock import now_of
from billing.entitlements.applying import apply
from billing.errors import NoBillingAccount, NoOverride, UnknownFeature
from billing.features import FEATURES
from billing.models import BillingAccount, Override
from core.clock import now
from core.errors import ValidationFailed


def overrides_of(organization_id: UUID) -> list[Override]:
    """Return what is granted to an organization now, by feature. Platform only."""
    account = BillingAccount.objects.filter(organization_id=organization_id).first()
    rows = Override.objects.filter(organization_id=organization_id, revoked_at=None).order_by("feature")
    return [row for row in rows if row.expires_at is None or account is None or row.expires_at > now_of(account)]


@transaction.atomic
def grant_override(
    organization_id: UUID,
    *,
    feature: str,
    value: int | None,
    expires_at: datetime | None,
    note: str,
    made_by: UUID,
) -> Override:
    """Let ``value`` of ``feature`` be in force for an organization, instead of what was granted before. Platform only.

    None is as much as one likes; of a switch 1 or 0. Who may, and the record of it, are the caller's.

    Raises:
        UnknownFeature: there is none of this name. NoBillingAccount: the organization has none.
        ValidationFailed: the value, the end or the note does not hold.
    """
    kind = FEATURES[feature].kind if feature in FEATURES else None
    if kind is None:
        raise UnknownFeature(feature=feature)
    account = _locked(organization_id)
    errors = {}
    if kind == "switch" and value not in (0, 1):
        errors["value"] = "A switch is on or off."
    if value is not None and not 0 <= value < 2**63:
        errors["value"] = "Give a number of nought or more, or none for no limit."
    if expires_at is not None and expires_at <= now_of(account):
        errors["expires_at"] = "This moment is past."
    if not note.strip():
        errors["note"] = "Say why."
    if errors:
        raise ValidationFailed(errors=errors)
    _end(organization_id, feature)
    made = Override.objects.create(
        organization_id=organization_id,
        feature=feature,
        value=value,
        expires_at=expires_at,
        note=note.strip(),
        made_by=made_by,
    )
    apply(organization_id)
    return made


@transaction.atomic
def revoke_override(organization_id: UUID, *, feature: str) -> None:
    """Let the plan's value of ``feature`` be in force again, at once. Platform only.

    Raises:
        NoOverride: nothing is granted. NoBillingAccount: the organization has none.
    """
    _locked(organization_id)
    if not _end(organization_id, feature):
        raise NoOverride
    apply(organization_id)


def _locked(organization_id: UUID) -> BillingAccount:
    account = BillingAccount.objects.select_for_update().filter(organization_id=organization_id).first()
    if account is None:
        raise NoBillingAccount(str(organization_id))
    return account


def _end(organization_id: UUID, feature: str) -> int:
    rows = Override.objects.filter(organization_id=organization_id, feature=feature, revoked_at=None)
    return rows.update(revoked_at=now())
