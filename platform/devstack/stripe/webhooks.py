"""Webhook endpoints and events."""

from __future__ import annotations

from typing import Any

from devstack.stripe import lists
from devstack.stripe.calls import Route
from devstack.stripe.errors import BadParameters
from devstack.stripe.events import API_VERSION
from devstack.stripe.params import EXPAND, NOTHING, boolean, created, listing, many, merge_metadata, metadata, obj, text
from devstack.stripe.store import Ledger, Object, new_id

LOCAL = "we_local"
"""The endpoint that the stack itself brings: the product's."""


def endpoint(object_id: str, url: str, secret: str, kinds: list[str], at: int, **more: Any) -> Object:
    """A webhook endpoint. Its secret is told once, when it is made."""
    return {
        "id": object_id,
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": at,
        "description": None,
        "enabled_events": kinds,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        "_secret": secret,
        **more,
    }


def create(ledger: Ledger, params: dict[str, Any]) -> Object:
    if not params["enabled_events"]:
        raise BadParameters("Missing required param: enabled_events.", code="parameter_missing", param="enabled_events")
    if not params["url"].startswith(("http://", "https://")):
        raise BadParameters(
            "Invalid URL: An explicit scheme (such as https) must be provided.", code="url_invalid", param="url"
        )
    made = endpoint(new_id("we"), params["url"], new_id("whsec", 32), params["enabled_events"], ledger.now())
    made |= {"description": params.get("description"), "metadata": merge_metadata({}, params.get("metadata", {}))}
    ledger.put(made)
    return {**made, "secret": made["_secret"]}


def update(ledger: Ledger, params: dict[str, Any], object_id: str) -> Object:
    found = ledger.get("webhook_endpoint", object_id)
    disabled = params.pop("disabled", None)
    new = {**found, **params}
    if "metadata" in params:
        new["metadata"] = merge_metadata(found["metadata"], params["metadata"])
    if disabled is not None:
        new["status"] = "disabled" if disabled else "enabled"
    return ledger.put(new)


def retrieve(ledger: Ledger, params: dict[str, Any], object_id: str) -> Object:
    return ledger.get("webhook_endpoint", object_id)


def index(ledger: Ledger, params: dict[str, Any]) -> Object:
    return lists.page(ledger, "webhook_endpoint", params, "/v1/webhook_endpoints")


def delete(ledger: Ledger, params: dict[str, Any], object_id: str) -> Object:
    ledger.put({**ledger.get("webhook_endpoint", object_id), "deleted": True})
    ledger.sql.execute("UPDATE deliveries SET next_at = NULL WHERE endpoint = ?", (object_id,))
    return {"id": object_id, "object": "webhook_endpoint", "deleted": True}


def event(ledger: Ledger, params: dict[str, Any], object_id: str) -> Object:
    return ledger.get("event", object_id)


def events(ledger: Ledger, params: dict[str, Any]) -> Object:
    kind, kinds, delivered = params.get("type"), params.get("types"), params.get("delivery_success")
    if kind and kinds:
        raise BadParameters("You may only specify one of type and types.", param="types")

    def fits(one: Object) -> bool:
        return (
            (not kind or _is_a(one["type"], kind))
            and (not kinds or any(_is_a(one["type"], each) for each in kinds))
            and (delivered is None or (one["pending_webhooks"] == 0) == delivered)
        )

    return lists.page(ledger, "event", params, "/v1/events", where=fits)


def _is_a(kind: str, wanted: str) -> bool:
    return kind.startswith(wanted[:-1]) if wanted.endswith("*") else kind == wanted


ROUTES = [
    Route(
        "POST",
        "/v1/webhook_endpoints",
        create,
        obj(
            "enabled_events",
            "url",
            enabled_events=many(text),
            url=text,
            description=text,
            metadata=metadata,
            api_version=text,
            expand=EXPAND,
        ),
    ),
    Route("GET", "/v1/webhook_endpoints", index, listing()),
    Route("GET", "/v1/webhook_endpoints/{object_id}", retrieve, NOTHING),
    Route(
        "POST",
        "/v1/webhook_endpoints/{object_id}",
        update,
        obj(enabled_events=many(text), url=text, description=text, disabled=boolean, metadata=metadata, expand=EXPAND),
    ),
    Route("DELETE", "/v1/webhook_endpoints/{object_id}", delete, obj()),
    Route(
        "GET",
        "/v1/events",
        events,
        listing(type=text, types=many(text), delivery_success=boolean, created=created),
    ),
    Route("GET", "/v1/events/{object_id}", event, NOTHING),
]
