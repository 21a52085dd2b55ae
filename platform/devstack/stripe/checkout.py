"""Checkout sessions: a page on which somebody buys a subscription."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from devstack.stripe import events, expanding, lines, lists, prices, tax
from devstack.stripe.calls import Route
from devstack.stripe.errors import BadParameters, refused
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
    obj,
    one_of,
    text,
)
from devstack.stripe.store import Ledger, Object, list_of, new_id
from devstack.stripe.subscription_calls import TRIAL_SETTINGS

OPEN_SECONDS = 24 * 3600
SHORTEST_SECONDS, LONGEST_SECONDS = 30 * 60, 24 * 3600
TRIAL_SECONDS = 48 * 3600
"""A trial that ends sooner cannot be taken over by a session."""


def create(ledger: Ledger, params: dict[str, Any]) -> Object:
    now = ledger.now()
    customer = params.get("customer")
    found = ledger.get("customer", customer, "customer") if customer else None
    if customer and params.get("customer_email"):
        raise refused("You may only specify one of these parameters: customer, customer_email.", "customer_email")
    _check_updates(params, found)
    items = _items(ledger, params)
    data = params.get("subscription_data") or {}
    if data.get("trial_end") is not None and data["trial_end"] < now + TRIAL_SECONDS:
        words = "The `trial_end` date has to be at least 2 days in the future."
        raise refused(words, "subscription_data[trial_end]")
    expires_at = params.get("expires_at") or now + OPEN_SECONDS
    if not now + SHORTEST_SECONDS - 60 <= expires_at <= now + LONGEST_SECONDS + 60:
        raise refused("The `expires_at` timestamp must be from 30 minutes to 24 hours after creation.", "expires_at")
    session_id = new_id("cs_test", 58)
    currency = (params.get("currency") or ledger.get("price", items[0]["price"])["currency"]).lower()
    is_trial = bool(data.get("trial_end") or data.get("trial_period_days"))
    due = 0 if is_trial else sum(amount_of(ledger, item, currency) for item in items)
    session = {
        "id": session_id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": due,
        "amount_total": due,
        "automatic_tax": {
            "enabled": bool((params.get("automatic_tax") or {}).get("enabled")),
            "liability": {"type": "self"} if (params.get("automatic_tax") or {}).get("enabled") else None,
            "provider": "stripe" if (params.get("automatic_tax") or {}).get("enabled") else None,
            "status": "requires_location_inputs" if (params.get("automatic_tax") or {}).get("enabled") else None,
        },
        "billing_address_collection": params.get("billing_address_collection"),
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": now,
        "currency": currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": (params.get("custom_text") or {}).get("submit"),
            "terms_of_service_acceptance": None,
        },
        "customer": customer,
        "customer_creation": None if customer else "always",
        "customer_details": _details(found, params.get("customer_email")),
        "customer_email": params.get("customer_email"),
        "discounts": [],
        "expires_at": expires_at,
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "mode": "subscription",
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": params.get("payment_method_collection") or "always",
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": {
            "allow_redisplay_filters": ["always"],
            "payment_method_remove": "disabled",
            "payment_method_save": None,
        },
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": params["success_url"],
        "tax_id_collection": {
            "enabled": bool((params.get("tax_id_collection") or {}).get("enabled")),
            "required": (params.get("tax_id_collection") or {}).get("required") or "never",
        },
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{ledger.setting('public_url')}/c/pay/{session_id}",
        "wallet_options": None,
        "_items": items,
        "_subscription_data": data,
        "_customer_update": params.get("customer_update") or {},
        "_due": expires_at,
    }
    return ledger.put(session)


def expire(ledger: Ledger, params: dict[str, Any], session: str) -> Object:
    found = ledger.get("checkout.session", session)
    if found["status"] != "open":
        words = "Only Checkout Sessions with a status in ['open'] can be expired."
        raise refused(f"{words} This Checkout Session has a status of {found['status']}.", "session")
    return _expire(ledger, found)


def step(ledger: Ledger, session: Object) -> None:
    """Its time has passed."""
    if session["status"] == "open":
        _expire(ledger, session)
    else:
        ledger.put({**session, "_due": None})


def _expire(ledger: Ledger, session: Object) -> Object:
    new = ledger.put({**session, "status": "expired", "url": None, "_due": None})
    events.emit(ledger, "checkout.session.expired", new)
    return new


def retrieve(ledger: Ledger, params: dict[str, Any], session: str) -> Object:
    return ledger.get("checkout.session", session)


def index(ledger: Ledger, params: dict[str, Any]) -> Object:
    wanted = {name: params[name] for name in ("subscription", "status") if params.get(name)}
    email = (params.get("customer_details") or {}).get("email")

    def fits(one: Object) -> bool:
        return all(one[name] == value for name, value in wanted.items()) and (
            not email or (one["customer_details"] or {}).get("email") == email
        )

    url = "/v1/checkout/sessions"
    return lists.page(ledger, "checkout.session", params, url, customer=params.get("customer"), where=fits)


def line_items(ledger: Ledger, params: dict[str, Any], session: str) -> Object:
    found = ledger.get("checkout.session", session)
    return lists.slice_of(items_of(ledger, found), params, f"/v1/checkout/sessions/{session}/line_items")


def items_of(ledger: Ledger, session: Object) -> list[Object]:
    """The line items as the API shows them: what is due today."""
    is_trial = bool(
        session["_subscription_data"].get("trial_end") or session["_subscription_data"].get("trial_period_days")
    )
    customer = ledger.find(session["customer"]) if session["customer"] else None
    automatic = session["automatic_tax"]["enabled"] and session["status"] == "complete" and customer is not None
    rule = tax.rule_of(ledger, customer) if automatic and customer else None
    found = []
    for position, item in enumerate(session["_items"]):
        price = ledger.get("price", item["price"])
        amount = 0 if is_trial else amount_of(ledger, item, session["currency"])
        taxed = rule.lines(amount)[0]["amount"] if rule else 0
        shown = {
            "id": f"li_{session['id'][8:30]}{position}",
            "object": "item",
            "amount_discount": 0,
            "amount_subtotal": amount,
            "amount_tax": taxed,
            "amount_total": amount + taxed,
            "currency": session["currency"],
            "description": lines.name_of(ledger, {"price": price}),
            "metadata": {},
            "price": price,
            "quantity": item.get("quantity"),
        }
        found.append(shown)
    return found


def amount_of(ledger: Ledger, item: Object, currency: str) -> int:
    """What a line item costs for a period, paid ahead; what is metered costs nothing ahead."""
    price = ledger.get("price", item["price"])
    prices.in_currency(price, currency)
    if price["recurring"]["usage_type"] == "metered":
        return 0
    return prices.amount_of(price, currency, Decimal(item["quantity"]))


def _items(ledger: Ledger, params: dict[str, Any]) -> list[Object]:
    found = []
    for position, given in enumerate(params["line_items"]):
        name = f"line_items[{position}]"
        price = ledger.get("price", given["price"], f"{name}[price]")
        if not price["active"]:
            raise refused(f"The price specified is inactive: {price['id']}.", f"{name}[price]")
        if price["recurring"] is None:
            raise refused("The local Stripe sells subscriptions only: use a recurring price.", f"{name}[price]")
        if price["recurring"]["usage_type"] == "metered":
            if given.get("quantity") is not None:
                raise refused("Quantity should not be specified where usage_type is `metered`.", f"{name}[quantity]")
        elif given.get("quantity") is None:
            raise BadParameters(
                f"Missing required param: {name}[quantity].", code="parameter_missing", param=f"{name}[quantity]"
            )
        found.append(given)
    if not found:
        raise BadParameters("Missing required param: line_items.", code="parameter_missing", param="line_items")
    return found


def _check_updates(params: dict[str, Any], customer: Object | None) -> None:
    """What Checkout asks for, it has to be allowed to write down."""
    updates = params.get("customer_update") or {}
    if customer is None:
        if updates:
            raise refused("`customer_update` can only be used with `customer`.", "customer_update")
        return
    if (
        (params.get("automatic_tax") or {}).get("enabled")
        and updates.get("address") != "auto"
        and not tax.is_located(customer)
    ):
        words = "Automatic tax calculation in Checkout requires a valid address on the Customer."
        raise refused(
            f"{words} Add one, or set `customer_update[address]` to 'auto'.", "", "customer_tax_location_invalid"
        )
    if (params.get("tax_id_collection") or {}).get("enabled") and updates.get("name") != "auto":
        words = "Tax ID collection requires updating business name on the customer."
        raise refused(f"{words} Set `customer_update[name]` to 'auto'.", "customer_update[name]")


def _details(customer: Object | None, email: str | None) -> Object | None:
    if customer is None and email is None:
        return None
    known = customer or {}
    return {
        "address": known.get("address"),
        "email": known.get("email") or email,
        "name": known.get("name"),
        "phone": known.get("phone"),
        "tax_exempt": known.get("tax_exempt") or "none",
        "tax_ids": None,
    }


def _line_items(ledger: Ledger, session: Object) -> Object:
    return list_of(f"/v1/checkout/sessions/{session['id']}/line_items", items_of(ledger, session))


expanding.INCLUDED[("checkout.session", "line_items")] = _line_items

_AUTO = one_of("auto", "never")
ROUTES = [
    Route(
        "POST",
        "/v1/checkout/sessions",
        create,
        obj(
            "mode",
            "line_items",
            "success_url",
            automatic_tax=obj("enabled", enabled=boolean),
            billing_address_collection=one_of("auto", "required"),
            cancel_url=text,
            client_reference_id=text,
            currency=text,
            custom_text=obj(submit=obj("message", message=text)),
            customer=text,
            customer_email=text,
            customer_update=obj(address=_AUTO, name=_AUTO),
            expires_at=integer,
            line_items=many(obj("price", price=text, quantity=count)),
            locale=text,
            metadata=metadata,
            mode=one_of("subscription"),
            payment_method_collection=one_of("always", "if_required"),
            subscription_data=obj(
                description=text,
                metadata=metadata,
                trial_end=integer,
                trial_period_days=count,
                trial_settings=TRIAL_SETTINGS,
            ),
            success_url=text,
            tax_id_collection=obj("enabled", enabled=boolean, required=one_of("if_supported", "never")),
            ui_mode=one_of("hosted_page"),
            expand=EXPAND,
        ),
    ),
    Route(
        "GET",
        "/v1/checkout/sessions",
        index,
        listing(
            customer=text,
            subscription=text,
            status=one_of("open", "complete", "expired"),
            customer_details=obj("email", email=text),
            created=created,
        ),
    ),
    Route("GET", "/v1/checkout/sessions/{session}", retrieve, NOTHING),
    Route("POST", "/v1/checkout/sessions/{session}/expire", expire, NOTHING),
    Route("GET", "/v1/checkout/sessions/{session}/line_items", line_items, listing()),
]
