"""The local Stripe's events: signed, told again until received, in no order, and found by whoever looks back."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from tests.support.stripe_server import StripeServer

PATIENCE_SECONDS = 60.0


class Receiver:
    """A product's webhook endpoint. ``answers`` gives the status for the n-th call."""

    def __init__(self) -> None:
        self.calls: list[tuple[bytes, str, str]] = []
        self.answers: Callable[[int], int] = lambda number: 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append((body, self.headers["Stripe-Signature"], self.headers["Host"]))
                self.send_response(receiver.answers(len(receiver.calls)))
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quietly."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def events(self, secret: str) -> list[Any]:
        """Everything received so far, its signature checked by the SDK."""
        return [stripe.Webhook.construct_event(body, sign, secret) for body, sign, _ in list(self.calls)]

    def ids(self) -> list[str]:
        return [json.loads(body)["id"] for body, _, _ in list(self.calls)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.shutdown()


@pytest.fixture
def server(receiver: Receiver) -> Iterator[StripeServer]:
    with StripeServer(webhook_url=f"http://lms.localhost:{receiver.port}/hook", twice=False) as running:
        yield running


def until(found: Callable[[], Any]) -> Any:
    """Wait until it is true, and return it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (value := found()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
    return value


def test_an_event_comes_signed_and_nothing_else_passes_for_one(server: StripeServer, receiver: Receiver) -> None:
    customer = server.client().v1.customers.create({"name": "Acme"})
    until(lambda: receiver.calls)

    (event,) = receiver.events(server.webhook_secret)
    assert (event.type, event.data.object.id, event.livemode) == ("customer.created", customer.id, False)
    assert event.api_version == stripe.api_version
    assert receiver.calls[0][2] == f"lms.localhost:{receiver.port}"
    body, signature, _ = receiver.calls[0]
    for changed, secret in ((body + b" ", server.webhook_secret), (body, "whsec_another")):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(changed, signature, secret)


def test_it_is_told_again_with_growing_pauses_until_it_is_received(server: StripeServer, receiver: Receiver) -> None:
    looked = threading.Event()
    receiver.answers = lambda number: 200 if number > 2 and looked.is_set() else 500
    server.client().v1.customers.create({"name": "Acme"})
    until(lambda: receiver.calls)
    v1 = server.client().v1
    (waiting,) = until(lambda: v1.events.list({"delivery_success": False}).data)
    assert waiting.pending_webhooks == 1
    looked.set()

    until(lambda: v1.events.list({"delivery_success": True}).data)

    assert len(receiver.calls) >= 3
    assert len(set(receiver.ids())) == 1
    assert v1.events.list({"delivery_success": False}).data == []


def test_events_overtake_one_another_and_none_is_lost(server: StripeServer, receiver: Receiver) -> None:
    v1 = server.client().v1
    server.local(
        "deliveries", held=True
    )  # until there are enough to overtake one another, however slowly they are made
    for number in range(30):
        v1.products.create({"name": f"Product {number}"})
    server.local("deliveries", held=False)
    until(lambda: len(receiver.calls) == 30)

    told = [one.id for one in v1.events.list({"limit": 100, "type": "product.created"}).data][::-1]
    assert sorted(receiver.ids()) == sorted(told)
    assert receiver.ids() != told


def test_some_come_twice(receiver: Receiver) -> None:
    with StripeServer(webhook_url=f"http://127.0.0.1:{receiver.port}/") as server:
        v1 = server.client().v1
        for number in range(120):  # one in eight: that none of so many does is one run in nine millions
            v1.products.create({"name": f"Product {number}"})
        until(lambda: len(set(receiver.ids())) == 120)
        until(lambda: len(receiver.ids()) > 120)


def test_held_back_lost_and_sent_once_more(server: StripeServer, receiver: Receiver) -> None:
    v1 = server.client().v1
    server.local("deliveries", held=True)
    v1.products.create({"name": "Held"})
    v1.products.create({"name": "Lost"})
    lost, held = (one.id for one in v1.events.list({"type": "product.created"}).data)
    server.local("losses", event=lost)
    time.sleep(1.0)
    assert receiver.calls == []

    server.local("deliveries", held=False)
    until(lambda: receiver.calls)
    time.sleep(0.7)

    assert receiver.ids() == [held]
    assert [one.id for one in v1.events.list({"delivery_success": False}).data] == [lost]
    server.local("redeliveries", event=lost)
    until(lambda: len(receiver.calls) == 2)
    server.local("redeliveries", event=held)
    until(lambda: receiver.ids() == [held, lost, held])


def test_events_are_found_by_type_by_time_and_one_by_one(server: StripeServer) -> None:
    v1 = server.client().v1
    product = v1.products.create({"name": "First"})
    v1.customers.create({"name": "Acme"})
    v1.products.update(product.id, {"name": "Second"}, {"idempotency_key": "second"})

    (updated,) = v1.events.list({"type": "product.updated"}).data
    assert updated.data.previous_attributes["name"] == "First"
    assert updated.request.idempotency_key == "second"
    assert v1.events.retrieve(updated.id).type == "product.updated"
    kinds = {"types": ["customer.created", "product.created"]}
    assert [one.type for one in v1.events.list(kinds).data] == ["customer.created", "product.created"]  # type: ignore[arg-type]
    assert [one.type for one in v1.events.list({"type": "product.*"}).data] == ["product.updated", "product.created"]
    assert v1.events.list({"created": {"gt": int(time.time()) + 60}}).data == []
    assert len(v1.events.list({"created": {"gte": int(time.time()) - 60}}).data) == 3


def test_an_endpoint_hears_what_it_asked_for_with_a_secret_of_its_own(server: StripeServer, receiver: Receiver) -> None:
    v1 = server.client().v1
    other = Receiver()
    made = v1.webhook_endpoints.create(
        {"url": f"http://127.0.0.1:{other.port}/", "enabled_events": ["product.created"]}
    )
    assert "secret" not in v1.webhook_endpoints.retrieve(made.id)
    v1.customers.create({"name": "Acme"})
    v1.products.create({"name": "Team"})
    until(lambda: len(receiver.calls) == 2 and other.calls)

    assert [one.type for one in other.events(str(made.secret))] == ["product.created"]
    v1.webhook_endpoints.delete(made.id)
    v1.products.create({"name": "Unheard"})
    until(lambda: len(receiver.calls) == 3)
    time.sleep(0.5)
    assert len(other.calls) == 1
    other.server.shutdown()


def test_what_was_not_delivered_is_delivered_after_a_restart(server: StripeServer, receiver: Receiver) -> None:
    server.local("deliveries", held=True)
    server.client().v1.customers.create({"name": "Acme"})
    server.kill()
    server.start()
    assert receiver.calls == []
    server.local("deliveries", held=False)

    until(lambda: receiver.calls)
    assert [one.type for one in receiver.events(server.webhook_secret)] == ["customer.created"]
