"""Stripe: the only module that imports its library, and the only place where a call to it is made.

Objects come back as plain data. Every call that changes something takes the idempotency key it goes out under. The
version of the API is ours, not the account's, so that an answer never changes its shape under us.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any

import stripe
from django.conf import settings

from billing.errors import BillingNotConfigured, BillingUnavailable, PaymentRefused, ProviderRefused
from billing.stripe_setup import PORTAL

_log = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
TIMEOUT_SECONDS = 10
RETRIES = 2  # under the same key
TOLERANCE_SECONDS = 300
PAGE = 100
# Whoever pays by the month has two years in these; what is older and still owed is read beside them.
LATEST_INVOICES = 24

Object = dict[str, Any]


class NotGenuine(Exception):
    """What came to the webhook is not Stripe's, not for this endpoint, or too old."""


# -- what we are connected to ----------------------------------------------------------------------------------------


def is_configured() -> bool:
    """Return whether there is a payment provider to buy at."""
    return bool(settings.STRIPE_SECRET_KEY)


def is_live() -> bool:
    """Return whether the key moves real money."""
    return settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))


def place() -> str:
    """Return which Stripe we talk to: another key or address is another place, where nothing of ours need be known."""
    return hashlib.sha256(f"{settings.STRIPE_API_URL} {settings.STRIPE_SECRET_KEY}".encode()).hexdigest()[:16]


@lru_cache(maxsize=4)
def _connected(key: str, url: str) -> Any:
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        max_network_retries=RETRIES,
        base_addresses={"api": url} if url else {},
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    ).v1


def _api() -> Any:
    if not is_configured():
        raise BillingNotConfigured
    return _connected(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_URL)


@contextmanager
def _asking() -> Iterator[Any]:
    """Yield the API; turn its errors into ours.

    Raises:
        BillingUnavailable: no answer, or one that says nothing about the call; it may or may not have had its effect.
        PaymentRefused: the card was declined.
        ProviderRefused: Stripe will not do this.
        BillingNotConfigured: there is no key.
    """
    try:
        yield _api()
    except stripe.CardError as declined:
        raise PaymentRefused(declined.user_message or None, reason=declined.code or "card_declined") from declined
    except (stripe.AuthenticationError, stripe.PermissionError) as shut:
        _log.error("stripe.key_refused", extra={"error": str(shut)})
        raise BillingUnavailable from shut
    except stripe.InvalidRequestError as refused:
        if refused.http_status in (409, 429):
            raise BillingUnavailable from refused
        _log.warning("stripe.refused", extra={"error": str(refused), "code": refused.code or "", "at": refused.param})
        raise ProviderRefused(reason=refused.code or "", at=refused.param or "", said=str(refused)[:500]) from refused
    except stripe.IdempotencyError as reused:
        raise ProviderRefused(reason="idempotency_error", said=str(reused)[:500]) from reused
    except stripe.StripeError as failed:
        _log.warning("stripe.unavailable", extra={"error": type(failed).__name__})
        raise BillingUnavailable from failed


def _plain(found: Any) -> Object:
    plain: Object = found.to_dict(for_json=True)
    return plain


def _key(key: str) -> dict[str, str]:
    return {"idempotency_key": key}


# -- webhooks --------------------------------------------------------------------------------------------------------


def verified(payload: bytes, signature: str) -> None:
    """Return where ``payload`` was signed with a secret of ours within the last five minutes.

    ``LMS_STRIPE_WEBHOOK_SECRET`` may hold two, comma between, while one takes the other's place.

    Raises:
        NotGenuine: it was not. BillingNotConfigured: there is no secret, so nothing can be told.
    """
    secrets = [found.strip() for found in settings.STRIPE_WEBHOOK_SECRET.split(",") if found.strip()]
    if not secrets:
        raise BillingNotConfigured
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(payload, signature, secret, TOLERANCE_SECONDS)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
        return
    raise NotGenuine


def webhook_endpoints() -> list[Object]:
    """Return where Stripe sends events to."""
    with _asking() as api:
        return [_plain(one) for one in api.webhook_endpoints.list({"limit": PAGE}).auto_paging_iter()]


# -- customers -------------------------------------------------------------------------------------------------------


def create_customer(params: Mapping[str, Any], *, key: str) -> Object:
    """Make a customer."""
    with _asking() as api:
        return _plain(api.customers.create(dict(params), _key(key)))


def update_customer(customer: str, params: Mapping[str, Any], *, key: str) -> Object:
    """Change a customer."""
    with _asking() as api:
        return _plain(api.customers.update(customer, dict(params), _key(key)))


def delete_customer(customer_id: str, *, key: str) -> None:
    """Delete a customer that was made for a check."""
    with _asking() as api:
        api.customers.delete(customer_id, {}, _key(key))


def customer(customer_id: str) -> Object:
    """Return a customer with tax ids and what will be charged. ``deleted`` is true of one that is gone."""
    expand = ["tax_ids", "invoice_settings.default_payment_method"]
    try:
        with _asking() as api:
            return _plain(api.customers.retrieve(customer_id, {"expand": expand}))
    except ProviderRefused as refused:
        if refused.members.get("at") != "expand":
            raise
    with _asking() as api:  # one that is gone has nothing to expand
        return _plain(api.customers.retrieve(customer_id))


def customers_on_clock(clock: str) -> list[str]:
    """Return the customers that a test clock moves."""
    with _asking() as api:
        return [found.id for found in api.customers.list({"test_clock": clock, "limit": PAGE}).auto_paging_iter()]


def sandbox_clock(clock: str) -> Object:
    """Return a sandbox's clock."""
    with _asking() as api:
        return _plain(api.test_helpers.test_clocks.retrieve(clock))


def create_tax_id(customer_id: str, kind: str, value: str, *, key: str) -> Object:
    """Note a tax id; Stripe asks the authority about it later."""
    with _asking() as api:
        return _plain(api.customers.tax_ids.create(customer_id, {"type": kind, "value": value}, _key(key)))


def delete_tax_id(customer_id: str, tax_id: str, *, key: str) -> None:
    """Take a tax id away; one that is gone is gone."""
    try:
        with _asking() as api:
            api.customers.tax_ids.delete(customer_id, tax_id, {}, _key(key))
    except ProviderRefused as refused:
        if refused.members.get("reason") != "resource_missing":
            raise


# -- what is sold ----------------------------------------------------------------------------------------------------


def prices_by_lookup(keys: Sequence[str]) -> dict[str, Object]:
    """Return the prices that have these lookup keys."""
    found: dict[str, Object] = {}
    with _asking() as api:
        for start in range(0, len(keys), 10):  # as many as one question may name
            asked = {"lookup_keys": list(keys[start : start + 10]), "limit": PAGE, "active": True}
            found.update({price.lookup_key: _plain(price) for price in api.prices.list(asked).auto_paging_iter()})
    return found


def ensure_product(product: str, name: str) -> Object:
    """Return the product with our own id, made if it is not there."""
    with _asking() as api:
        try:
            return _plain(api.products.retrieve(product))
        except stripe.InvalidRequestError as missing:
            if missing.code != "resource_missing":
                raise
        return _plain(api.products.create({"id": product, "name": name}, _key(f"product:{product}")))


def create_price(params: Mapping[str, Any]) -> Object:
    """Make a price; its lookup key is its idempotency key."""
    with _asking() as api:
        return _plain(api.prices.create(dict(params), _key(f"price:{params['lookup_key']}")))


def ensure_meter(event_name: str, display_name: str) -> Object:
    """Return the meter of this event name, made if it is not there."""
    with _asking() as api:
        for found in api.billing.meters.list({"limit": PAGE, "status": "active"}).auto_paging_iter():
            if found.event_name == event_name:
                return _plain(found)
        made = {
            "event_name": event_name,
            "display_name": display_name,
            "default_aggregation": {"formula": "sum"},
            "customer_mapping": {"type": "by_id", "event_payload_key": "stripe_customer_id"},
            "value_settings": {"event_payload_key": "value"},
        }
        return _plain(api.billing.meters.create(made, _key(f"meter:{event_name}")))


def send_meter_event(*, event_name: str, customer: str, value: int, identifier: str, at: datetime) -> None:
    """Tell a meter how much a customer used. Of one identifier Stripe counts the first."""
    with _asking() as api:
        payload = {"stripe_customer_id": customer, "value": str(value)}
        asked = {
            "event_name": event_name,
            "payload": payload,
            "identifier": identifier,
            "timestamp": int(at.timestamp()),
        }
        api.billing.meter_events.create(asked, _key(f"meter-event:{identifier}"))


# -- checkout and portal ---------------------------------------------------------------------------------------------


def create_checkout(params: Mapping[str, Any], *, key: str) -> Object:
    """Open a Checkout session."""
    with _asking() as api:
        return _plain(api.checkout.sessions.create(dict(params), _key(key)))


def checkout(session: str) -> Object:
    """Return a Checkout session."""
    with _asking() as api:
        return _plain(api.checkout.sessions.retrieve(session))


def expire_checkout(session: str, *, key: str) -> Object:
    """Close a Checkout session that nobody has paid in."""
    with _asking() as api:
        return _plain(api.checkout.sessions.expire(session, {}, _key(key)))


def create_portal(params: Mapping[str, Any], *, key: str) -> Object:
    """Open the customer portal, as it is set up at Stripe; set up here where nobody has."""
    with _asking() as api:
        known = api.billing_portal.configurations.list({"active": True, "limit": 1}).data
        if not known:
            api.billing_portal.configurations.create(PORTAL, _key("portal-configuration:1"))
        return _plain(api.billing_portal.sessions.create(dict(params), _key(key)))


def portal_configuration() -> Object | None:
    """Return how the portal is set up for whoever opens it; None where nobody has set it up."""
    with _asking() as api:
        found = api.billing_portal.configurations.list({"is_default": True, "limit": 1}).data
    return _plain(found[0]) if found else None


# -- subscriptions and invoices --------------------------------------------------------------------------------------


def create_subscription(params: Mapping[str, Any], *, key: str) -> Object:
    """Begin a subscription."""
    with _asking() as api:
        return _plain(api.subscriptions.create(dict(params), _key(key)))


def update_subscription(subscription: str, params: Mapping[str, Any], *, key: str) -> Object:
    """Change a subscription."""
    with _asking() as api:
        return _plain(api.subscriptions.update(subscription, dict(params), _key(key)))


def cancel_subscription(subscription: str, *, why: str, key: str) -> None:
    """End a subscription at once, without an invoice or money back; one that has ended has ended."""
    try:
        with _asking() as api:
            api.subscriptions.cancel(subscription, {"cancellation_details": {"comment": why}}, _key(key))
    except ProviderRefused as refused:
        if refused.members.get("reason") != "resource_missing":
            raise


def subscription(subscription_id: str) -> Object:
    """Return a subscription as it is now."""
    with _asking() as api:
        return _plain(api.subscriptions.retrieve(subscription_id))


def subscriptions_of(customer_id: str) -> list[Object]:
    """Return all subscriptions of a customer, ended ones too, oldest first."""
    asked = {
        "customer": customer_id,
        "status": "all",
        "limit": PAGE,
        "expand": ["data.default_payment_method", "data.discounts.source.coupon"],
    }
    with _asking() as api:
        found = [_plain(one) for one in api.subscriptions.list(asked).auto_paging_iter()]
    return sorted(found, key=lambda one: (one["created"], one["id"]))


def all_subscriptions() -> Iterator[Object]:
    """Yield every subscription there is, ended ones too."""
    with _asking() as api:
        asked = {"status": "all", "limit": PAGE, "expand": ["data.discounts.source.coupon"]}
        for found in api.subscriptions.list(asked).auto_paging_iter():
            yield _plain(found)


def invoices_of(customer_id: str) -> tuple[list[Object], bool]:
    """Return the latest invoices of a customer and all that are owed, newest first; and whether there are others."""
    asked = {"customer": customer_id, "limit": LATEST_INVOICES, "expand": ["data.payments"]}
    with _asking() as api:
        latest = api.invoices.list(asked)
        found = {one.id: _plain(one) for one in latest.data}
        if latest.has_more:
            for status in ("open", "uncollectible"):
                for one in api.invoices.list({**asked, "limit": PAGE, "status": status}).auto_paging_iter():
                    found.setdefault(one.id, _plain(one))
    return sorted(found.values(), key=lambda one: (one["created"], one["id"]), reverse=True), bool(latest.has_more)


def all_invoices_of(customer_id: str) -> Iterator[Object]:
    """Yield every invoice of a customer, newest first."""
    asked = {"customer": customer_id, "limit": PAGE, "expand": ["data.payments"]}
    with _asking() as api:
        for found in api.invoices.list(asked).auto_paging_iter():
            yield _plain(found)


def invoices_since(since: datetime) -> Iterator[Object]:
    """Yield every invoice that was made since, with its payments."""
    asked = {"created": {"gte": int(since.timestamp())}, "limit": PAGE, "expand": ["data.payments"]}
    with _asking() as api:
        for found in api.invoices.list(asked).auto_paging_iter():
            yield _plain(found)


def invoices_unpaid() -> Iterator[Object]:
    """Yield every invoice that is owed, however old."""
    with _asking() as api:
        for status in ("open", "uncollectible"):
            for found in api.invoices.list({"status": status, "limit": PAGE}).auto_paging_iter():
                yield _plain(found)


def invoice(invoice_id: str) -> Object:
    """Return an invoice as it is now."""
    with _asking() as api:
        return _plain(api.invoices.retrieve(invoice_id, {"expand": ["payments"]}))


def charges_of(customer_id: str) -> list[Object]:
    """Return the latest charges of a customer; those in dispute say under ``dispute`` how that stands."""
    with _asking() as api:
        found = [_plain(one) for one in api.charges.list({"customer": customer_id, "limit": PAGE}).data]
        for charge in found:
            if charge.get("disputed"):
                charge["dispute"] = _plain(api.disputes.list({"charge": charge["id"], "limit": 1}).data[0])
    return found


def charge(charge_id: str) -> Object:
    """Return a charge as it is now."""
    with _asking() as api:
        return _plain(api.charges.retrieve(charge_id))


def preview(params: Mapping[str, Any]) -> Object:
    """Return the invoice that a change would make. Nothing is made."""
    with _asking() as api:
        return _plain(api.invoices.create_preview(dict(params)))


def credit(customer_id: str, *, amount_minor: int, currency: str, description: str, key: str) -> Object:
    """Give a customer money to spend on invoices to come."""
    asked = {"amount": -amount_minor, "currency": currency, "description": description}
    with _asking() as api:
        return _plain(api.customers.balance_transactions.create(customer_id, asked, _key(key)))


# -- events ----------------------------------------------------------------------------------------------------------


def events_since(since: datetime) -> Iterator[Object]:
    """Yield what has happened since, newest first, as far back as Stripe remembers (30 days)."""
    asked = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
    with _asking() as api:
        for found in api.events.list(asked).auto_paging_iter():
            yield _plain(found)


def events_not_delivered() -> Iterator[Object]:
    """Yield what Stripe could not deliver, newest first."""
    with _asking() as api:
        for found in api.events.list({"delivery_success": False, "limit": PAGE}).auto_paging_iter():
            yield _plain(found)
