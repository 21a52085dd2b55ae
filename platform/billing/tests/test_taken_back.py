"""A payment that the bank took back for good ends what it was for; it can be bought again at once. Owners are told."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import tenancy
from billing import gateway
from billing.dunning import disputed as letters_of_disputes
from billing.errors import ProviderRefused
from billing.finance.disputes import OpenDisputes
from billing.inbox import looking
from billing.models import Invoice, StripeIntent, Subscription
from billing.subscriptions import intents
from billing.subscriptions.money import money
from billing.tests.test_buying import BILLING, TEAM, bought, post
from billing.tests.test_inbox import deliver, event
from core.clock import now
from core.jobs import JobLine
from events.models import QueuedMail
from tenants.api import load_organization
from tests.support.buying import Shop, signed

BOOKS = "books@acme.example"


def finish(shop: Shop, monkeypatch: Any) -> None:
    """Let the worker's minute pass, and Stripe's event be heard."""
    monkeypatch.setattr(intents, "_LEFT_ALONE", intents._LEFT_ALONE * 0)
    with tenancy.platform():
        intents.finish_open()
    shop.refresh()


def state(shop: Shop) -> str:
    with tenancy.platform():
        return str(load_organization(shop.organization.id).state)


def told(shop: Shop) -> list[tuple[str, str, str]]:
    """Let the duty run twice, and return every letter about a dispute so far: to whom, its subject, its words."""
    with tenancy.platform():
        letters_of_disputes.remind()
        letters_of_disputes.remind()
        rows = QueuedMail.objects.filter(organization_id=shop.organization.id).order_by("id")
        mails = [(row.message["to"], row.message["subject"], row.message["text"]) for row in rows]
    return [mail for mail in mails if "bank" in mail[2]]


def forget(shop: Shop) -> None:
    """Let nobody have been told of anything."""
    with tenancy.platform():
        QueuedMail.objects.filter(organization_id=shop.organization.id).delete()
        Subscription.objects.filter(organization_id=shop.organization.id).update(reminded={})


def set_dispute(shop: Shop, status: str, **more: Any) -> None:
    with tenancy.platform():
        rows = Invoice.objects.filter(organization_id=shop.organization.id).exclude(dispute="")
        rows.update(dispute=status, **more)


@pytest.fixture
def disputed(shop: Shop, olga: Any) -> Shop:
    """acme, whose payment for the year that runs is disputed."""
    assert olga.client().patch(BILLING, {"contacts": [BOOKS]}, content_type="application/json").status_code == 200
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
    opened = told(disputed)
    disputed.api.disputes.close(dispute(disputed))  # the bank has decided against us
    disputed.refresh()
    before_the_end = told(disputed)

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

    closed = told(disputed)

    seen = bought(disputed, olga)

    assert seen["subscription"]["state"] == "active"
    assert state(disputed) == "active"
    finish(disputed, monkeypatch)
    assert disputed.subscription.state == "active"  # what was lost is of the one before
    with tenancy.platform():
        invoice = Invoice.objects.get(organization_id=disputed.organization.id, dispute="lost")
    everybody = sorted([BOOKS, olga.email])
    assert sorted(to for to, _, _ in opened) == everybody
    for _, subject, words in opened:
        assert subject == "The bank disputes a payment for Acme Academy"
        assert f"payment of {money(invoice.paid_minor, 'eur')} for invoice {invoice.number} of Acme Academy" in words
        assert "the plan that the invoice is for ends with it" in words
    assert before_the_end == opened  # that the plan has ended is said when it has
    assert sorted(to for to, _, _ in closed[2:]) == everybody
    assert f"invoice {invoice.number} of Acme Academy: it was taken back for good" in closed[2][2]
    assert "You can choose a plan again at once" in closed[2][2]
    assert told(disputed) == closed  # also on the plan that was bought since


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
    assert len(told(disputed)) == 2  # that it was opened: the plan has not ended

    disputed.refresh()
    finish(disputed, monkeypatch)

    assert disputed.subscription.state == "canceled"
    assert "The plan that it paid for has ended with it." in told(disputed)[-1][2]


def test_an_open_dispute_stands_in_the_list_of_what_needs_somebody(disputed: Shop) -> None:
    def lines(**which: Any) -> list[JobLine]:
        with tenancy.platform():
            return list(OpenDisputes().lines(**{"state": None, "organization_id": None, "limit": 5, **which}))

    (line,) = lines(state="failed")
    assert (line.organization_id, line.can_retry) == (disputed.organization.id, False)
    assert "has taken the payment of" in line.error
    assert line.error.endswith("Answer in Stripe's dashboard: unanswered it is lost, and the plan it paid for ends.")
    assert lines(organization_id=UUID(int=1)) == []
    set_dispute(disputed, "warning_needs_response")
    assert "has taken nothing back yet" in lines(state="failed")[0].error
    set_dispute(disputed, "needs_response", period_end=disputed.subscription.period_start)
    assert lines(state="failed")[0].error.endswith("unanswered it is lost.")

    disputed.server.local("closed_disputes", dispute=dispute(disputed), won=True)
    disputed.refresh()
    assert lines() == []


def test_a_dispute_that_is_won_changes_nothing(disputed: Shop, olga: Any, monkeypatch: Any) -> None:
    disputed.server.local("closed_disputes", dispute=dispute(disputed), won=True)
    disputed.refresh()

    finish(disputed, monkeypatch)

    assert (disputed.subscription.state, state(disputed)) == ("active", "active")
    opened, closed = told(disputed)[:2], told(disputed)[2:]
    assert {subject for _, subject, _ in opened} == {"The bank disputes a payment for Acme Academy"}
    assert sorted(to for to, _, _ in closed) == sorted([BOOKS, olga.email])
    assert {subject.partition("Acme Academy")[2] for _, subject, _ in closed} == {" stays paid"}
    assert "it stands. Nothing changes" in closed[0][2]
    forget(disputed)  # as if nobody had heard of it before it was over: then that it was opened is no news
    assert [letter[1:] for letter in told(disputed)] == [letter[1:] for letter in closed]


def test_whatever_is_heard_in_which_order_is_told_once(
    disputed: Shop, olga: Any, settings: Any, monkeypatch: Any
) -> None:
    (charge,) = disputed.api.charges.list({"customer": disputed.account.stripe_customer}).data
    about = {"object": {"id": dispute(disputed), "object": "dispute", "charge": charge.id}}
    ids = (f"evt_{number}" for number in itertools.count())

    def hear(*kinds: str) -> list[str]:
        """Let these come, each twice; return all subjects so far."""
        for kind in kinds:
            body = json.dumps(event(id=next(ids), type=f"charge.dispute.{kind}", data=about)).encode()
            for _ in range(2):
                assert deliver(settings, body, signed(body, settings.STRIPE_WEBHOOK_SECRET)).status_code == 204
            with tenancy.platform():
                looking.look()
            letters = told(disputed)
        return [subject for to, subject, _ in letters if to == BOOKS]

    opened = hear("funds_withdrawn", "created")
    disputed.api.disputes.close(dispute(disputed))
    hear("created", "closed", "updated")
    finish(disputed, monkeypatch)

    subjects = hear("closed", "created", "funds_withdrawn", "closed", "updated")

    assert [subject.partition(" for ")[0] for subject in opened] == ["The bank disputes a payment"]
    assert len(subjects) == 2
    assert subjects[0] == opened[0]
    assert "was taken back" in subjects[1]
    assert len(told(disputed)) == 4


def test_a_bank_that_only_asks_has_taken_nothing_back_and_what_is_old_is_no_news(disputed: Shop) -> None:
    forget(disputed)
    set_dispute(disputed, "lost", folded_at=now() - timedelta(days=31))
    assert told(disputed) == []
    set_dispute(disputed, "prevented", folded_at=now())
    assert told(disputed) == []

    set_dispute(disputed, "warning_needs_response")
    set_dispute(disputed, "warning_under_review")
    asked = told(disputed)
    set_dispute(disputed, "needs_response")
    taken = told(disputed)

    assert {subject for _, subject, _ in asked} == {"The bank asks about a payment for Acme Academy"}
    assert "has not taken it back" in asked[0][2]
    assert len(asked) == 2
    assert {subject for _, subject, _ in taken[2:]} == {"The bank disputes a payment for Acme Academy"}
    assert len(taken) == 4


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
    assert [words for _, _, words in told(shop) if "taken back for good" in words and "Nothing else changes." in words]
