"""Events: what happened, once each, with a delivery for every webhook endpoint that wants to know."""

from __future__ import annotations

import time
from typing import Any

from devstack.stripe.store import Ledger, Object, new_id, shown

API_VERSION = "2026-10-28.endive"


def emit(ledger: Ledger, kind: str, about: Object, previous: dict[str, Any] | None = None) -> None:
    """Note that this happened to the object, as it stands now. ``created`` is the time of this machine: the clock that
    can be turned moves what happens, not when it is told.
    """
    data: dict[str, Any] = {"object": shown(about)}
    if previous is not None:
        data["previous_attributes"] = shown(previous)
    endpoints = [one for one in ledger.all("webhook_endpoint") if one["status"] == "enabled" and _wants(one, kind)]
    event: Object = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": int(time.time()),
        "data": data,
        "livemode": False,
        "pending_webhooks": len(endpoints),
        "request": dict(ledger.request),
        "type": kind,
    }
    for endpoint in endpoints:
        ledger.sql.execute(
            "INSERT INTO deliveries (event, endpoint, attempts, next_at) VALUES (?, ?, 0, ?)",
            (event["id"], endpoint["id"], time.time()),
        )
    ledger.put(event)


def _wants(endpoint: Object, kind: str) -> bool:
    wanted = endpoint["enabled_events"]
    return "*" in wanted or kind in wanted


def changed(ledger: Ledger, kind: str, old: Object, new: Object) -> None:
    """Note an update, with what was before of everything that is different now; nothing where nothing is."""
    before = {
        name: old.get(name)
        for name in {*old, *new}
        if not name.startswith("_") and shown(old.get(name)) != shown(new.get(name))
    }
    if before:
        emit(ledger, kind, new, before)
