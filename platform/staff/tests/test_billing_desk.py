"""Finance's desk: what is given, by whom and why; plans; and what Stripe told us."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

import tenancy
from billing.models import BillingAccount, StripeEvent, Subscription
from core.clock import iso, now
from staff.models import PlatformAuditEntry
from staff.testing import browser
from staff.tests.conftest import send
from tenants.models import Organization

WHY = {"reason": "Promised on the phone", "ticket": "T-41"}
State = Subscription.State


@pytest.fixture
def finance(db: None) -> Client:
    return browser("finance")


@pytest.fixture
def acme_id(db: None, world: Any) -> UUID:
    found: UUID = world.organizations["acme"].id
    return found


def _in(days: float) -> str:
    return iso(now() + timedelta(days=days))


def _panel(client: Client, organization_id: UUID) -> Any:
    answer = send(client, "GET", f"organizations/{organization_id}/billing/")
    assert answer.status_code == 200, answer.content
    return answer.json()


def _recorded(action: str) -> PlatformAuditEntry:
    with tenancy.platform():
        return PlatformAuditEntry.objects.filter(action=action).latest("at")


def _state(organization_id: UUID) -> str:
    with tenancy.platform():
        return Organization.objects.get(id=organization_id).state


# -- a plan without charge, and a longer trial ----------------------------------------------------------------------


def test_a_plan_is_given_until_a_day_with_a_reason(finance: Client, acme_id: UUID) -> None:
    asked = {"plan": "growth", "seats": 40, "until": _in(60), **WHY}

    answer = send(finance, "POST", f"organizations/{acme_id}/given-plans/", asked)

    assert answer.status_code == 200, answer.content
    subscription = answer.json()["subscription"]
    assert (subscription["plan"], subscription["seats"], subscription["is_comp"]) == ("growth", 40, True)
    assert (subscription["trial_end_at"], subscription["counted_minor"]) == (asked["until"], 0)
    seats = next(line for line in answer.json()["features"] if line["feature"] == "seats")
    assert seats["value"] == 40
    entry = _recorded("organization.plan_given")
    assert (entry.organization_id, entry.reason, entry.ticket) == (acme_id, WHY["reason"], WHY["ticket"])
    assert entry.changes["subscription"][1].startswith("growth v1, 40 seats, trialing until ")


def test_a_plan_that_was_given_ends_as_a_trial_does_and_can_be_made_longer(finance: Client, acme_id: UUID) -> None:
    from billing.dunning import steps

    send(
        finance, "POST", f"organizations/{acme_id}/given-plans/", {"plan": "team", "seats": 10, "until": _in(9), **WHY}
    )
    with tenancy.platform():
        Subscription.objects.filter(organization_id=acme_id, is_comp=True).update(trial_end_at=now())
        steps.advance()
    assert (_panel(finance, acme_id)["subscription"]["state"], _state(acme_id)) == ("read_only", "read_only")

    answer = send(finance, "POST", f"organizations/{acme_id}/trial-extensions/", {"until": _in(30), **WHY})

    assert answer.json()["subscription"]["state"] == "trialing"
    assert _state(acme_id) == "active"
    assert _recorded("organization.trial_moved").reason == WHY["reason"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"seats": 2}, "invalid"),
        ({"until": "2020-01-01T00:00:00Z"}, "invalid"),
        ({"until": "2099-01-01T00:00:00Z"}, "invalid"),
        ({"plan": "trial"}, "invalid"),
        ({"reason": ""}, "invalid"),
    ],
)
def test_a_plan_that_cannot_be_given_is_refused(
    finance: Client, acme_id: UUID, wrong: dict[str, Any], code: str
) -> None:
    asked = {"plan": "team", "seats": 12, "until": _in(30), **WHY, **wrong}

    answer = send(finance, "POST", f"organizations/{acme_id}/given-plans/", asked)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert _panel(finance, acme_id)["subscription"]["plan"] == "trial"


def test_whoever_pays_is_given_no_plan_and_no_trial(finance: Client, acme_id: UUID) -> None:
    with tenancy.platform():
        Subscription.objects.filter(organization_id=acme_id).update(stripe_id="sub_paying", state=State.ACTIVE)
    given = {"plan": "team", "seats": 12, "until": _in(30), **WHY}

    plan = send(finance, "POST", f"organizations/{acme_id}/given-plans/", given)
    trial = send(finance, "POST", f"organizations/{acme_id}/trial-extensions/", {"until": _in(30), **WHY})

    assert (plan.status_code, plan.json()["code"]) == (409, "billed_by_stripe")
    assert (trial.status_code, trial.json()["code"]) == (409, "billed_by_stripe")


# -- features -------------------------------------------------------------------------------------------------------


def test_a_feature_is_granted_until_a_day_and_taken_back(finance: Client, acme_id: UUID) -> None:
    path = f"organizations/{acme_id}/overrides/domains/"

    granted = send(finance, "PUT", path, {"value": 7, "expires_at": _in(30), **WHY})

    line = next(one for one in granted.json()["features"] if one["feature"] == "domains")
    assert (line["value"], line["source"], line["note"]) == (7, "override", WHY["reason"])
    assert _recorded("organization.feature_granted").changes["domains"][1]["value"] == 7
    revoked = send(finance, "POST", f"{path}revocation/", WHY)
    line = next(one for one in revoked.json()["features"] if one["feature"] == "domains")
    assert (line["value"], line["source"]) == (1, "plan")
    assert _recorded("organization.feature_revoked").changes["domains"] == [7, None]
    assert send(finance, "POST", f"{path}revocation/", WHY).status_code == 404
    unknown = send(finance, "PUT", path.replace("domains", "flying"), {"value": 1, "expires_at": None, **WHY})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_feature")


# -- who may --------------------------------------------------------------------------------------------------------


def test_support_and_operations_look_and_give_nothing(db: None, acme_id: UUID) -> None:
    given = {"plan": "team", "seats": 12, "until": _in(30), **WHY}
    for role in ("support", "operations"):
        client = browser(role)
        assert _panel(client, acme_id)["subscription"]["plan"] == "trial"
        assert send(client, "POST", f"organizations/{acme_id}/given-plans/", given).status_code == 403
        assert send(client, "POST", f"organizations/{acme_id}/billing/reading/").status_code == 403


def test_what_costs_money_asks_for_a_proof_of_the_last_minutes(acme_id: UUID) -> None:
    client = browser("finance", proved=False)
    for method, path in (("POST", "given-plans/"), ("POST", "credits/"), ("PUT", "overrides/domains/")):
        answer = send(client, method, f"organizations/{acme_id}/{path}", WHY)
        assert (answer.status_code, answer.json()["code"]) == (403, "proof_needed"), path


def test_an_organization_that_is_not_there_is_not_there(finance: Client) -> None:
    nobody = "0190c000-0000-7000-8000-000000000000"
    assert send(finance, "GET", f"organizations/{nobody}/billing/").status_code == 404
    assert (
        send(finance, "POST", f"organizations/{nobody}/trial-extensions/", {"until": _in(9), **WHY}).status_code == 404
    )


# -- plans ----------------------------------------------------------------------------------------------------------


def test_plans_show_versions_what_they_bring_and_who_has_them(finance: Client, acme_id: UUID) -> None:
    given = {"plan": "scale", "seats": 120, "until": _in(30), **WHY}
    assert send(finance, "POST", f"organizations/{acme_id}/given-plans/", given).status_code == 200

    found = send(finance, "GET", "plans/").json()

    by_key = {plan["key"]: plan for plan in found["items"]}
    assert list(by_key) == ["trial", "start", "team", "growth", "scale"]
    team, scale = by_key["team"]["versions"][0], by_key["scale"]["versions"][0]
    assert scale["organizations"] == {"trialing": 0, "active": 0, "past_due": 0, "read_only": 0, "given": 1}
    assert {"currency": "eur", "interval": "month", "seat_minor": 700} in team["prices"]
    assert {"feature": "domains", "value": 3, "per_seat": 0} in team["brings"]
    assert (team["prices_made"], team["prices_wanted"] > 6, team["sold_until"]) == (0, True, None)
    assert {feature["key"] for feature in found["features"]} >= {"seats", "sso", "delivered_bytes"}


# -- what Stripe told us --------------------------------------------------------------------------------------------


@pytest.fixture
def event(acme_id: UUID) -> StripeEvent:
    """A parked event about acme's customer."""
    with tenancy.platform():
        BillingAccount.objects.filter(organization_id=acme_id).update(stripe_customer="cus_Acme12345")
        about = {
            "object": "customer", "id": "cus_Acme12345", "email": "olga@acme.example", "balance": -500,
            "address": {"line1": "1 Quay Street"}, "sources": [{"billing_details": {"name": "Olga"}, "brand": "visa"}],
        }  # fmt: skip
        return StripeEvent.objects.create(
            id="evt_parked", type="customer.updated", livemode=False, object_id="cus_Acme12345",
            customer="cus_Acme12345", payload={"id": "evt_parked", "data": {"object": about}}, created_at=now(),
            state="parked", attempts=12, error="UnknownPrice: sub_1",
        )  # fmt: skip


def test_events_are_found_by_what_one_knows(event: StripeEvent, acme_id: UUID) -> None:
    support = browser("support")
    for query in ("q=customer.", "q=evt_parked", "q=cus_Acme12345", "state=parked", f"organization={acme_id}"):
        (line,) = send(support, "GET", f"stripe-events/?{query}").json()["items"]
        assert (line["id"], line["organization_name"], line["error"]) == (
            "evt_parked",
            "Acme Academy",
            "UnknownPrice: sub_1",
        )
    assert send(support, "GET", "stripe-events/?q=invoice.").json()["items"] == []
    assert send(support, "GET", "stripe-events/").json()["inbox"]["states"]["parked"] == 1


def test_what_an_event_held_is_shown_without_who_people_are(event: StripeEvent, finance: Client) -> None:
    found = send(finance, "GET", "stripe-events/evt_parked/").json()

    about = found["payload"]["data"]["object"]
    assert (about["id"], about["balance"], about["sources"][0]["brand"]) == ("cus_Acme12345", -500, "visa")
    assert (about["email"], about["address"], about["sources"][0]["billing_details"]) == ("•••", "•••", "•••")
    assert "olga" not in str(found)
    assert send(browser("support"), "GET", "stripe-events/evt_parked/").status_code == 403
    assert send(finance, "GET", "stripe-events/evt_none/").status_code == 404


def test_a_parked_event_is_looked_into_again_for_a_reason(event: StripeEvent, finance: Client) -> None:
    again = send(finance, "POST", "stripe-events/evt_parked/retry/", WHY)

    assert (again.status_code, again.json()["state"], again.json()["attempts"]) == (200, "new", 0)
    assert _recorded("stripe_event.retried").reason == WHY["reason"]
    assert send(finance, "POST", "stripe-events/evt_parked/retry/", WHY).status_code == 404
