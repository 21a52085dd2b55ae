"""Look again at what Stripe has of an organization, and let our rows say the same.

Whoever hears of anything, by an event, a sweep or an act of ours, does the same: read everything there is now, then
write what differs. So no order of events matters, and none is needed twice.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from billing import entitlements, gateway, ledger
from billing.clock import now_of
from billing.entitlements.applying import subscription_of
from billing.errors import BillingUnavailable
from billing.models import BillingAccount, Invoice, StripeIntent, Subscription
from billing.subscriptions import crowds, intents, seats, standing, vat
from billing.subscriptions.fold import UnknownPrice, fold, fold_end, fold_invoice, is_born, payment_method, when
from billing.subscriptions.products import Sold, sold_as
from core.clock import now
from core.errors import NotFound
from tenants import api as tenants

_log = logging.getLogger(__name__)
_TRIES = 5
# A sandbox's clock is ahead of ours, if anything; less than this is the time that calls take.
_TICK_SECONDS = 5

# The intent by which a subscription ends whose money the bank took back: see billing.subscriptions.ending.
TAKEN_BACK = "taken_back"
_ASKED_AGAIN_AFTER = timedelta(hours=1)
_NOTHING_GIVEN: dict[str, Any] = {"given_version_id": None, "given_seats": 0, "given_until": None}

State = Subscription.State
Object = dict[str, Any]


class Restless(Exception):
    """Others folded the same account again and again while this was read: look later."""


@dataclass(frozen=True, slots=True)
class Found:
    """What Stripe has of one customer, read after ``folds`` was."""

    customer: Object
    subscriptions: list[Object]
    invoices: list[Object]
    charges: list[Object] = field(default_factory=list)
    ahead_seconds: int = 0


def refresh(organization_id: UUID) -> bool:
    """Read everything that Stripe has of an organization and fold it; return whether anything changed.

    No transaction may be open: Stripe is asked first. Platform only.

    Raises:
        BillingUnavailable, ProviderRefused: Stripe could not be read. Restless: others were always first.
        fold.UnknownPrice: it has a subscription to something that we do not sell.
    """
    for _ in range(_TRIES):
        account = BillingAccount.objects.get(organization_id=organization_id)
        if account.stripe_customer is None and not account.former_customers:
            return False
        found = _read(account)
        changed = _apply(organization_id, account.folds, found)
        if changed is not None:
            # Always: a crash after an earlier fold may have left the organization's own state behind.
            standing.settle(organization_id)
            return changed
    raise Restless(str(organization_id))


def catch_up(organization_id: UUID) -> bool:
    """Refresh after an act that Stripe has done; return whether our rows say so by now.

    What keeps them from it (a price that is not ours, others who fold, a lock) is no failure of the act, and must not
    be told as one: whoever reads "the fault is ours" presses again. Its event is looked into all the same.

    Raises:
        BillingUnavailable: Stripe could not be read.
    """
    try:
        refresh(organization_id)
    except BillingUnavailable:
        raise
    except Exception:  # noqa: BLE001 - Stripe did it, whatever keeps us from noting that
        _log.exception("stripe.not_folded_yet", extra={"organization_id": str(organization_id)})
        return False
    return True


def _read(account: BillingAccount) -> Found:
    if account.stripe_customer is None:
        found = Found({"deleted": True}, [], [])
    else:
        found = _read_customer(account, account.stripe_customer)
    for former in account.former_customers:  # its invoices may still be paid, given back or disputed
        invoices, charges = _read_payments(account, former)
        found.invoices.extend(invoices)
        found.charges.extend(charges)
    return found


def _read_customer(account: BillingAccount, stripe_customer: str) -> Found:
    customer = gateway.customer(stripe_customer)
    subscriptions = gateway.subscriptions_of(stripe_customer)
    if customer.get("deleted"):
        listed = {one["id"] for one in subscriptions}
        own = Subscription.objects.filter(organization_id=account.organization_id).exclude(state=State.CANCELED)
        missing = own.exclude(stripe_id=None).exclude(stripe_id__in=listed).values_list("stripe_id", flat=True)
        subscriptions += [gateway.subscription(str(stripe_id)) for stripe_id in list(missing)]
    ahead = 0 if customer.get("deleted") else _ahead(customer)
    return Found(customer, subscriptions, *_read_payments(account, stripe_customer), ahead)


def _read_payments(account: BillingAccount, stripe_customer: str) -> tuple[list[Object], list[Object]]:
    """Return a customer's invoices and charges: the latest, and of older invoices those that have changed."""
    invoices, are_there_more = gateway.invoices_of(stripe_customer)
    charges = gateway.charges_of(stripe_customer)
    if are_there_more:
        invoices += _older(account, stripe_customer, invoices, charges)
    return invoices, charges


def _older(
    account: BillingAccount, stripe_customer: str, invoices: list[Object], charges: list[Object]
) -> list[Object]:
    """Return what changed behind the latest invoices: owed by our rows and no more, or paid and taken back."""
    known = {invoice["id"] for invoice in invoices}
    paid_by = {intent for invoice in invoices for intent in _intents_of(invoice)}
    taken_back = {
        charge["payment_intent"]
        for charge in charges
        if charge.get("payment_intent") and (charge.get("amount_refunded") or charge.get("disputed"))
    } - paid_by
    unpaid = Invoice.objects.filter(
        organization_id=account.organization_id, status__in=("draft", "open", "uncollectible")
    )
    left = set(unpaid.values_list("stripe_id", flat=True)) - known
    found = []
    for invoice in gateway.all_invoices_of(stripe_customer) if left or taken_back else ():
        if invoice["id"] not in known and (invoice["id"] in left or taken_back & _intents_of(invoice)):
            found.append(invoice)
        left.discard(invoice["id"])
        taken_back -= _intents_of(invoice)
        if not left and not taken_back:
            break
    return found


def _ahead(customer: Mapping[str, Any]) -> int:
    clock = customer.get("test_clock")
    if gateway.is_live() or not clock:
        return 0
    frozen = when(gateway.sandbox_clock(clock if isinstance(clock, str) else clock["id"])["frozen_time"])
    return max(0, round((frozen - now()).total_seconds())) if frozen else 0


@transaction.atomic
def _apply(organization_id: UUID, seen: int, found: Found) -> bool | None:
    """Write what differs; return whether anything did, or None where another fold came first."""
    account = BillingAccount.objects.select_for_update().get(organization_id=organization_id)
    if account.folds != seen:
        return None
    prices = sold_as()
    moved = _set_clock(account, found.ahead_seconds)
    had = _bought(organization_id)
    changed, live = _fold_subscriptions(account, found, prices)
    changed |= _fold_account(account, found.customer, live) | moved
    changed |= _fold_invoices(account, found, prices)
    if live is not None:
        _end_what_was_taken_back(account, live)
    if found.customer.get("deleted") and account.stripe_customer is not None and live is None:
        changed |= _let_go(account)
    if changed:
        account.folds += 1
        account.updated_at = now()
        account.save()
        if tenants.hears_events(organization_id) is not None:  # of who is gone no limits are kept
            entitlements.apply(organization_id)
    if _bought(organization_id) != had:
        seats.free(organization_id)  # the limit says by now what they were held for
    return changed


def _bought(organization_id: UUID) -> tuple[Any, ...]:
    row = subscription_of(organization_id)
    return (row.stripe_id, row.version_id, row.interval, row.seats, row.state) if row is not None else ()


def _let_go(account: BillingAccount) -> bool:
    """Let the organization be made another customer: somebody has deleted the one it was, and nothing of that lives."""
    _log.warning("stripe.customer_deleted", extra={"customer": account.stripe_customer})
    account.former_customers = [*account.former_customers, str(account.stripe_customer)]
    account.stripe_customer, account.known_name, account.vat_state = None, "", ""
    account.customer_tries, account.customer_run_at = 0, None
    return True


def _set_clock(account: BillingAccount, ahead: int) -> bool:
    if abs(account.ahead_seconds - ahead) <= _TICK_SECONDS:
        return False
    account.ahead_seconds = ahead
    return True


def _fold_subscriptions(
    account: BillingAccount, found: Found, prices: Mapping[str, Sold]
) -> tuple[bool, Object | None]:
    """Fold every subscription that we know, and the one in force; return whether anything changed, and that one."""
    rows = {row.stripe_id: row for row in Subscription.objects.filter(organization_id=account.organization_id)}
    born = [one for one in found.subscriptions if is_born(one)]
    # The one that we have stays the one in force while it lives; else the first that lives.
    living = sorted(
        (one for one in born if one["status"] != "canceled"), key=lambda one: (one["id"] not in rows, one["created"])
    )
    for extra in living[1:]:
        _log.error("stripe.second_subscription", extra={"customer": account.stripe_customer, "id": extra["id"]})
    ended = [one for one in born if one["status"] == "canceled" and one["id"] in rows]
    if not living and born and not ended:
        ended = born[-1:]  # it began and ended unseen
    changed = False
    for one in [*ended, *living[:1]]:
        row = rows.get(one["id"])
        try:
            fields = fold(one, found.invoices, now_of(account), prices)
        except UnknownPrice:
            if row is None or one["status"] != "canceled":
                raise
            fields = fold_end(one)  # what it was of by then matters no more, and must not stand before the next one
        changed |= _write(account, row, fields)
    return changed, living[0] if living else None


def _write(account: BillingAccount, row: Subscription | None, folded: dict[str, Any]) -> bool:
    """Let the row of a subscription say what Stripe says; a new one takes the place of the trial."""
    before = copy.copy(row)
    if row is None:
        own = Subscription.objects.filter(organization_id=account.organization_id)
        row = own.filter(stripe_id=None).exclude(state=State.CANCELED).first()
        before = copy.copy(row)
        if row is None:
            last = own.order_by("-started_at").first()
            row = Subscription(organization_id=account.organization_id, started_at=now_of(account))
            row.read_only_at = last.read_only_at if last else None
    fields = dict(folded)
    if row.kept_until is not None and row.kept_until <= now_of(account):
        fields |= {"kept_seats": 0, "kept_version_id": None, "kept_until": None}
    if row.given_until is not None and row.given_until <= now_of(account):
        fields |= _NOTHING_GIVEN
    fields |= _given(before, now_of(account))
    # Whoever is late again is reminded again, and who pays for seats again of those; the trial's reminders stay sent.
    over = ["past_due:"] * (fields["past_due_since_at"] is None) + [crowds.MARK] * (not crowds.pays_for_seats(row))
    if over and row.reminded:
        fields["reminded"] = {kind: at for kind, at in row.reminded.items() if not kind.startswith(tuple(over))}
    differs = row._state.adding or any(getattr(row, name) != value for name, value in fields.items())
    if not differs:
        return False
    for name, value in fields.items():
        setattr(row, name, value)
    row.folded_at = now()
    row.save()
    account.currency = row.currency
    ledger.note(before, row, at=now_of(account))
    return True


def _given(before: Subscription | None, at: datetime) -> dict[str, Any]:
    """Return what staff gave until a moment ahead, where what is bought takes its place: it is had until then."""
    if before is None or not before.is_comp or before.state != State.TRIALING:
        return {}
    if before.trial_end_at is None or before.trial_end_at <= at:
        return {}
    return {
        "given_version_id": before.version_id,
        "given_seats": before.seats,
        "given_until": before.trial_end_at,
    }


def _fold_account(account: BillingAccount, customer: Object, live: Object | None) -> bool:
    if customer.get("deleted"):
        wanted: dict[str, Any] = {"payment_method": None}
    else:
        wanted = {
            "payment_method": payment_method(customer, live),
            **vat.folded(account, customer),
            **({"collection": _collection(live)} if live else {}),
            **_name(account, customer),
            **_address(account, customer),
        }
    differs = {name: value for name, value in wanted.items() if getattr(account, name) != value}
    for name, value in differs.items():
        setattr(account, name, value)
    return bool(differs)


def _collection(live: Object) -> str:
    return "invoice" if live.get("collection_method") == "send_invoice" else "card"


def _name(account: BillingAccount, customer: Object) -> dict[str, Any]:
    """Return whom invoices are made out to where that was typed in Checkout or the portal.

    Only a name that we neither told nor read before was typed. The organization's own name stands there until somebody
    says another, and is nobody's legal name, also after the organization was given another.
    """
    name = customer.get("name") or ""
    if not name or name == account.known_name:
        return {}
    if name == account.legal_name:
        return {"known_name": name}
    try:
        is_told = not account.legal_name and name == tenants.load_organization(account.organization_id).name
    except NotFound:
        return {}
    return {"known_name": name} if is_told else {"known_name": name, "legal_name": name}


def _address(account: BillingAccount, customer: Object) -> dict[str, Any]:
    """Return the address where Stripe has one, as typed in Checkout or the portal."""
    address = customer.get("address") or {}
    if not address.get("country"):
        return {}
    parts = {name: address.get(name) or "" for name in ("line1", "line2", "city", "postal_code", "state")}
    return {"country": address["country"], "address": parts}


def _end_what_was_taken_back(account: BillingAccount, live: Object) -> None:
    """Let the subscription end whose running period the bank took the money back for, and decided so for good.

    The invoice stays paid to Stripe: nobody could pay it again, and the next one would be charged to the same card.
    What ends can be bought again at once.
    """
    moment = now_of(account)
    lost = Invoice.objects.filter(
        organization_id=account.organization_id,
        stripe_subscription=live["id"],
        dispute="lost",
        period_start__lte=moment,
        period_end__gt=moment,
    )
    for invoice in lost:
        last = _asked_for(invoice).order_by("-created_at", "-id").first()
        press = _press(invoice)
        if last is None:
            _log.error("stripe.taken_back", extra={"invoice": invoice.stripe_id, "customer": account.stripe_customer})
        elif last.state != StripeIntent.State.REFUSED or (last.ended_at or now()) > now() - _ASKED_AGAIN_AFTER:
            continue
        else:  # refused, or not answered for a day: it lives all the same
            press = f"{press}:{last.id}"
        intents.begin(account.organization_id, TAKEN_BACK, {"subscription": live["id"]}, press=press)


def is_taken_back(invoice: Invoice) -> bool:
    """Return whether a subscription was ended, or will be in minutes, because the bank took this payment back.

    Platform only.
    """
    return _asked_for(invoice).exists()


def _asked_for(invoice: Invoice) -> QuerySet[StripeIntent]:
    """Return the ends that were asked for because of an invoice: another one where Stripe refused the one before."""
    own = StripeIntent.objects.filter(organization_id=invoice.organization_id, purpose=TAKEN_BACK)
    return own.filter(Q(request__press=_press(invoice)) | Q(request__press__startswith=f"{_press(invoice)}:"))


def _press(invoice: Invoice) -> str:
    return f"lost:{invoice.stripe_id}"


def _fold_invoices(account: BillingAccount, found: Found, prices: Mapping[str, Sold]) -> bool:
    ids = [invoice["id"] for invoice in found.invoices]
    rows = {row.stripe_id: row for row in Invoice.objects.filter(stripe_id__in=ids)}
    changed = False
    for invoice in found.invoices:
        paid_by = _intents_of(invoice)
        charges = [charge for charge in found.charges if charge.get("payment_intent") in paid_by]
        fields = fold_invoice(invoice, charges, prices)
        row = rows.get(invoice["id"])
        if row is not None and row.organization_id != account.organization_id:
            _log.error("stripe.invoice_of_another", extra={"invoice": invoice["id"]})
            continue
        row = row or Invoice(stripe_id=invoice["id"], organization_id=account.organization_id)
        if row._state.adding or any(getattr(row, name) != value for name, value in fields.items()):
            for name, value in fields.items():
                setattr(row, name, value)
            row.folded_at = now()
            row.save()
            changed = True
    return changed


def _intents_of(invoice: Object) -> set[str]:
    payments = ((invoice.get("payments") or {}).get("data")) or []
    found = {(payment.get("payment") or {}).get("payment_intent") for payment in payments}
    return {one if isinstance(one, str) else one["id"] for one in found if one}
