"""Who pays and how: kept here, and told to Stripe where there is a customer."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.db import transaction

from billing import gateway
from billing.entitlements.applying import subscription_of
from billing.errors import ProviderRefused
from billing.models import BillingAccount, StripeIntent, Subscription
from billing.subscriptions import customers, ending, intents
from billing.subscriptions.intents import Purpose, Result
from core.clock import now
from core.errors import ValidationFailed

_FIELDS = ("legal_name", "country", "po_number")
_TOLD = {"legal_name", "country", "po_number", "contacts", "address"}
# The prefixes of VAT ids in the European Union. Greece writes EL.
_EU = re.compile("AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI")


def change(organization_id: UUID, asked: dict[str, Any], *, by: UUID | None = None) -> None:
    """Change the details that are in ``asked``; the others stay. Stripe's invoices follow. Platform only.

    Raises:
        ValidationFailed: the VAT id is of no form that is known, or not one of the authority's.
        BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    number = re.sub(r"[ .-]", "", asked["vat_id"]).upper() if "vat_id" in asked else None
    if number:
        kind_of(number)
    _write(organization_id, asked)
    account = BillingAccount.objects.get(organization_id=organization_id)
    reaches = gateway.is_configured() and account.stripe_customer is not None
    if number is not None and number != account.vat_id:
        _set_vat(account, number, reaches=reaches, by=by)
    if reaches and _TOLD & asked.keys():
        customers.tell(organization_id, by=by)
    if asked.get("collection", account.collection) != account.collection:
        _pay_by(account, asked["collection"], by=by)


def kind_of(number: str) -> str:
    """Return what Stripe calls a VAT id of this form.

    Raises:
        ValidationFailed: it has none that we know.
    """
    if _EU.match(number) and len(number) > 5:
        return "eu_vat"
    if number[:2] == "GB" and len(number) > 8:
        return "gb_vat"
    if number.startswith("CHE"):
        return "ch_vat"
    if number[:2] == "NO":
        return "no_vat"
    raise ValidationFailed(errors={"vat_id": "Write it with its country in front, as in DE123456789."})


@transaction.atomic
def _write(organization_id: UUID, asked: dict[str, Any]) -> None:
    account, _ = BillingAccount.objects.select_for_update().get_or_create(organization_id=organization_id)
    for name in _FIELDS:
        if name in asked:
            setattr(account, name, asked[name])
    if "contacts" in asked:
        account.contacts = list(dict.fromkeys(address.lower() for address in asked["contacts"]))
    if "address" in asked:
        account.address = {**account.address, **asked["address"]}
    account.updated_at = now()
    account.save()


def _set_vat(account: BillingAccount, number: str, *, reaches: bool, by: UUID | None) -> None:
    if reaches:
        known = gateway.customer(str(account.stripe_customer))
        former = [found["id"] for found in (known.get("tax_ids") or {}).get("data") or []]
        request = {"customer": account.stripe_customer, "number": number, "former": former}
        try:
            intents.ask(account.organization_id, "vat", request, by=by)
        except ProviderRefused as refused:
            if refused.members.get("reason") == "tax_id_invalid":
                raise ValidationFailed(errors={"vat_id": "This is no VAT id that exists."}) from refused
            raise
        return
    BillingAccount.objects.filter(id=account.id).update(vat_id=number, vat_state="")


def _pay_by(account: BillingAccount, collection: str, *, by: UUID | None) -> None:
    subscription = subscription_of(account.organization_id)
    runs = subscription is not None and subscription.stripe_id and subscription.state != Subscription.State.CANCELED
    if runs and gateway.is_configured():
        ending.pay_by(account.organization_id, collection, by=by)
        return
    BillingAccount.objects.filter(id=account.id).update(collection=collection)


def _call(intent: StripeIntent) -> Result:
    asked = intent.request
    state = ""
    if asked["number"]:
        kind = kind_of(asked["number"])
        made = gateway.create_tax_id(asked["customer"], kind, asked["number"], key=str(intent.id))
        state = (made.get("verification") or {}).get("status") or ""
    for former in asked["former"]:
        gateway.delete_tax_id(asked["customer"], former, key=f"{intent.id}:{former}")
    return {"state": state}


def _done(intent: StripeIntent, result: Result) -> None:
    state = result["state"] if result["state"] in ("pending", "verified", "unverified") else ""
    rows = BillingAccount.objects.filter(organization_id=intent.organization_id)
    rows.update(vat_id=intent.request["number"], vat_state=state)


intents.purpose("vat", Purpose(_call, _done))
