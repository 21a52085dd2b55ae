"""Prices: licensed (so much a piece) and metered (so much for what a meter counted), in several currencies."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from devstack.stripe import events, expanding, lists, products
from devstack.stripe.calls import Route
from devstack.stripe.errors import BadParameters, refused
from devstack.stripe.params import (
    EXPAND,
    NOTHING,
    boolean,
    count,
    created,
    decimal,
    integer,
    listing,
    many,
    mapping,
    merge_metadata,
    metadata,
    obj,
    one_of,
    text,
)
from devstack.stripe.store import Ledger, Object, new_id

BEHAVIOUR = one_of("exclusive", "inclusive", "unspecified")


def _up_to(value: Any, name: str) -> int | str | None:
    return "inf" if value == "inf" else integer(value, name)


_TIERS = many(
    obj(
        "up_to",
        up_to=_up_to,
        flat_amount=integer,
        flat_amount_decimal=decimal,
        unit_amount=integer,
        unit_amount_decimal=decimal,
    )
)
_OPTIONS = mapping(obj(unit_amount=count, unit_amount_decimal=decimal, tax_behavior=BEHAVIOUR, tiers=_TIERS))
_RECURRING = obj(
    "interval",
    interval=one_of("day", "week", "month", "year"),
    interval_count=count,
    usage_type=one_of("licensed", "metered"),
    meter=text,
)


def create(ledger: Ledger, params: dict[str, Any]) -> Object:
    product = _product(ledger, params)
    recurring = _recurring(ledger, params.get("recurring"))
    scheme = params.get("billing_scheme") or "per_unit"
    if scheme == "tiered" and not (params.get("tiers") and params.get("tiers_mode")):
        raise BadParameters("Tiered prices need tiers and tiers_mode.", code="parameter_missing", param="tiers")
    key = params.get("lookup_key")
    if key:
        _take_key(ledger, key, transfer=bool(params.get("transfer_lookup_key")))
    amounts = _amounts(params, tiered=scheme == "tiered")
    price = {
        "id": new_id("price"),
        "object": "price",
        "active": True if params.get("active") is None else params["active"],
        "billing_scheme": scheme,
        "created": ledger.now(),
        "currency": _currency(params["currency"]),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": key,
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "nickname": params.get("nickname"),
        "product": product["id"],
        "recurring": recurring,
        "tax_behavior": params.get("tax_behavior") or "unspecified",
        "tiers_mode": params.get("tiers_mode"),
        "transform_quantity": params.get("transform_quantity"),
        "type": "recurring" if recurring else "one_time",
        "unit_amount": amounts["unit_amount"],
        "unit_amount_decimal": amounts["unit_amount_decimal"],
        "_tiers": amounts["tiers"],
        "_options": {
            _currency(currency): {
                "custom_unit_amount": None,
                "tax_behavior": given.get("tax_behavior") or "unspecified",
                **_amounts(given, tiered=scheme == "tiered"),
            }
            for currency, given in (params.get("currency_options") or {}).items()
        },
    }
    ledger.put(price)
    events.emit(ledger, "price.created", price)
    return price


def update(ledger: Ledger, params: dict[str, Any], price: str) -> Object:
    old = ledger.get("price", price)
    transfer = bool(params.pop("transfer_lookup_key", False))
    new = {**old, **{name: value for name, value in params.items() if name != "currency_options"}}
    if params.get("lookup_key") and params["lookup_key"] != old["lookup_key"]:
        _take_key(ledger, params["lookup_key"], transfer=transfer)
    if "metadata" in params:
        new["metadata"] = merge_metadata(old["metadata"], params["metadata"])
    ledger.put(new)
    events.changed(ledger, "price.updated", old, new)
    return new


def retrieve(ledger: Ledger, params: dict[str, Any], price: str) -> Object:
    return ledger.get("price", price)


def index(ledger: Ledger, params: dict[str, Any]) -> Object:
    keys, recurring = params.get("lookup_keys"), params.get("recurring") or {}
    if keys and len(keys) > 10:
        raise BadParameters("At most 10 lookup_keys at a time.", param="lookup_keys")

    def fits(price: Object) -> bool:
        return (
            all(
                price[name] == params[name]
                for name in ("active", "currency", "product", "type")
                if params.get(name) is not None
            )
            and (not keys or price["lookup_key"] in keys)
            and all((price["recurring"] or {}).get(name) == value for name, value in recurring.items())
        )

    return lists.page(ledger, "price", params, "/v1/prices", where=fits)


def in_currency(price: Object, currency: str) -> Object:
    """Amounts of the price in this currency.

    Raises:
        StripeError: it is not sold in that currency.
    """
    if currency == price["currency"]:
        return {**price, "tiers": price["_tiers"]}
    found = price["_options"].get(currency)
    if found is None:
        sold = ", ".join(sorted({price["currency"], *price["_options"]}))
        raise refused(f"The price {price['id']} is not available in {currency}, only in {sold}.", "currency")
    return {**price, **found, "currency": currency}


def amount_of(price: Object, currency: str, quantity: Decimal) -> int:
    """What so many cost, in minor units, rounded once and half up."""
    terms = in_currency(price, currency)
    transform = price["transform_quantity"]
    if transform:
        pieces = quantity / transform["divide_by"]
        quantity = pieces.to_integral_value(ROUND_CEILING if transform["round"] == "up" else ROUND_FLOOR)
    if price["billing_scheme"] == "per_unit":
        return rounded(Decimal(terms["unit_amount_decimal"]) * quantity)
    return rounded(_tiered(terms["tiers"], price["tiers_mode"], quantity))


def rounded(amount: Decimal) -> int:
    """To whole minor units, halves away from zero."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def _tiered(tiers: list[Object], mode: str, quantity: Decimal) -> Decimal:
    total, below = Decimal(0), Decimal(0)
    for tier in tiers:
        top = quantity if tier["up_to"] is None else Decimal(tier["up_to"])
        each, flat = Decimal(tier["unit_amount_decimal"] or 0), Decimal(tier["flat_amount_decimal"] or 0)
        if mode == "volume":
            if quantity <= top:
                return each * quantity + flat
            continue
        if quantity > below or (below == 0 and quantity == 0):
            total += each * (min(quantity, top) - below) + flat
        below = top
        if quantity <= top:
            break
    return total


def _amounts(given: dict[str, Any], *, tiered: bool) -> dict[str, Any]:
    if tiered:
        return {"unit_amount": None, "unit_amount_decimal": None, "tiers": [_tier(one) for one in given["tiers"]]}
    exact = given.get("unit_amount_decimal")
    whole = given.get("unit_amount")
    if exact is None and whole is None:
        raise BadParameters("Missing required param: unit_amount.", code="parameter_missing", param="unit_amount")
    if exact is None:
        exact = str(whole)
    return {"unit_amount": int(exact) if "." not in exact else None, "unit_amount_decimal": exact, "tiers": None}


def _tier(given: dict[str, Any]) -> Object:
    each, flat = _both(given, "unit_amount"), _both(given, "flat_amount")
    up_to = None if given["up_to"] == "inf" else given["up_to"]
    return {
        "flat_amount": flat[0],
        "flat_amount_decimal": flat[1],
        "unit_amount": each[0],
        "unit_amount_decimal": each[1],
        "up_to": up_to,
    }


def _both(given: dict[str, Any], name: str) -> tuple[int | None, str | None]:
    exact = given.get(f"{name}_decimal")
    if exact is None and given.get(name) is not None:
        exact = str(given[name])
    return (int(exact) if exact is not None and "." not in exact else None), exact


def _currency(code: str) -> str:
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise BadParameters(f"Invalid currency: {code}", param="currency")
    return code.lower()


def _product(ledger: Ledger, params: dict[str, Any]) -> Object:
    if params.get("product"):
        return ledger.get("product", params["product"], "product")
    if params.get("product_data"):
        return products.create(ledger, params["product_data"])
    raise BadParameters("Missing required param: product.", code="parameter_missing", param="product")


def _recurring(ledger: Ledger, given: dict[str, Any] | None) -> Object | None:
    if given is None:
        return None
    meter = given.get("meter")
    usage = given.get("usage_type") or "licensed"
    if usage == "metered" and not meter:
        raise BadParameters(
            "Metered prices must be backed by a meter.", code="parameter_missing", param="recurring[meter]"
        )
    if meter:
        if usage != "metered":
            raise BadParameters("Only metered prices have a meter.", param="recurring[meter]")
        ledger.get("billing.meter", meter, "recurring[meter]")
    return {
        "interval": given["interval"],
        "interval_count": given.get("interval_count") or 1,
        "meter": meter,
        "trial_period_days": None,
        "usage_type": usage,
    }


def _take_key(ledger: Ledger, key: str, *, transfer: bool) -> None:
    for holder in ledger.all("price", where=lambda price: price["lookup_key"] == key):
        if not transfer:
            words = f"A price ({holder['id']}) already uses that lookup key (`{key}`)."
            raise refused(f"{words} Use transfer_lookup_key to move it.", "lookup_key")
        ledger.put({**holder, "lookup_key": None})


def _options(ledger: Ledger, price: Object) -> Object:
    own = {name: price[name] for name in ("custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal")}
    options = {price["currency"]: {**own, "tiers": price["_tiers"]}, **price["_options"]}
    return {code: {name: it for name, it in terms.items() if name != "tiers" or it} for code, terms in options.items()}


expanding.INCLUDED[("price", "currency_options")] = _options
expanding.INCLUDED[("price", "tiers")] = lambda ledger, price: price["_tiers"]

_COMMON: dict[str, Any] = {
    "active": boolean,
    "metadata": metadata,
    "nickname": text,
    "lookup_key": text,
    "transfer_lookup_key": boolean,
    "tax_behavior": BEHAVIOUR,
    "expand": EXPAND,
}
ROUTES = [
    Route(
        "POST",
        "/v1/prices",
        create,
        obj(
            "currency",
            currency=text,
            product=text,
            product_data=obj(
                "name", id=text, name=text, active=boolean, metadata=metadata, tax_code=text, unit_label=text
            ),
            unit_amount=count,
            unit_amount_decimal=decimal,
            recurring=_RECURRING,
            currency_options=_OPTIONS,
            billing_scheme=one_of("per_unit", "tiered"),
            tiers=_TIERS,
            tiers_mode=one_of("graduated", "volume"),
            transform_quantity=obj("divide_by", "round", divide_by=count, round=one_of("up", "down")),
            **_COMMON,
        ),
    ),
    Route(
        "GET",
        "/v1/prices",
        index,
        listing(
            active=boolean,
            currency=text,
            product=text,
            type=one_of("one_time", "recurring"),
            lookup_keys=many(text),
            recurring=obj(interval=text, usage_type=text, meter=text),
            created=created,
        ),
    ),
    Route("GET", "/v1/prices/{price}", retrieve, NOTHING),
    Route("POST", "/v1/prices/{price}", update, obj(**_COMMON)),
]
