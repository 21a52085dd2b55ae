"""Products."""

from __future__ import annotations

from typing import Any

from devstack.stripe import events, lists
from devstack.stripe.calls import Route
from devstack.stripe.errors import refused
from devstack.stripe.params import EXPAND, NOTHING, boolean, created, listing, many, merge_metadata, metadata, obj, text
from devstack.stripe.store import Ledger, Object, new_id

_FIELDS: dict[str, Any] = {
    "name": text,
    "active": boolean,
    "description": text,
    "metadata": metadata,
    "statement_descriptor": text,
    "tax_code": text,
    "unit_label": text,
    "url": text,
    "images": many(text),
    "marketing_features": many(obj("name", name=text)),
    "expand": EXPAND,
}


def create(ledger: Ledger, params: dict[str, Any]) -> Object:
    object_id = params.pop("id", None) or new_id("prod", 14)
    if ledger.find(object_id) is not None:
        raise refused(f"Product already exists: {object_id}", "id", "resource_already_exists")
    product = {
        "id": object_id,
        "object": "product",
        "active": True,
        "created": ledger.now(),
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "name": "",
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": ledger.now(),
        "url": None,
        **params,
        "metadata": merge_metadata({}, params.get("metadata", {})),
    }
    ledger.put(product)
    events.emit(ledger, "product.created", product)
    return product


def update(ledger: Ledger, params: dict[str, Any], product: str) -> Object:
    old = ledger.get("product", product)
    new = {**old, **params, "updated": ledger.now()}
    if "metadata" in params:
        new["metadata"] = merge_metadata(old["metadata"], params["metadata"])
    ledger.put(new)
    events.changed(ledger, "product.updated", old, new)
    return new


def retrieve(ledger: Ledger, params: dict[str, Any], product: str) -> Object:
    return ledger.get("product", product)


def index(ledger: Ledger, params: dict[str, Any]) -> Object:
    active, ids = params.get("active"), params.get("ids")

    def fits(found: Object) -> bool:
        return (active is None or found["active"] == active) and (not ids or found["id"] in ids)

    return lists.page(ledger, "product", params, "/v1/products", where=fits)


def delete(ledger: Ledger, params: dict[str, Any], product: str) -> Object:
    found = ledger.get("product", product)
    if ledger.all("price", where=lambda price: price["product"] == product):
        raise refused("This product cannot be deleted because it has one or more prices. Archive it instead.")
    ledger.put({**found, "deleted": True})
    events.emit(ledger, "product.deleted", found)
    return {"id": product, "object": "product", "deleted": True}


ROUTES = [
    Route("POST", "/v1/products", create, obj("name", id=text, **_FIELDS)),
    Route("GET", "/v1/products", index, listing(active=boolean, ids=many(text), created=created)),
    Route("GET", "/v1/products/{product}", retrieve, NOTHING),
    Route("POST", "/v1/products/{product}", update, obj(default_price=text, **_FIELDS)),
    Route("DELETE", "/v1/products/{product}", delete, obj()),
]
