"""VAT ids: of which kind one is, and how Stripe gets to know it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from billing import gateway
from billing.models import BillingAccount, StripeIntent
from billing.subscriptions import intents
from billing.subscriptions.fold import vat
from billing.subscriptions.intents import Purpose, Result
from core.clock import now
from core.errors import ValidationFailed

State = StripeIntent.State
_SETTLED = timedelta(minutes=1)

# What Stripe calls its refusal of an id that no registry can have.
NO_SUCH_ID = "tax_id_invalid"
# The prefixes of VAT ids in the European Union. Greece writes EL.
_EU = re.compile("AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI")


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


def folded(account: BillingAccount, customer: Mapping[str, Any]) -> dict[str, str]:
    """Return the number and what the authority said of it, as the account is to say it.

    What stands at Stripe is what invoices say, typed here, in Checkout or in the portal. Where nothing stands there, a
    number that Stripe was not told yet, or refused, stays with its owner to be seen; one that was there is gone.
    """
    number, state = vat(customer)
    if number or not account.vat_id:
        return {"vat_id": number, "vat_state": state}
    own = StripeIntent.objects.filter(organization_id=account.organization_id, purpose="vat")
    last = own.order_by("-created_at", "-id").first()
    if last is None:
        was_there = account.vat_state != ""
    else:
        # What was read a moment before the number was given does not know of it.
        was_there = last.ended_at is not None and last.state == State.DONE and last.ended_at < now() - _SETTLED
    return {"vat_id": "", "vat_state": ""} if was_there else {}


def give(account: BillingAccount, number: str, *, by: UUID | None) -> None:
    """Let Stripe know the number in place of those it has; none where ``number`` is empty. No transaction may be open.

    Raises:
        BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    known = gateway.customer(str(account.stripe_customer))
    former = [found["id"] for found in (known.get("tax_ids") or {}).get("data") or []]
    request = {"customer": account.stripe_customer, "number": number, "former": former}
    intents.ask(account.organization_id, "vat", request, by=by)


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
