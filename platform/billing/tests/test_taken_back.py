"""A payment that the bank took back for good ends what it was for; it can be bought again at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import tenancy
from billing import gateway
from billing.errors import ProviderRefused
from billing.finance.disputes import OpenDisputes
from billing.models import Invoice, StripeIntent
from billing.subscriptions import intents
from billing.tests.test_buying import TEAM, bought, post
from core.clock import now
from core.jobs import JobLine
from tenants.api import load_organization
from tests.support.buying import Shop


def finish(shop: Shop, monkeypatch: Any) -> None:
    """Let the worker's minute pass, and Stripe's event be heard."""
    monkeypatch.setattr(intents, "_LEFT_ALONE", intents._LEFT_ALONE * 0)
    with tenancy.platform():
        intents.finish_open()
    shop.refresh()


def state(shop: Shop) -> str:
    with tenancy.platform():
        return str(load_organization(shop.organization.id).state)


@pytest.fixture
def disputed(shop: Shop, olga: Any) -> Shop:
    """acme, whose payment for the year that runs is disputed."""
    shop.end_trial()
    assert post(olga, "checkout-sessions", {**TEAM, "interval": "year"}).status_code == 201
    shop.pay(card="pm_card_createDispute")
    shop.refresh()
    shop.advance(days=5)
    return shop


def dispute(shop: Shop) -> str:
    (found,) = shop.api.disputes.list({"limit": 10}).data
    return str(found.id)


def test_attack_103_a_chargeback_that_is_lost_ends_the_plan_and_it_can_be_bought_again(
    disputed: Shop, olga: Any, monkeypatch: Any
) -> None:
    finish(disputed, monkeypatch)
    while_open = (disputed.subscription.state, state(disputed))
    disputed.api.disputes.close(dispute(disputed))  # the bank has decided against us
    disputed.refresh()

    finish(disputed, monkeypatch)

    assert while_open == ("active", "active")
    assert (disputed.subscription.state, state(disputed)) == ("canceled", "read_only")
    assert disputed.subscription.mrr_minor == 0
    at_stripe = disputed.api.subscriptions.retrieve(disputed.subscription.stripe_id)
    assert at_stripe.status == "canceled"
    disputed.refresh()
    finish(disputed, monkeypatch)
    with tenancy.platform():
        ended = StripeIntent.objects.filter(organization_id=disputed.organization.id, purpose="taken_back")
        assert [one.state for one in ended] == ["done"]

    seen = bought(disputed, olga)

    assert seen["subscription"]["state"] == "active"
    assert state(disputed) == "active"
    finish(disputed, monkeypatch)
    assert disputed.subscription.state == "active"  # what was lost is of the one before


def test_an_end_that_stripe_refused_is_asked_for_again(disputed: Shop, monkeypatch: Any) -> None:
    def refuses(*args: Any, **named: Any) -> Any:
        raise ProviderRefused(reason="lock_timeout")

    disputed.api.disputes.close(dispute(disputed))
    disputed.refresh()
    with monkeypatch.context() as closed:
        closed.setattr(gateway, "cancel_subscription", refuses)
        finish(disputed, monkeypatch)
        finish(disputed, monkeypatch)
    with tenancy.platform():
        asked = StripeIntent.objects.filter(organization_id=disputed.organization.id, purpose="taken_back")
        assert [one.state for one in asked] == ["refused"]
        assert disputed.subscription.state == "active"
        asked.update(ended_at=now() - timedelta(hours=2))

    disputed.refresh()
    finish(disputed, monkeypatch)

    assert disputed.subscription.state == "canceled"


def test_an_open_dispute_stands_in_the_list_of_what_needs_somebody(disputed: Shop) -> None:
    def lines(**which: Any) -> list[JobLine]:
        with tenancy.platform():
            return list(OpenDisputes().lines(**{"state": None, "organization_id": None, "limit": 5, **which}))

    (line,) = lines(state="failed")
    assert (line.organization_id, line.can_retry) == (disputed.organization.id, False)
    assert "Answer in Stripe's dashboard" in line.error
    assert lines(organization_id=UUID(int=1)) == []

    disputed.server.local("closed_disputes", dispute=dispute(disputed), won=True)
    disputed.refresh()
    assert lines() == []


def test_a_dispute_that_is_won_changes_nothing(disputed: Shop, monkeypatch: Any) -> None:
    disputed.server.local("closed_disputes", dispute=dispute(disputed), won=True)
    disputed.refresh()

    finish(disputed, monkeypatch)

    assert (disputed.subscription.state, state(disputed)) == ("active", "active")


def test_what_was_lost_for_a_period_that_is_over_ends_nothing(shop: Shop, olga: Any, monkeypatch: Any) -> None:
    shop.end_trial()
    assert post(olga, "checkout-sessions", TEAM).status_code == 201
    shop.pay(card="pm_card_createDispute")
    shop.refresh()
    shop.use_card("pm_card_visa")
    shop.advance(days=32)
    shop.api.disputes.close(dispute(shop))
    shop.refresh()

    finish(shop, monkeypatch)

    with tenancy.platform():
        assert Invoice.objects.filter(organization_id=shop.organization.id, dispute="lost").exists()
    assert shop.subscription.state == "active"
