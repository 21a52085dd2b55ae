"""Who pays and how: kept here, and told to Stripe where there is a customer."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.db import transaction

from billing import gateway
from billing.entitlements.applying import subscription_of
from billing.errors import ProviderRefused
from billing.models import BillingAccount, Subscription
from billing.subscriptions import customers, ending, vat
from billing.subscriptions.checkout import can_be_invoiced, check_first_by_invoice
from core.clock import now
from core.errors import ValidationFailed

_FIELDS = ("legal_name", "country", "po_number")
_TOLD = {"legal_name", "country", "po_number", "contacts", "address"}


def change(organization_id: UUID, asked: dict[str, Any], *, email: str = "", by: UUID | None = None) -> None:
    """Change the details that are in ``asked``; the others stay. Stripe's invoices follow. Platform only.

    ``email`` is whose inbox Stripe writes to where no billing contact is named. A VAT id that is refused leaves
    everything as it was.

    Raises:
        ValidationFailed: the VAT id is of no form that is known, or not one of the authority's; or an invoice is wanted
            and nobody knows to whom. What else was asked is done then.
        ChangeNotPossible: the plan is more than a first invoice may be of. What else was asked is done then.
        BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    number = re.sub(r"[ .-]", "", asked["vat_id"]).upper() if "vat_id" in asked else None
    if number:
        vat.kind_of(number)
    account, _ = BillingAccount.objects.get_or_create(organization_id=organization_id)
    reaches = gateway.is_configured() and account.stripe_customer is not None
    if number is not None and number != account.vat_id:
        _set_vat(account, number, reaches=reaches, by=by)
    account = _write(organization_id, asked)
    if reaches and _TOLD & asked.keys():
        customers.tell(account, email=email, by=by)
    if asked.get("collection", account.collection) != account.collection:
        _pay_by(account, asked["collection"], by=by)


@transaction.atomic
def _write(organization_id: UUID, asked: dict[str, Any]) -> BillingAccount:
    """Write what is asked; return the account as it was written, whatever a fold makes of it a moment later."""
    account = BillingAccount.objects.select_for_update().get(organization_id=organization_id)
    for name in _FIELDS:
        if name in asked:
            setattr(account, name, asked[name])
    if "contacts" in asked:
        account.contacts = list(dict.fromkeys(address.lower() for address in asked["contacts"]))
    if "address" in asked:
        account.address = {**account.address, **asked["address"]}
    account.customer_tries, account.customer_run_at = 0, None  # what Stripe refused before is another thing now
    account.updated_at = now()
    account.save()
    return account


def _set_vat(account: BillingAccount, number: str, *, reaches: bool, by: UUID | None) -> None:
    if not reaches:  # Stripe hears of it when it hears of the customer
        BillingAccount.objects.filter(id=account.id).update(vat_id=number, vat_state="")
        return
    try:
        vat.give(account, number, by=by)
    except ProviderRefused as refused:
        if refused.members.get("reason") == vat.NO_SUCH_ID:
            raise ValidationFailed(errors={"vat_id": "This is no VAT id that exists."}) from refused
        raise


def _pay_by(account: BillingAccount, collection: str, *, by: UUID | None) -> None:
    subscription = subscription_of(account.organization_id)
    runs = subscription is not None and subscription.stripe_id and subscription.state != Subscription.State.CANCELED
    if subscription is not None and runs and gateway.is_configured():
        if collection == "invoice":
            can_be_invoiced(account)
            check_first_by_invoice(
                account.organization_id,
                subscription.version,
                subscription.currency,
                subscription.interval,
                subscription.seats,
            )
        ending.pay_by(account.organization_id, collection, by=by)
        return
    BillingAccount.objects.filter(id=account.id).update(collection=collection)
