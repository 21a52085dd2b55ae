"""Carries events to webhook endpoints: signed, in no order, again until there is a 2xx, and some once too often."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import random
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from devstack.stripe.store import Ledger, Object, Store, shown
from devstack.stripe.webhooks import LOCAL

log = logging.getLogger("devstack.stripe")

AT_ONCE = 8
TIMEOUT_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 3600.0
GIVES_UP_SECONDS = 3 * 86400
LATE_SECONDS = 0.15
"""Each delivery waits up to so long, by chance: so they overtake one another, as Stripe's do."""
TWICE_IN = 8
"""One in so many is delivered a second time although it was received."""


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one endpoint."""

    seq: int
    attempts: int
    url: str
    secret: str
    event: Object
    is_here: bool
    """To the product on this machine, whatever its host is called."""


def signature(secret: str, payload: str, at: int) -> str:
    """The ``Stripe-Signature`` header of a body."""
    made = hmac.new(secret.encode(), f"{at}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={made}"


class Courier:
    """Sends what is due, for as long as the server runs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._awake = asyncio.Event()

    def wake(self) -> None:
        """There may be something new to send."""
        self._awake.set()

    async def run(self) -> None:
        """Send until cancelled."""
        # trust_env: a proxy of this machine has no business with a call to this machine.
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            while True:
                self._awake.clear()
                waiting = await asyncio.to_thread(self._take)
                if waiting:
                    await asyncio.gather(*(self._send(client, delivery) for delivery in waiting))
                    continue
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._awake.wait(), 0.5)

    def _take(self) -> list[Delivery]:
        with self._store.transaction() as ledger:
            if ledger.setting("held"):
                return []
            rows = ledger.sql.execute(
                "SELECT * FROM deliveries WHERE next_at <= ? ORDER BY RANDOM() LIMIT ?", (time.time(), AT_ONCE)
            ).fetchall()
            return [found for row in rows if (found := _delivery(ledger, row)) is not None]

    async def _send(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        await asyncio.sleep(random.uniform(0, LATE_SECONDS))
        payload = json.dumps(shown(delivery.event), indent=2)
        at = int(time.time())
        url, host = _reachable(delivery.url, is_here=delivery.is_here)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (local)",
            "Stripe-Signature": signature(delivery.secret, payload, at),
            "Host": host,
        }
        try:
            answer = await client.post(url, content=payload, headers=headers)
            status, said = answer.status_code, answer.text[:300]
        except httpx.HTTPError as error:
            status, said = 0, f"{type(error).__name__}: {error}"[:300]
        await asyncio.to_thread(self._note, delivery, status, said)

    def _note(self, delivery: Delivery, status: int, said: str) -> None:
        received = 200 <= status < 300
        wait = min(2.0**delivery.attempts, LONGEST_WAIT_SECONDS)
        now = time.time()
        given_up = now - delivery.event["created"] > GIVES_UP_SECONDS
        next_at = None if received or given_up else now + wait
        with self._store.transaction() as ledger:
            row = ledger.sql.execute("SELECT done_at FROM deliveries WHERE seq = ?", (delivery.seq,)).fetchone()
            first = received and row is not None and row["done_at"] is None
            ledger.sql.execute(
                "UPDATE deliveries SET attempts = attempts + 1, next_at = ?, status = ?, said = ?, "
                "done_at = COALESCE(done_at, ?) WHERE seq = ?",
                (next_at, status, said, now if received else None, delivery.seq),
            )
            if first:
                event = ledger.get("event", delivery.event["id"])
                ledger.put({**event, "pending_webhooks": max(0, event["pending_webhooks"] - 1)})
                if ledger.setting("twice") != "0" and random.randrange(TWICE_IN) == 0:
                    ledger.sql.execute("UPDATE deliveries SET next_at = ? WHERE seq = ?", (now + 0.2, delivery.seq))


def redeliver(ledger: Ledger, event: str) -> int:
    """Send an event once more to every endpoint; returns to how many."""
    changed = ledger.sql.execute("UPDATE deliveries SET next_at = ? WHERE event = ?", (time.time(), event))
    return changed.rowcount


def states(ledger: Ledger, event: str) -> list[dict[str, Any]]:
    """How each delivery of an event stands."""
    rows = ledger.sql.execute("SELECT * FROM deliveries WHERE event = ? ORDER BY seq", (event,))
    return [dict(row) for row in rows]


def _delivery(ledger: Ledger, row: Any) -> Delivery | None:
    endpoint, event = ledger.find(row["endpoint"]), ledger.find(row["event"])
    if endpoint is None or event is None or endpoint.get("deleted") or endpoint["status"] != "enabled":
        ledger.sql.execute("UPDATE deliveries SET next_at = NULL WHERE seq = ?", (row["seq"],))
        return None
    return Delivery(row["seq"], row["attempts"], endpoint["url"], endpoint["_secret"], event, endpoint["id"] == LOCAL)


def _reachable(url: str, *, is_here: bool) -> tuple[str, str]:
    """Where to connect, and for which host: ``*.localhost`` is this machine, which Python's resolver does not know."""
    address = urlsplit(url)
    name = address.hostname or ""
    if is_here or name == "localhost" or name.endswith(".localhost"):
        port = f":{address.port}" if address.port else ""
        return address._replace(netloc=f"127.0.0.1{port}").geturl(), address.netloc
    return url, address.netloc
