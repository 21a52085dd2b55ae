"""Who pays and how: kept here, and told to Stripe where there is a customer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from billing.models import BillingAccount
from core.clock import now

_FIELDS = ("legal_name", "country", "vat_id", "po_number", "collection")


@transaction.atomic
def change(organization_id: UUID, asked: dict[str, Any], *, by: UUID | None) -> None:
    """Change the details that are in ``asked``; the others stay. Platform only."""
    account, _ = BillingAccount.objects.select_for_update().get_or_create(organization_id=organization_id)
    for name in _FIELDS:
        if name in asked:
            setattr(account, name, asked[name])
    if "contacts" in asked:
        account.contacts = list(dict.fromkeys(address.lower() for address in asked["contacts"]))
    if "address" in asked:
        account.address = {**account.address, **asked["address"]}
    if "vat_id" in asked:
        account.vat_id = "".join(letter for letter in asked["vat_id"] if letter.isalnum())
    account.updated_at = now()
    account.save()
