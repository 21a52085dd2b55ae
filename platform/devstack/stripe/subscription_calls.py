"""The calls about subscriptions and their items."""

from __future__ import annotations

from typing import Any

from devstack.stripe import cycles, events, lists, standing, subscriptions
from devstack.stripe.calls import Route
from devstack.stripe.errors import refused
from devstack.stripe.params import (
    EXPAND,
    NOTHING,
    boolean,
    count,
    created,
    integer,
    listing,
    many,
    merge_metadata,
    metadata,
    moment,
    obj,
    one_of,
    text,
)
from devstack.stripe.store import Ledger, Object

PRORATES = one_of("always_invoice", "create_prorations", "none")
ANCHOR = obj("type", type=one_of("now", "unchanged"))
BEHAVIOUR = one_of("allow_incomplete", "default_incomplete", "error_if_incomplete")
FEEDBACK = one_of(
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
)
DETAILS = obj(comment=text, feedback=FEEDBACK)
TRIAL_SETTINGS = obj(
    "end_behavior",
    end_behavior=obj("missing_payment_method", missing_payment_method=one_of("cancel", "create_invoice", "pause")),
)
NEW_ITEM = obj("price", price=text, quantity=count, metadata=metadata)
ITEM = obj(id=text, price=text, quantity=count, metadata=metadata, deleted=boolean, clear_usage=boolean)


def create(ledger: Ledger, params: dict[str, Any]) -> Object:
    return subscriptions.create(ledger, params)


def update(ledger: Ledger, params: dict[str, Any], subscription: str) -> Object:
    found = ledger.get("subscription", subscription)
    if found["status"] in standing.DEAD and set(params) <= {"metadata", "cancellation_details"}:
        return _remarks(ledger, found, params)
    return subscriptions.change(ledger, found, params)[0]


def cancel(ledger: Ledger, params: dict[str, Any], subscription: str) -> Object:
    found = ledger.get("subscription", subscription)
    if found["status"] in standing.DEAD:
        raise refused(f"No such subscription: '{subscription}'", "id", "resource_missing")
    if params.get("prorate"):
        raise refused("The local Stripe cancels without proration: give credit instead.", "prorate")
    if params.get("cancellation_details"):
        found["cancellation_details"] |= params["cancellation_details"]
    if params.get("invoice_now"):
        standing.save(ledger, found)
        cycles.final_usage(ledger, found)
        latest = ledger.get("subscription", subscription)["latest_invoice"]
        found["latest_invoice"] = latest
    return standing.end(ledger, found, reason="cancellation_requested")


def resume(ledger: Ledger, params: dict[str, Any], subscription: str) -> Object:
    found = ledger.get("subscription", subscription)
    if found["status"] != "paused":
        raise refused("Only paused subscriptions can be resumed.", "")
    changed, _ = subscriptions.change(
        ledger,
        {**found, "status": "active"},
        {"billing_cycle_anchor": {"type": "now"}, "proration_behavior": "none"},
    )
    events.emit(ledger, "customer.subscription.resumed", changed)
    return changed


def retrieve(ledger: Ledger, params: dict[str, Any], subscription: str) -> Object:
    return ledger.get("subscription", subscription)


def index(ledger: Ledger, params: dict[str, Any]) -> Object:
    status, price, way = params.get("status"), params.get("price"), params.get("collection_method")

    def fits(found: Object) -> bool:
        if status is None and found["status"] in standing.DEAD:
            return False
        if status == "ended" and found["status"] not in standing.DEAD:
            return False
        return (
            (status in (None, "all", "ended") or found["status"] == status)
            and (not way or found["collection_method"] == way)
            and (not price or any(item["price"]["id"] == price for item in found["items"]["data"]))
        )

    url = "/v1/subscriptions"
    return lists.page(ledger, "subscription", params, url, customer=params.get("customer"), where=fits)


def items(ledger: Ledger, params: dict[str, Any]) -> Object:
    found = ledger.get("subscription", params["subscription"], "subscription")
    return lists.slice_of(found["items"]["data"], params, "/v1/subscription_items")


def item(ledger: Ledger, params: dict[str, Any], item_id: str) -> Object:
    return _item(ledger, item_id)[1]


def update_item(ledger: Ledger, params: dict[str, Any], item_id: str) -> Object:
    subscription, _ = _item(ledger, item_id)
    own = {name: params.pop(name) for name in ("price", "quantity", "metadata") if name in params}
    subscriptions.change(ledger, subscription, {**params, "items": [{"id": item_id, **own}]})
    return _item(ledger, item_id)[1]


def add_item(ledger: Ledger, params: dict[str, Any]) -> Object:
    subscription = ledger.get("subscription", params.pop("subscription"), "subscription")
    known = {one["id"] for one in subscription["items"]["data"]}
    own = {name: params.pop(name) for name in ("price", "quantity", "metadata") if name in params}
    changed, _ = subscriptions.change(ledger, subscription, {**params, "items": [own]})
    return next(one for one in changed["items"]["data"] if one["id"] not in known)


def remove_item(ledger: Ledger, params: dict[str, Any], item_id: str) -> Object:
    subscription, _ = _item(ledger, item_id)
    params.pop("clear_usage", None)
    subscriptions.change(ledger, subscription, {**params, "items": [{"id": item_id, "deleted": True}]})
    return {"id": item_id, "object": "subscription_item", "deleted": True}


def _item(ledger: Ledger, item_id: str) -> tuple[Object, Object]:
    for subscription in ledger.all("subscription"):
        for one in subscription["items"]["data"]:
            if one["id"] == item_id:
                return subscription, one
    raise refused(f"No such subscription_item: '{item_id}'", "item", "resource_missing")


def _remarks(ledger: Ledger, found: Object, params: dict[str, Any]) -> Object:
    new = dict(found)
    if "metadata" in params:
        new["metadata"] = merge_metadata(found["metadata"], params["metadata"])
    if params.get("cancellation_details"):
        new["cancellation_details"] = {**found["cancellation_details"], **params["cancellation_details"]}
    standing.save(ledger, new)
    events.changed(ledger, "customer.subscription.updated", found, new)
    return new


_COMMON: dict[str, Any] = {
    "automatic_tax": obj("enabled", enabled=boolean),
    "cancel_at": integer,
    "cancel_at_period_end": boolean,
    "collection_method": one_of("charge_automatically", "send_invoice"),
    "days_until_due": count,
    "default_payment_method": text,
    "description": text,
    "expand": EXPAND,
    "metadata": metadata,
    "off_session": boolean,
    "payment_behavior": BEHAVIOUR,
    "payment_settings": obj(save_default_payment_method=one_of("off", "on_subscription")),
    "proration_behavior": PRORATES,
    "trial_end": moment("now"),
    "trial_settings": TRIAL_SETTINGS,
}
_ON_ITEM: dict[str, Any] = {
    "expand": EXPAND,
    "metadata": metadata,
    "payment_behavior": BEHAVIOUR,
    "price": text,
    "proration_behavior": PRORATES,
    "proration_date": integer,
    "quantity": count,
}
ROUTES = [
    Route(
        "POST",
        "/v1/subscriptions",
        create,
        obj(
            "customer",
            "items",
            customer=text,
            currency=text,
            items=many(NEW_ITEM),
            trial_period_days=count,
            **_COMMON,
        ),
    ),
    Route(
        "GET",
        "/v1/subscriptions",
        index,
        listing(
            customer=text,
            price=text,
            status=one_of(
                "active",
                "all",
                "canceled",
                "ended",
                "incomplete",
                "incomplete_expired",
                "past_due",
                "paused",
                "trialing",
                "unpaid",
            ),
            collection_method=text,
            created=created,
        ),
    ),
    Route("GET", "/v1/subscriptions/{subscription}", retrieve, NOTHING),
    Route(
        "POST",
        "/v1/subscriptions/{subscription}",
        update,
        obj(
            items=many(ITEM),
            proration_date=integer,
            billing_cycle_anchor=ANCHOR,
            cancellation_details=DETAILS,
            **_COMMON,
        ),
    ),
    Route(
        "DELETE",
        "/v1/subscriptions/{subscription}",
        cancel,
        obj(cancellation_details=DETAILS, invoice_now=boolean, prorate=boolean, expand=EXPAND),
    ),
    Route("POST", "/v1/subscriptions/{subscription}/resume", resume, NOTHING),
    Route("GET", "/v1/subscription_items", items, obj("subscription", **listing(subscription=text).fields)),
    Route("POST", "/v1/subscription_items", add_item, obj("subscription", "price", subscription=text, **_ON_ITEM)),
    Route("GET", "/v1/subscription_items/{item_id}", item, NOTHING),
    Route("POST", "/v1/subscription_items/{item_id}", update_item, obj(**_ON_ITEM)),
    Route(
        "DELETE",
        "/v1/subscription_items/{item_id}",
        remove_item,
        obj(clear_usage=boolean, proration_behavior=PRORATES, proration_date=integer),
    ),
]
