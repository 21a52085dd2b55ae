"""Buying at a local Stripe, as an organization's owner and as their browser at Stripe would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import UUID

import stripe

import tenancy
from billing.models import BillingAccount, StripeIntent, Subscription
from core.clock import now
from tenancy import TenantRecord
from tests.support import plugin
from tests.support.stripe_server import StripeServer

WEBHOOK = "/api/v1/webhooks/stripe/"


@dataclass
class Shop:
    """A local Stripe that the settings of a test point to, and one organization that buys there."""

    server: StripeServer
    organization: TenantRecord
    delivered: Collector

    @property
    def api(self) -> Any:
        return self.server.client().v1

    @property
    def account(self) -> BillingAccount:
        with tenancy.platform():
            return BillingAccount.objects.get(organization_id=self.organization.id)

    @property
    def subscription(self) -> Subscription:
        """The one in force, or the last."""
        from billing.entitlements.applying import subscription_of

        with tenancy.platform():
            found = subscription_of(self.organization.id)
        assert found is not None
        return found

    def pay(self, *, card: str = "pm_card_visa", country: str = "IE") -> str:
        """Complete the latest Checkout session as its page does; return the subscription."""
        return pay(self.api, self.organization.id, card=card, country=country)

    @property
    def session(self) -> str:
        """The latest Checkout session."""
        with tenancy.platform():
            rows = StripeIntent.objects.filter(organization_id=self.organization.id, purpose="checkout")
            return str(rows.exclude(result=None).latest("created_at").result["session"])  # type: ignore[index]

    def check_out(self, session: str = "", **given: str) -> str:
        """Fill in and send the page of a Checkout session (the latest), as a browser does; return where that leads."""
        return self.server.check_out(session or self.session, **given)

    def end_trial(self) -> None:
        """Let the rest of the trial be too short to be kept: what is bought is charged at once."""
        with tenancy.platform():
            Subscription.objects.filter(organization_id=self.organization.id).update(
                trial_end_at=now() + timedelta(hours=1)
            )

    def use_card(self, card: str) -> None:
        """Let a test card be what is charged from now on."""
        customer = self.account.stripe_customer
        assert customer is not None
        use_card(self.api, customer, card)

    def refresh(self) -> None:
        from billing.subscriptions import refreshing

        with tenancy.platform():
            refreshing.refresh(self.organization.id)

    def advance(self, *, days: float = 0, hours: float = 0) -> None:
        """Turn Stripe's clock, and let our side follow: its events, and what falls due by time."""
        self.server.advance(days=days, seconds=int(hours * 3600))
        self.refresh()
        self.pass_time()

    def pass_time(self) -> None:
        from billing.dunning import crowding, disputed, owing, reminders, steps

        with tenancy.platform():
            steps.advance()
            crowding.advance()
            reminders.remind()
            crowding.remind()
            owing.remind()
            disputed.remind()


def pay(api: Any, organization_id: UUID, *, card: str = "pm_card_visa", country: str = "IE") -> str:
    """Do what Checkout's page does for an organization's latest session: address, card, subscription."""
    with tenancy.platform():
        intents = StripeIntent.objects.filter(organization_id=organization_id, purpose="checkout")
        asked = intents.order_by("-created_at").first()
    assert asked is not None
    request = asked.request
    use_card(api, request["customer"], card)
    address = {"country": country, "line1": "1 Quay Street", "city": "Galway", "postal_code": "H91"}
    api.customers.update(request["customer"], {"address": address})
    made = api.subscriptions.create(
        {
            "customer": request["customer"],
            "items": [
                {"price": request["prices"]["seat"], "quantity": request["seats"]},
                *({"price": price} for name, price in request["prices"].items() if name != "seat"),
            ],
            "automatic_tax": {"enabled": True},
            **({"trial_end": request["trial_end"]} if request["trial_end"] else {}),
        }
    )
    return str(made.id)


def use_card(api: Any, customer: str, card: str) -> None:
    """Let a test card be what a customer is charged on from now on."""
    kept = api.payment_methods.attach(card, {"customer": customer})
    api.customers.update(customer, {"invoice_settings": {"default_payment_method": kept.id}})
    for running in api.subscriptions.list({"customer": customer}).data:
        if running.default_payment_method:  # bought on Checkout's page, which keeps the card there
            api.subscriptions.update(running.id, {"default_payment_method": kept.id})


class Mortal:
    """The process that forks buyers and lets them die, one after the other. Threads take turns."""

    def __init__(self) -> None:
        environment = {**os.environ, **plugin.stack, "PYTHONPATH": f"{plugin.ROOT}:{plugin.ROOT / 'platform'}"}
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.dying_buyer"],
            cwd=plugin.ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, shop: Shop, at: object, step: str, argument: str = "") -> str:
        """Let a process take a step and die ``at``; return ``killed``, or what the step returned before that came."""
        assert self._process.stdin
        assert self._process.stdout
        words = (shop.server.url, shop.server.secret_key, shop.organization.id, at, step, argument)
        with self._turn:
            self._process.stdin.write(" ".join(str(word) for word in words) + "\n")
            self._process.stdin.flush()
            return self._process.stdout.readline().strip()

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)


@dataclass
class Collector:
    """An endpoint that keeps what Stripe sends, as it came: body and signature."""

    received: list[tuple[bytes, str]] = field(default_factory=list)

    def events(self) -> list[tuple[dict[str, Any], bytes, str]]:
        """Each event once, in the order in which they happened."""
        found = {json.loads(body)["id"]: (json.loads(body), body, signature) for body, signature in self.received}
        return sorted(found.values(), key=lambda one: (one[0]["created"], one[0]["id"]))


@contextmanager
def collecting() -> Iterator[tuple[Collector, str]]:
    """Listen for Stripe's deliveries; yield what came, and the address to send to."""
    kept = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            kept.received.append((body, self.headers.get("Stripe-Signature", "")))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept, f"http://127.0.0.1:{server.server_port}{WEBHOOK}"
    finally:
        server.shutdown()
        thread.join()


def signed(body: bytes, secret: str, *, at: datetime | None = None) -> str:
    """Return the header that Stripe's own library makes for ``body``."""
    moment = int(at.timestamp()) if at else None
    return str(stripe.WebhookSignature.generate_signature_header(body.decode(), secret, moment))
