"""How an account at Stripe must be set up for us, and what is amiss where it is not. Data alone: nobody is asked.

Each thing amiss is a sentence for whoever keeps the account: what was seen, what comes of it, where it is mended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The portal as we make it where nobody has. Plans and seats are changed on our own page, where what is kept and what is
# in use are known.
PORTAL: dict[str, Any] = {
    "features": {
        "payment_method_update": {"enabled": True},
        "invoice_history": {"enabled": True},
        "customer_update": {"enabled": True, "allowed_updates": ["address", "name", "tax_id"]},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
        "subscription_update": {"enabled": False},
    },
    "business_profile": {"headline": ""},
}

# On what the check buys in a sandbox, and so on its invoices: the books pass over them.
CHECK = {"lms_check": "1"}

# What says that something of a customer's has changed. Everything is read anew, so one event for each change is enough;
# what does not come is found by the sweep, a quarter of an hour later.
HEARD = (
    "customer.updated",
    "customer.deleted",
    "customer.tax_id.updated",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "invoice.finalized",
    "invoice.updated",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.voided",
    "invoice.marked_uncollectible",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "checkout.session.completed",
    "checkout.session.expired",
)
# By these the accounts of a sandbox follow its test clocks.
HEARD_IN_A_SANDBOX = ("test_helpers.test_clock.advancing", "test_helpers.test_clock.ready")

_AT_THE_ENDPOINT = "Developers > Webhooks > the endpoint > Edit destination"
_AT_THE_PORTAL = "Settings > Billing > Customer portal"


def endpoint_amiss(endpoint: Mapping[str, Any]) -> list[str]:
    """Return what keeps an endpoint from sending anything."""
    if endpoint["status"] == "enabled":
        return []
    return [f"It is {endpoint['status']}: nothing is sent. Enable it at {_AT_THE_ENDPOINT}."]


def events_amiss(endpoint: Mapping[str, Any], *, is_live: bool) -> list[str]:
    """Return which events an endpoint is not sent, though we wait for them."""
    sent = set(endpoint["enabled_events"])
    wanted = HEARD if is_live else (*HEARD, *HEARD_IN_A_SANDBOX)
    missing = [] if "*" in sent else [kind for kind in wanted if kind not in sent]
    if not missing:
        return []
    return [
        f"Not sent: {', '.join(missing)}. What they tell is noticed a quarter of an hour late. Add them at "
        f"{_AT_THE_ENDPOINT}."
    ]


def portal_amiss(configuration: Mapping[str, Any]) -> list[str]:
    """Return what the portal's default configuration lets customers do that goes round us, or keeps them from."""
    features = configuration["features"]

    def is_on(name: str) -> bool:
        return bool((features.get(name) or {}).get("enabled"))

    found = []
    if is_on("subscription_update"):
        found.append(
            "Plans or seats can be changed there, with prorations that nobody was shown and seats that nobody holds. "
            "Turn it off"
        )
    if is_on("subscription_cancel") and features["subscription_cancel"].get("mode") != "at_period_end":
        found.append("Cancelling ends what is paid for at once. Let it be at the end of the billing period")
    if is_on("subscription_pause"):
        found.append("A subscription can be paused there: it stays active, and nothing is collected. Turn it off")
    if "email" in ((features.get("customer_update") or {}).get("allowed_updates") or ()):
        found.append("The email address can be changed there, and is set back within a day. Turn that off")
    if not is_on("payment_method_update"):
        found.append("The card cannot be changed there, though our letters lead there for it. Turn it on")
    if not is_on("invoice_history"):
        found.append("Past invoices are not shown there. Turn it on")
    return [f"{sentence}: {_AT_THE_PORTAL}." for sentence in found]
