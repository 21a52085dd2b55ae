"""The clock's page: what time it is, what there is, and the acts that only a local Stripe knows."""

from __future__ import annotations

import calendar
import json
import time
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.stripe import clocks, deliveries, lists, periods
from devstack.stripe.errors import StripeError
from devstack.stripe.local import ACTS
from devstack.stripe.pages.frame import Frame, form_of, onward
from devstack.stripe.store import Ledger, Object

STEPS = (
    ("1 hour", "hour", 1),
    ("1 day", "day", 1),
    ("3 days", "day", 3),
    ("14 days", "day", 14),
    ("1 month", "month", 1),
)
SHOWN = 50


class HomePages:
    """One page, and the forms on it."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        return [
            Route("/", self.show),
            Route("/events/{event}", self.event),
            Route("/acts/{act}", self.act, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        said, failed = request.query_params.get("said", ""), request.query_params.get("failed", "")
        context = await self._frame.work(_context)
        return self._frame.page("home.html", said=said, failed=failed, steps=STEPS, **context)

    async def event(self, request: Request) -> Response:
        def look(ledger: Ledger) -> dict[str, Any]:
            event = ledger.get("event", request.path_params["event"])
            return {"event": event, "text": json.dumps(event, indent=2), "states": _states(ledger, event)}

        try:
            context = await self._frame.work(look)
        except StripeError as error:
            return self._frame.missing(error)
        return self._frame.page("event.html", **context)

    async def act(self, request: Request) -> Response:
        name, given = request.path_params["act"], await form_of(request)
        place = given.pop("place", "")
        try:
            said = await self._frame.work(lambda ledger: _act(ledger, name, given))
        except StripeError as error:
            return onward(f"/?failed={quote(error.fields['message'])}#{place}")
        return onward(f"/?said={quote(said)}#{place}")


def _act(ledger: Ledger, name: str, given: dict[str, str]) -> str:
    if name == "advance":
        if given.get("to"):
            target = _moment(given["to"])
        else:
            target = periods.add(ledger.now(), given.get("unit", "day"), int(given.get("count", "1")))
            if given.get("unit") == "hour":
                target = ledger.now() + 3600 * int(given.get("count", "1"))
        clocks.advance_to(ledger, target)
        return "The clock was turned."
    if name not in ACTS:
        raise StripeError("There is no such act.", status=404)
    arguments: dict[str, Any] = dict(given)
    for flag in ("held", "won"):
        if flag in arguments:
            arguments[flag] = arguments[flag] == "1"
    try:
        ACTS[name](ledger, **arguments)
    except TypeError as error:
        raise StripeError(f"That form is not complete: {error}") from error
    return _SAID.get(name, "Done.")


_SAID = {
    "deliveries": "Deliveries are as you set them.",
    "refunds": "The payment was given back.",
    "disputes": "The payment is disputed.",
    "closed_disputes": "The dispute is closed.",
    "redeliveries": "The event is on its way again.",
    "after_retries": "The setting is changed.",
}


def _moment(text: str) -> int:
    try:
        return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M" if "T" in text else "%Y-%m-%d"))
    except ValueError as error:
        raise StripeError("That is no date.", param="to") from error


def _context(ledger: Ledger) -> dict[str, Any]:
    customers = ledger.all("customer")
    names = {one["id"]: one["name"] or one["email"] or one["id"] for one in customers}
    events = lists.page(ledger, "event", {"limit": SHOWN}, "/v1/events")["data"]
    subscriptions = [_subscription(one, names) for one in ledger.all("subscription")[:SHOWN]]
    return {
        "now": ledger.now(),
        "frozen": bool(ledger.setting("frozen")),
        "ahead": int(ledger.setting("ahead") or 0),
        "held": bool(ledger.setting("held")),
        "after_retries": ledger.setting("after_retries") or "past_due",
        "next_due": _next(ledger),
        "customers": customers[:SHOWN],
        "subscriptions": subscriptions,
        "invoices": [
            {**one, "who": names.get(one["customer"], one["customer"])} for one in ledger.all("invoice")[:SHOWN]
        ],
        "charges": [
            {**one, "who": names.get(one["customer"], one["customer"])}
            for one in ledger.all("charge", where=lambda charge: charge["paid"])[:SHOWN]
        ],
        "disputes": ledger.all("dispute")[:SHOWN],
        "events": [{**one, "states": _states(ledger, one)} for one in events],
        "endpoints": ledger.all("webhook_endpoint"),
    }


def _subscription(one: Object, names: dict[str, str]) -> dict[str, Any]:
    items = one["items"]["data"]
    seats = next((item["quantity"] for item in items if "quantity" in item), None)
    return {
        **one,
        "who": names.get(one["customer"], one["customer"]),
        "seats": seats,
        "ends": max((item["current_period_end"] for item in items), default=0),
    }


def _next(ledger: Ledger) -> int | None:
    row = ledger.sql.execute("SELECT MIN(due) AS due FROM objects WHERE due IS NOT NULL").fetchone()
    return int(row["due"]) if row["due"] is not None else None


def _states(ledger: Ledger, event: Object) -> list[dict[str, Any]]:
    found = []
    for one in deliveries.states(ledger, event["id"]):
        endpoint = ledger.find(one["endpoint"]) or {}
        if one["done_at"]:
            word = "received"
        elif one["next_at"] is None:
            word = "given up"
        elif one["attempts"]:
            word = f"failed {one['attempts']} times"
        else:
            word = "waiting"
        found.append({**one, "word": word, "url": endpoint.get("url", "")})
    return found
