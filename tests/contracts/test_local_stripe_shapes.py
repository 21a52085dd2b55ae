"""What the local Stripe takes and returns is what the ``stripe`` package's typed classes say, for every resource."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from stripe import billing, billing_portal, checkout, test_helpers

from devstack.stripe.params import Obj
from devstack.stripe.routes import ROUTES
from tests.contracts import stripe_types
from tests.support.stripe_server import CLOCK, StripeServer

KINDS: dict[str, Any] = {
    "account": stripe.Account,
    "billing.meter": billing.Meter,
    "billing.meter_event": billing.MeterEvent,
    "billing.meter_event_summary": billing.MeterEventSummary,
    "billing_portal.configuration": billing_portal.Configuration,
    "billing_portal.session": billing_portal.Session,
    "charge": stripe.Charge,
    "checkout.session": checkout.Session,
    "customer": stripe.Customer,
    "customer_balance_transaction": stripe.CustomerBalanceTransaction,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "invoice": stripe.Invoice,
    "invoice_payment": stripe.InvoicePayment,
    "item": stripe.LineItem,
    "line_item": stripe.InvoiceLineItem,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "price": stripe.Price,
    "product": stripe.Product,
    "refund": stripe.Refund,
    "subscription": stripe.Subscription,
    "subscription_item": stripe.SubscriptionItem,
    "tax_id": stripe.TaxId,
    "test_helpers.test_clock": test_helpers.TestClock,
    "webhook_endpoint": stripe.WebhookEndpoint,
}


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, list[dict[str, Any]]]]:
    """Everything a year of business makes, by kind."""
    with StripeServer(frozen_at=1_790_000_000) as server:
        yield _live(server)


def _live(server: StripeServer) -> dict[str, list[dict[str, Any]]]:
    v1 = server.client().v1
    found: dict[str, list[dict[str, Any]]] = {}

    def keep(made: Any) -> Any:
        plain = made.to_dict()
        found.setdefault(plain["object"], []).append(plain)
        return made

    product = keep(v1.products.create({"name": "Team", "metadata": {"plan": "team"}}))
    meter = keep(
        v1.billing.meters.create(
            {"display_name": "Delivered", "event_name": "delivered", "default_aggregation": {"formula": "sum"}}
        )
    )
    seat = keep(
        v1.prices.create(
            {
                "product": product.id,
                "currency": "eur",
                "unit_amount": 600,
                "recurring": {"interval": "month"},
                "currency_options": {"usd": {"unit_amount": 700}},
                "lookup_key": "team_month",
                "expand": ["currency_options", "product"],
            }
        )
    )
    metered = {"interval": "month", "usage_type": "metered", "meter": meter.id}
    gigabyte = keep(
        v1.prices.create(
            {
                "product": product.id,
                "currency": "eur",
                "recurring": metered,
                "billing_scheme": "tiered",
                "tiers_mode": "graduated",
                "tiers": [
                    {"up_to": 10, "unit_amount": 0},
                    {"up_to": "inf", "unit_amount_decimal": "5.5"},
                ],
                "expand": ["tiers"],
            }
        )
    )
    address = {"line1": "1 Rue", "city": "Lyon", "postal_code": "69001", "country": "FR"}
    customer = keep(v1.customers.create({"name": "Acme", "email": "a@acme.example", "address": address}))
    keep(v1.customers.tax_ids.create(customer.id, {"type": "eu_vat", "value": "FR12345678901"}))
    server.advance(seconds=10)
    keep(v1.customers.balance_transactions.create(customer.id, {"amount": -100, "currency": "eur"}))
    card = keep(v1.payment_methods.attach("pm_card_createDispute", {"customer": customer.id}))
    keep(v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}}))
    keep(v1.customers.retrieve(customer.id, {"expand": ["tax", "tax_ids", "subscriptions", "test_clock"]}))
    subscription = keep(
        v1.subscriptions.create(
            {
                "customer": customer.id,
                "items": [{"price": seat.id, "quantity": 10}, {"price": gigabyte.id}],
                "automatic_tax": {"enabled": True},
                "trial_period_days": 14,
                "expand": ["latest_invoice.payments", "default_payment_method", "customer"],
            }
        )
    )
    server.advance(days=20)
    usage = {"event_name": "delivered", "payload": {"stripe_customer_id": customer.id, "value": "25"}}
    keep(v1.billing.meter_events.create({**usage, "identifier": "one"}))
    item = subscription["items"].data[0]
    change = {"items": [{"id": item.id, "quantity": 12}], "proration_behavior": "always_invoice"}
    keep(v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": change}))
    keep(v1.subscriptions.update(subscription.id, {**change, "expand": ["latest_invoice"]}))
    server.advance(days=45)
    now = server.now() // 60 * 60
    span = {"customer": customer.id, "start_time": now - 60 * 86400, "end_time": now, "value_grouping_window": "day"}
    for summary in v1.billing.meters.event_summaries.list(meter.id, span).data:  # type: ignore[arg-type]
        keep(summary)
    for session in _sessions(v1, seat.id, customer.id, subscription.id):
        keep(session)
    keep(v1.billing_portal.configurations.list().data[0])
    sent = keep(v1.subscriptions.update(subscription.id, {"collection_method": "send_invoice", "days_until_due": 30}))
    keep(v1.subscriptions.update(sent.id, {"cancel_at_period_end": True}))
    charge = v1.charges.list({"expand": ["data.refunds"]}).data[0]
    v1.refunds.create({"charge": charge.id, "amount": 100})
    made = keep(v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/x", "enabled_events": ["invoice.paid"]}))
    assert made.secret.startswith("whsec_")
    server.advance(days=40)
    lists = (
        v1.subscriptions.list({"status": "all"}),
        v1.invoices.list({"limit": 100, "expand": ["data.payments"]}),
        v1.charges.list({"limit": 100, "expand": ["data.refunds"]}),
        v1.refunds.list(),
        v1.disputes.list(),
        v1.payment_intents.list(),
        v1.events.list({"limit": 100}),
        v1.webhook_endpoints.list(),
        v1.invoice_payments.list(),
        v1.customers.balance_transactions.list(customer.id),
        v1.subscription_items.list({"subscription": subscription.id}),
        v1.test_helpers.test_clocks.list(),
        v1.checkout.sessions.list(),
    )
    for listed in lists:
        for one in listed.data:
            keep(one)
    for invoice in found["invoice"]:
        found.setdefault("line_item", []).extend(invoice["lines"]["data"])
    keep(v1.test_helpers.test_clocks.retrieve(CLOCK))
    return found


def _sessions(v1: Any, price: str, customer: str, subscription: str) -> Iterator[Any]:
    buying = {
        "mode": "subscription",
        "line_items": [{"price": price, "quantity": 5}],
        "success_url": "http://x.example/{CHECKOUT_SESSION_ID}",
        "automatic_tax": {"enabled": True},
        "tax_id_collection": {"enabled": True},
        "client_reference_id": "org",
    }
    session = v1.checkout.sessions.create({**buying, "expand": ["line_items"]})
    yield session
    yield from v1.checkout.sessions.line_items.list(session.id).data
    yield v1.checkout.sessions.expire(session.id)
    portal = {"customer": customer, "return_url": "http://x.example/"}
    yield v1.billing_portal.sessions.create(portal)
    flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": subscription}}
    yield v1.billing_portal.sessions.create({**portal, "flow_data": flow})


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"account"}))
def test_what_is_returned_has_the_shape_of_the_packages_class(told: dict[str, list[dict[str, Any]]], kind: str) -> None:
    assert told.get(kind), f"nothing of {kind} was made"
    wrong = {
        one
        for value in told[kind]
        for one in stripe_types.problems(value, KINDS[kind], kind, stripe_types.names_of(KINDS[kind]))
    }
    assert sorted(wrong) == []


def test_the_object_inside_an_event_has_its_shape_too(told: dict[str, list[dict[str, Any]]]) -> None:
    wrong = set()
    for event in told["event"]:
        inside = event["data"]["object"]
        if event["type"] == "invoice.upcoming":
            assert "id" not in inside
            inside = {**inside, "id": "in_none"}
        kind = KINDS[inside["object"]]
        wrong |= set(stripe_types.problems(inside, kind, event["type"], stripe_types.names_of(kind)))
    assert sorted(wrong) == []


def test_every_call_and_parameter_is_one_of_the_sdk() -> None:
    known = stripe_types.operations()
    wrong = []
    for route in ROUTES:
        call = (route.method, re.sub(r"\{\w+\}", "{}", route.path))
        if call not in known:
            wrong.append(f"{route.method} {route.path} is no call of the SDK")
        else:
            wrong += _unknown(route.accepts, stripe_types.parameters(*known[call]), f"{route.method} {route.path}")
    assert wrong == [], "\n".join(wrong)


def _unknown(accepts: Obj, kind: Any, where: str) -> list[str]:
    names = {**vars(__import__("typing")), **vars(sys.modules[kind.__module__])}
    hints = kind.__annotations__
    found = []
    for name, check in accepts.fields.items():
        if name not in hints:
            found.append(f"{where}: {name}")
            continue
        inner = _objects(check)
        kinds = list(stripe_types.typed_dicts(hints[name], names))
        if inner is not None and kinds:
            found += _unknown(inner, kinds[0], f"{where}: {name}")
        elif kinds and inner is None:
            found.append(f"{where}: {name} is an object at Stripe")
        choices = getattr(check, "choices", ())
        words = stripe_types.words_of(hints[name], names)
        if choices and words and not set(choices) <= words:
            found.append(f"{where}: {name} has no {sorted(set(choices) - words)}")
    return found


def _objects(check: Any) -> Obj | None:
    """The object a check is about, looked for inside lists and mappings."""
    if isinstance(check, Obj):
        return check
    inside = inspect.getclosurevars(check).nonlocals.get("check") if inspect.isfunction(check) else None
    return _objects(inside) if inside is not None else None
