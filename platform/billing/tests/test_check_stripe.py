"""The check of a Stripe account: what is set up as we need it, what is not and how that is mended; nothing stays."""

from __future__ import annotations

import copy
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

import tenancy
from billing import gateway, stripe_setup
from billing.finance import reconciliation, stripe_books
from tenancy.hosts import public_url
from tests.support.buying import WEBHOOK, Shop

PORTAL: dict[str, Any] = {
    "features": {
        "customer_update": {"enabled": True, "allowed_updates": ["address", "name", "phone", "tax_id"]},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
        "subscription_pause": {"enabled": False},
        "subscription_update": {"enabled": False},
    }
}


def check() -> tuple[bool, dict[str, str]]:
    """Make the check; return whether all is well, and what is said of each thing."""
    said = StringIO()
    try:
        call_command("check_stripe", stdout=said)
    except SystemExit:
        is_well = False
    else:
        is_well = True
    lines = [line[:5] + line[5:].partition(": ")[2] for line in said.getvalue().splitlines()[1:]]
    names = [line[5:].partition(": ")[0] for line in said.getvalue().splitlines()[1:]]
    return is_well, dict(zip(names, lines, strict=True))


def test_a_stripe_account_is_checked_and_is_left_as_it_was(shop: Shop, settings: Any) -> None:
    is_well, first = check()
    assert not is_well  # this Stripe sends nowhere that is ours
    assert first["webhook endpoint"].startswith("FAIL None leads to ")
    assert first["events that are sent there"].startswith("FAIL None leads to ")
    assert first["what the customer portal allows"].startswith("ok   not set up yet")
    assert first["prices and meters"] == "ok   54 prices are there"

    shop.server.local("deliveries", held=True)  # nobody listens there
    url = public_url(settings.SITE_HOST, WEBHOOK)
    endpoint = shop.api.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})
    is_well, second = check()

    assert is_well, second
    assert second["webhook endpoint"] == f"ok   enabled, version {gateway.API_VERSION}"
    assert second["events that are sent there"] == "ok   all"
    assert second["what the customer portal allows"] == (
        "ok   another card, past invoices, cancelling at the end of the period; no change of plan or seats, no pause"
    )
    assert second["tax on a first invoice"].startswith("ok   ")
    assert second["customer portal"].startswith("ok   ")
    reason = "refused with authentication_required, and nothing begun"
    assert second["a bank that asks (3-D Secure)"] == f"ok   {reason}"
    assert second["an end that is taken back"].startswith("ok   kept as a flag and as a day")
    assert second["a customer that is deleted"].startswith("ok   its subscription is canceled")
    assert shop.api.customers.list().data == []
    assert shop.api.subscriptions.list().data == []
    with tenancy.platform():
        assert reconciliation.compare(stripe_books.read())[1] == []

    (portal,) = shop.api.billing_portal.configurations.list().data
    lax = {"subscription_update": {"enabled": True}, "subscription_cancel": {"enabled": True, "mode": "immediately"}}
    shop.api.billing_portal.configurations.update(portal.id, {"features": lax})
    some = [kind for kind in stripe_setup.HEARD if not kind.startswith("charge.dispute.")]
    shop.api.webhook_endpoints.update(endpoint.id, {"enabled_events": some, "disabled": True})
    is_well, third = check()

    assert not is_well
    assert third["webhook endpoint"].startswith("FAIL It is disabled: nothing is sent. Enable it at Developers > ")
    assert third["events that are sent there"].startswith("FAIL Not sent: charge.dispute.created, charge.dispute.upd")
    assert "test_helpers.test_clock.ready" in third["events that are sent there"]
    refused = third["what the customer portal allows"]
    assert refused.startswith("FAIL Plans or seats can be changed there")
    assert "Cancelling ends what is paid for at once." in refused
    assert refused.count("Settings > Billing > Customer portal") == 2


def test_what_stripe_does_otherwise_than_we_rely_on_is_said(shop: Shop, monkeypatch: Any) -> None:
    monkeypatch.setattr(gateway, "update_subscription", lambda *call, **named: {})
    monkeypatch.setattr(gateway, "invoices_of", lambda customer: ([], False))

    _, said = check()

    assert said["an end that is taken back"].startswith("FAIL Told {'cancel_at_period_end': True}, the subscription do")
    assert said["a customer that is deleted"].startswith("FAIL Its invoices are not listed any more")
    assert shop.api.customers.list().data == []


def test_with_a_live_key_nothing_is_asked_by_mistake(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_1"

    with pytest.raises(CommandError):
        call_command("check_stripe", stdout=StringIO())


@pytest.mark.parametrize(
    ("feature", "changed", "words"),
    [
        ("subscription_pause", {"enabled": True}, "A subscription can be paused there"),
        ("customer_update", {"enabled": True, "allowed_updates": ["email"]}, "The email address can be changed"),
        ("payment_method_update", {"enabled": False}, "The card cannot be changed there"),
        ("invoice_history", {"enabled": False}, "Past invoices are not shown"),
    ],
)
def test_a_portal_that_goes_round_us_is_told_with_where_to_mend_it(
    feature: str, changed: dict[str, Any], words: str
) -> None:
    assert stripe_setup.portal_amiss(PORTAL) == []
    configuration = copy.deepcopy(PORTAL)
    configuration["features"][feature] = changed

    (said,) = stripe_setup.portal_amiss(configuration)

    assert said.startswith(words)
    assert said.endswith("Settings > Billing > Customer portal.")


def test_a_portal_without_cancelling_is_as_well_set_up() -> None:
    configuration = copy.deepcopy(PORTAL)
    configuration["features"]["subscription_cancel"] = {"enabled": False, "mode": "immediately"}

    assert stripe_setup.portal_amiss(configuration) == []


def test_clocks_are_waited_for_in_a_sandbox_alone() -> None:
    endpoint = {"enabled_events": list(stripe_setup.HEARD)}

    assert stripe_setup.events_amiss(endpoint, is_live=True) == []
    assert "test_helpers.test_clock" in stripe_setup.events_amiss(endpoint, is_live=False)[0]
