"""Meters and what was reported to them; a report's identifier counts once."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

from devstack.stripe import lists
from devstack.stripe.calls import Route
from devstack.stripe.errors import BadParameters, refused
from devstack.stripe.params import EXPAND, NOTHING, integer, listing, mapping, obj, one_of, text
from devstack.stripe.store import Ledger, Object, list_of, new_id

PAST_SECONDS = 35 * 86400
FUTURE_SECONDS = 5 * 60


def create(ledger: Ledger, params: dict[str, Any]) -> Object:
    taken = ledger.all(
        "billing.meter", where=lambda m: m["event_name"] == params["event_name"] and m["status"] == "active"
    )
    if taken:
        raise refused("An active meter with this event name already exists.", "event_name", "resource_already_exists")
    mapped = params.get("customer_mapping") or {}
    return ledger.put(
        {
            "id": new_id("mtr_test"),
            "object": "billing.meter",
            "created": ledger.now(),
            "customer_mapping": {
                "event_payload_key": mapped.get("event_payload_key") or "stripe_customer_id",
                "type": "by_id",
            },
            "default_aggregation": {"formula": params["default_aggregation"]["formula"]},
            "display_name": params["display_name"],
            "event_name": params["event_name"],
            "event_time_window": params.get("event_time_window"),
            "livemode": False,
            "status": "active",
            "status_transitions": {"deactivated_at": None},
            "updated": ledger.now(),
            "value_settings": {
                "event_payload_key": (params.get("value_settings") or {}).get("event_payload_key") or "value"
            },
        }
    )


def update(ledger: Ledger, params: dict[str, Any], meter: str) -> Object:
    return ledger.put({**ledger.get("billing.meter", meter), **params, "updated": ledger.now()})


def deactivate(ledger: Ledger, params: dict[str, Any], meter: str) -> Object:
    found = ledger.get("billing.meter", meter)
    at = {"deactivated_at": ledger.now()}
    return ledger.put({**found, "status": "inactive", "status_transitions": at, "updated": ledger.now()})


def reactivate(ledger: Ledger, params: dict[str, Any], meter: str) -> Object:
    found = ledger.get("billing.meter", meter)
    at = {"deactivated_at": None}
    return ledger.put({**found, "status": "active", "status_transitions": at, "updated": ledger.now()})


def retrieve(ledger: Ledger, params: dict[str, Any], meter: str) -> Object:
    return ledger.get("billing.meter", meter)


def index(ledger: Ledger, params: dict[str, Any]) -> Object:
    status = params.get("status")
    url = "/v1/billing/meters"
    return lists.page(ledger, "billing.meter", params, url, where=lambda m: not status or m["status"] == status)


def report(ledger: Ledger, params: dict[str, Any]) -> Object:
    name = params["event_name"]
    meters = ledger.all("billing.meter", where=lambda m: m["event_name"] == name and m["status"] == "active")
    if not meters:
        raise refused(f"No active meter found for event name {name}.", "event_name", "resource_missing")
    meter = meters[0]
    payload = params["payload"]
    customer = _needed(payload, meter["customer_mapping"]["event_payload_key"])
    ledger.get("customer", customer, f"payload[{meter['customer_mapping']['event_payload_key']}]")
    key = meter["value_settings"]["event_payload_key"]
    value = "1" if meter["default_aggregation"]["formula"] == "count" else _needed(payload, key)
    try:
        amount = Decimal(value)
    except ArithmeticError as error:
        raise BadParameters(f"Invalid decimal: {value}", param=f"payload[{key}]") from error
    now = ledger.now()
    at = params.get("timestamp") or now
    if at < min(now, int(time.time())) - PAST_SECONDS or at > max(now, int(time.time())) + FUTURE_SECONDS:
        raise refused(
            "The timestamp must be within the past 35 calendar days and at most 5 minutes ahead.", "timestamp"
        )
    identifier = params.get("identifier") or new_id("mevt", 30)
    known = ledger.sql.execute("SELECT 1 FROM usage WHERE identifier = ?", (identifier,)).fetchone()
    if known:
        words = f"An event already exists with identifier {identifier}."
        raise refused(words, "identifier", "duplicate_meter_event")
    ledger.sql.execute(
        "INSERT INTO usage VALUES (?, ?, ?, ?, ?)", (identifier, meter["id"], customer, f"{amount:f}", at)
    )
    return {
        "object": "billing.meter_event",
        "created": now,
        "event_name": name,
        "identifier": identifier,
        "livemode": False,
        "payload": payload,
        "timestamp": at,
    }


def used(ledger: Ledger, meter: Object, customer: str, start: int, end: int) -> Decimal:
    """What a customer used from ``start`` up to, not including, ``end``."""
    query = "SELECT value FROM usage WHERE meter = ? AND customer = ? AND at >= ? AND at < ? ORDER BY at"
    values = [Decimal(row["value"]) for row in ledger.sql.execute(query, (meter["id"], customer, start, end))]
    if meter["default_aggregation"]["formula"] == "last":
        return values[-1] if values else Decimal(0)
    return sum(values, Decimal(0))


def summaries(ledger: Ledger, params: dict[str, Any], meter: str) -> Object:
    found = ledger.get("billing.meter", meter)
    start, end = params["start_time"], params["end_time"]
    if end <= start or start % 60 or end % 60:
        raise BadParameters("start_time and end_time are whole minutes, the end after the start.", param="end_time")
    step = {"hour": 3600, "day": 86400}.get(params.get("value_grouping_window") or "", end - start)
    data = []
    for begins in range(start, end, step):
        ends = min(begins + step, end)
        total = used(ledger, found, params["customer"], begins, ends)
        if total or step == end - start:
            data.append(
                {
                    "id": new_id("mtrusg_test", 12),
                    "object": "billing.meter_event_summary",
                    "aggregated_value": float(total),
                    "end_time": ends,
                    "livemode": False,
                    "meter": meter,
                    "start_time": begins,
                }
            )
    return list_of(f"/v1/billing/meters/{meter}/event_summaries", data[::-1])


def _needed(payload: dict[str, str], key: str) -> str:
    value = payload.get(key)
    if not value:
        words = f"Missing required payload key: {key}."
        raise BadParameters(words, code="parameter_missing", param=f"payload[{key}]")
    return value


ROUTES = [
    Route(
        "POST",
        "/v1/billing/meters",
        create,
        obj(
            "display_name",
            "event_name",
            "default_aggregation",
            display_name=text,
            event_name=text,
            event_time_window=one_of("day", "hour"),
            default_aggregation=obj("formula", formula=one_of("sum", "count", "last")),
            customer_mapping=obj("event_payload_key", "type", event_payload_key=text, type=one_of("by_id")),
            value_settings=obj("event_payload_key", event_payload_key=text),
            expand=EXPAND,
        ),
    ),
    Route("GET", "/v1/billing/meters", index, listing(status=one_of("active", "inactive"))),
    Route("GET", "/v1/billing/meters/{meter}", retrieve, NOTHING),
    Route("POST", "/v1/billing/meters/{meter}", update, obj(display_name=text, expand=EXPAND)),
    Route("POST", "/v1/billing/meters/{meter}/deactivate", deactivate, NOTHING),
    Route("POST", "/v1/billing/meters/{meter}/reactivate", reactivate, NOTHING),
    Route(
        "GET",
        "/v1/billing/meters/{meter}/event_summaries",
        summaries,
        obj(
            "customer",
            "start_time",
            "end_time",
            **listing(
                customer=text, start_time=integer, end_time=integer, value_grouping_window=one_of("day", "hour")
            ).fields,
        ),
    ),
    Route(
        "POST",
        "/v1/billing/meter_events",
        report,
        obj(
            "event_name",
            "payload",
            event_name=text,
            payload=mapping(text),
            identifier=text,
            timestamp=integer,
            expand=EXPAND,
        ),
    ),
]
