"""The one clock. Advancing it goes from one due moment to the next, in order, and stops where it was asked to."""

from __future__ import annotations

from typing import Any

from devstack.stripe import checkout, cycles, events, expanding, invoices, tax_ids
from devstack.stripe.calls import Route
from devstack.stripe.customers import CLOCK
from devstack.stripe.errors import StripeError, refused
from devstack.stripe.lists import slice_of
from devstack.stripe.params import EXPAND, NOTHING, integer, listing, obj
from devstack.stripe.store import Ledger, Object

_STEPS = {
    "subscription": cycles.step,
    "invoice": invoices.step,
    "tax_id": tax_ids.step,
    "checkout.session": checkout.step,
}
MOST_SECONDS = 5 * 366 * 86400


def clock(ledger: Ledger, status: str = "ready", target: int | None = None) -> Object:
    """The clock as an object."""
    now = ledger.now()
    return {
        "id": CLOCK,
        "object": "test_helpers.test_clock",
        "created": int(ledger.setting("born") or now),
        "deletes_after": now + 3650 * 86400,
        "frozen_time": now,
        "livemode": False,
        "name": "The clock of this machine",
        "status": status,
        "status_details": {"advancing": {"target_frozen_time": target}} if target else {},
    }


def advance_to(ledger: Ledger, target: int) -> Object:
    """Turn the clock to this moment.

    Raises:
        StripeError: it lies behind, or too far ahead.
    """
    now = ledger.now()
    if target <= now:
        raise refused("You cannot turn the clock back.", "frozen_time")
    if target - now > MOST_SECONDS:
        raise refused("The clock goes at most five years at a time.", "frozen_time")
    events.emit(ledger, "test_helpers.test_clock.advancing", clock(ledger, "advancing", target))
    run(ledger, target)
    ledger.set_now(target)
    done = clock(ledger)
    events.emit(ledger, "test_helpers.test_clock.ready", done)
    return done


def run(ledger: Ledger, until: int) -> int:
    """Do all that is due up to this moment; returns how many steps that were."""
    steps = 0
    try:
        while (found := ledger.next_due(until)) is not None:
            ledger.at = max(found["_due"], ledger.at or 0)
            _STEPS[found["object"]](ledger, found)
            steps += 1
    finally:
        ledger.at = None
    return steps


def retrieve(ledger: Ledger, params: dict[str, Any], object_id: str) -> Object:
    _check(object_id)
    return clock(ledger)


def advance(ledger: Ledger, params: dict[str, Any], object_id: str) -> Object:
    _check(object_id)
    return advance_to(ledger, params["frozen_time"])


def index(ledger: Ledger, params: dict[str, Any]) -> Object:
    return slice_of([clock(ledger)], params, "/v1/test_helpers/test_clocks")


def _check(object_id: str) -> None:
    if object_id != CLOCK:
        words = f"No such test clock: '{object_id}'"
        raise StripeError(words, status=404, code="resource_missing", param="test_clock")


for _kind in ("customer", "subscription", "invoice"):
    expanding.INCLUDED[(_kind, "test_clock")] = lambda ledger, found: clock(ledger)

ROUTES = [
    Route("GET", "/v1/test_helpers/test_clocks", index, listing()),
    Route("GET", "/v1/test_helpers/test_clocks/{object_id}", retrieve, NOTHING),
    Route(
        "POST",
        "/v1/test_helpers/test_clocks/{object_id}/advance",
        advance,
        obj("frozen_time", frozen_time=integer, expand=EXPAND),
    ),
]
