"""Samples of what an organization buys, at a local Stripe, and of the public price list."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from tests.isolation.samples import ANONYMOUS, Call, Sample, World, sample, thing

_PLAN = {"plan": "team", "interval": "month", "currency": "eur", "seats": 20}


@thing("subscription")
def subscription(world: World) -> str:
    """The id at Stripe of a subscription that the owner chose and paid for."""
    import stripe

    from tests.support.buying import pay

    world.send("owner", "POST", "/api/v1/checkout-sessions/", _PLAN)
    client = stripe.StripeClient(settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_URL})
    return pay(client.v1, world.organization.id)


def _of_paying(world: World, calls: dict[str, Any]) -> Sample:
    import tenancy
    from billing.subscriptions import refreshing

    assert world["subscription"]
    with tenancy.platform():
        refreshing.refresh(world.organization.id)
    return Sample(calls=calls)


@sample("billing:billing")
def billing(world: World) -> Sample:
    changed = {"legal_name": world.text("Harbour School Ltd"), "contacts": ["books@harbour.example"]}
    return _of_paying(world, {"GET": Call(), "PATCH": Call(changed)})


@sample("billing:usage")
def usage(world: World) -> Sample:
    return Sample(calls={"GET": Call()})


@sample("billing:overage")
def overage(world: World) -> Sample:
    return Sample(calls={"PUT": Call({"delivered_bytes": "cap", "transcode_seconds": "cap"})})


@sample("billing:invoices")
def invoices(world: World) -> Sample:
    return _of_paying(world, {"GET": Call()})


@sample("billing:checkout-sessions")
def checkout_sessions(world: World) -> Sample:
    # There is a subscription, as the other samples need: it is not bought twice.
    return _of_paying(world, {"POST": Call(_PLAN, expect=(409,))})


@sample("billing:portal-sessions")
def portal_sessions(world: World) -> Sample:
    return _of_paying(world, {"POST": Call({})})


@sample("billing:card-confirmations")
def card_confirmations(world: World) -> Sample:
    return _of_paying(world, {"POST": Call({"seats": 30})})


@sample("billing:plan-previews")
def plan_previews(world: World) -> Sample:
    return _of_paying(world, {"POST": Call({"seats": 30})})


@sample("billing:plan-changes")
def plan_changes(world: World) -> Sample:
    _of_paying(world, {})
    token = world.send("owner", "POST", "/api/v1/plan-previews/", {"seats": 30})["token"]
    # Once: Stripe keeps what the walk undoes here, and then these figures no longer hold.
    return Sample(calls={"POST": Call({"token": token}, expect=(200, 409))})


@sample("billing:cancellation")
def cancellation(world: World) -> Sample:
    calls = {"GET": Call(), "POST": Call({"reason": "unused", "comment": world.text("No more")}), "DELETE": Call()}
    return _of_paying(world, calls)


@sample("pricing:plans")
def plans(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=ANONYMOUS)})


@sample("pricing:stripe-webhook")
def stripe_webhook(world: World) -> Sample:
    from tests.support.buying import signed

    event = {
        "id": "evt_of_the_walk",
        "object": "event",
        "type": "customer.updated",
        "livemode": False,
        "created": int(time.time()),
        "data": {"object": {"id": "cus_of_nobody", "object": "customer"}},
    }
    body = json.dumps(event).encode()
    # Good for as long as the walk takes.
    signature = signed(body, settings.STRIPE_WEBHOOK_SECRET, at=datetime.fromtimestamp(time.time() + 3600, UTC))
    headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
    return Sample(calls={"POST": Call(body, headers=headers, by=ANONYMOUS)})
