"""The customer portal: its configurations, and sessions in which somebody changes a card or cancels."""

from __future__ import annotations

from typing import Any

from devstack.stripe import lists
from devstack.stripe.calls import Route
from devstack.stripe.errors import refused
from devstack.stripe.params import (
    EXPAND,
    NOTHING,
    boolean,
    listing,
    many,
    merge_metadata,
    metadata,
    obj,
    one_of,
    text,
)
from devstack.stripe.store import Ledger, Object, new_id

SESSION_SECONDS = 30 * 60
_CONFIGURATION = "billing_portal.configuration"


def default(ledger: Ledger) -> Object:
    """The configuration that is used where none is named; made when it is first needed."""
    found = ledger.all(_CONFIGURATION, where=lambda one: one["is_default"])
    return found[0] if found else ledger.put(_blank(ledger, is_default=True))


def create(ledger: Ledger, params: dict[str, Any]) -> Object:
    made = _apply(_blank(ledger, is_default=False), params)
    if not ledger.all(_CONFIGURATION):
        made["is_default"] = True
    return ledger.put(made)


def update(ledger: Ledger, params: dict[str, Any], object_id: str) -> Object:
    return ledger.put({**_apply(ledger.get(_CONFIGURATION, object_id), params), "updated": ledger.now()})


def retrieve(ledger: Ledger, params: dict[str, Any], object_id: str) -> Object:
    return ledger.get(_CONFIGURATION, object_id)


def index(ledger: Ledger, params: dict[str, Any]) -> Object:
    wanted = {name: params[name] for name in ("active", "is_default") if params.get(name) is not None}
    url = "/v1/billing_portal/configurations"
    return lists.page(
        ledger, _CONFIGURATION, params, url, where=lambda one: all(one[n] == v for n, v in wanted.items())
    )


def open_session(ledger: Ledger, params: dict[str, Any]) -> Object:
    ledger.get("customer", params["customer"], "customer")
    named = params.get("configuration")
    configuration = ledger.get(_CONFIGURATION, named, "configuration") if named else default(ledger)
    session_id = new_id("bps")
    return_url = params.get("return_url") or configuration["default_return_url"]
    if not return_url:
        raise refused("A return_url is needed: none is set in the portal's configuration.", "return_url")
    ledger.put(
        {
            "id": session_id,
            "object": "billing_portal.session",
            "configuration": configuration["id"],
            "created": ledger.now(),
            "customer": params["customer"],
            "flow": _flow(ledger, params.get("flow_data"), params["customer"]),
            "livemode": False,
            "locale": params.get("locale"),
            "on_behalf_of": None,
            "return_url": return_url,
            "url": f"{ledger.setting('public_url')}/p/session/{session_id}",
        }
    )
    return ledger.get("billing_portal.session", session_id)


def _flow(ledger: Ledger, given: dict[str, Any] | None, customer: str) -> Object | None:
    if given is None:
        return None
    cancel = given.get("subscription_cancel")
    if given["type"] == "subscription_cancel":
        if not cancel:
            raise refused("The flow needs subscription_cancel[subscription].", "flow_data[subscription_cancel]")
        found = ledger.get("subscription", cancel["subscription"], "flow_data[subscription_cancel][subscription]")
        if found["customer"] != customer:
            raise refused("The subscription is another customer's.", "flow_data[subscription_cancel][subscription]")
    after = given.get("after_completion") or {"type": "portal_homepage"}
    return {
        "after_completion": {"hosted_confirmation": None, "redirect": after.get("redirect"), "type": after["type"]},
        "subscription_cancel": {"retention": None, "subscription": cancel["subscription"]} if cancel else None,
        "subscription_update": None,
        "subscription_update_confirm": None,
        "type": given["type"],
    }


def _blank(ledger: Ledger, *, is_default: bool) -> Object:
    return {
        "id": new_id("bpc"),
        "object": _CONFIGURATION,
        "active": True,
        "application": None,
        "business_profile": {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None},
        "created": ledger.now(),
        "default_return_url": None,
        "features": {
            "customer_update": {"allowed_updates": [], "enabled": False},
            "invoice_history": {"enabled": True},
            "payment_method_update": {"enabled": True, "payment_method_configuration": None},
            "subscription_cancel": {
                "cancellation_reason": {"enabled": False, "options": []},
                "enabled": is_default,
                "mode": "at_period_end",
                "proration_behavior": "none",
            },
            "subscription_pause": {"duration": {"interval_options": [], "type": "indefinite"}, "enabled": False},
            "subscription_update": {
                "default_allowed_updates": [],
                "enabled": False,
                "proration_behavior": "none",
                "schedule_at_period_end": {"conditions": []},
                "trial_update_behavior": "continue_trial",
            },
        },
        "is_default": is_default,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "name": None,
        "updated": ledger.now(),
    }


def _apply(configuration: Object, params: dict[str, Any]) -> Object:
    new = {**configuration}
    for name in ("active", "default_return_url", "name"):
        if name in params:
            new[name] = params[name]
    if params.get("business_profile"):
        new["business_profile"] = {**new["business_profile"], **params["business_profile"]}
    if "metadata" in params:
        new["metadata"] = merge_metadata(new["metadata"], params["metadata"])
    features = {**new["features"]}
    for name, given in (params.get("features") or {}).items():
        features[name] = {**features[name], **(given or {})}
    return {**new, "features": features}


_ENABLED = obj("enabled", enabled=boolean)
_FIELDS: dict[str, Any] = {
    "business_profile": obj(headline=text, privacy_policy_url=text, terms_of_service_url=text),
    "default_return_url": text,
    "features": obj(
        customer_update=obj(allowed_updates=many(one_of("address", "email", "name", "tax_id")), enabled=boolean),
        invoice_history=_ENABLED,
        payment_method_update=_ENABLED,
        subscription_cancel=obj(
            enabled=boolean,
            mode=one_of("at_period_end", "immediately"),
            proration_behavior=one_of("always_invoice", "create_prorations", "none"),
            cancellation_reason=obj("enabled", "options", enabled=boolean, options=many(text)),
        ),
        subscription_pause=_ENABLED,
        subscription_update=obj(enabled=boolean),
    ),
    "metadata": metadata,
    "name": text,
    "expand": EXPAND,
}
ROUTES = [
    Route("POST", "/v1/billing_portal/configurations", create, obj("features", **_FIELDS)),
    Route("GET", "/v1/billing_portal/configurations", index, listing(active=boolean, is_default=boolean)),
    Route("GET", "/v1/billing_portal/configurations/{object_id}", retrieve, NOTHING),
    Route("POST", "/v1/billing_portal/configurations/{object_id}", update, obj(active=boolean, **_FIELDS)),
    Route(
        "POST",
        "/v1/billing_portal/sessions",
        open_session,
        obj(
            "customer",
            configuration=text,
            customer=text,
            flow_data=obj(
                "type",
                type=one_of("payment_method_update", "subscription_cancel"),
                subscription_cancel=obj("subscription", subscription=text),
                after_completion=obj(
                    "type",
                    type=one_of("portal_homepage", "redirect", "hosted_confirmation"),
                    redirect=obj("return_url", return_url=text),
                ),
            ),
            locale=text,
            return_url=text,
            expand=EXPAND,
        ),
    ),
]
