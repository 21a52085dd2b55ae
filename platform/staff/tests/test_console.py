"""The console: organizations are found by what one knows of them, figures say of when they are, nothing mixes."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import tenancy
from billing.models import BillingAccount, Subscription
from core.clock import iso, now
from staff.console import addresses, figures
from staff.console.health import Signs, judge
from staff.models import OrganizationStat, PlatformAuditEntry
from staff.testing import browser
from staff.tests.conftest import send
from tests.support.organizations import PASSWORD

WELL = Signs("active", True, 1, 1, 0, 0, 0, 0, 10, 100)


@pytest.fixture
def support(db: None) -> Client:
    return browser("support")


@pytest.fixture
def operations(db: None) -> Client:
    return browser("operations")


@pytest.fixture
def counted(db: None, world: Any) -> None:
    with tenancy.platform():
        figures.refresh()


def _names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [item["name"] for item in answer.json()["items"]]


# -- the list -------------------------------------------------------------------------------------------------------


def test_the_list_shows_figures_and_of_when_they_are(counted: None, support: Client, world: Any) -> None:
    answer = send(support, "GET", "organizations/?order=name").json()
    acme = next(item for item in answer["items"] if item["name"] == "Acme Academy")
    assert answer["total"] == len(answer["items"]) >= 2
    assert (acme["host"], acme["slug"], acme["state"], acme["plan"]) == (
        "acme.lms.localhost",
        "acme",
        "active",
        "trial",
    )
    assert acme["members"] == 6
    assert acme["as_of"] is not None
    assert acme["release"] == answer["current_release"]
    assert answer["facets"]["states"]["active"] >= 2


@pytest.mark.parametrize("words", ["acme academy", "ACADEMY", "acme.lms", "acme.lms.localhost", "Olga@acme.example"])
def test_an_organization_is_found_by_what_one_knows(counted: None, support: Client, words: str) -> None:
    assert _names(send(support, "GET", f"organizations/?q={words}")) == ["Acme Academy"]


def test_it_is_found_by_id_and_customer(counted: None, support: Client, world: Any) -> None:
    acme = world.organizations["acme"].id
    with tenancy.platform():
        BillingAccount.objects.filter(organization_id=acme).update(stripe_customer="cus_Acme12345")
    for words in (str(acme), "cus_Acme12345"):
        assert _names(send(support, "GET", f"organizations/?q={words}")) == ["Acme Academy"]
    assert _names(send(support, "GET", "organizations/?q=cus_Other")) == []


def test_part_of_an_address_finds_nobody(counted: None, support: Client) -> None:
    assert _names(send(support, "GET", "organizations/?q=olga@")) == []
    assert _names(send(support, "GET", "organizations/?q=leo@acme.example")) == []  # a learner is no owner


def test_addresses_are_kept_as_keyed_hashes(counted: None, world: Any) -> None:
    with tenancy.platform():
        assert addresses.organizations_owned_by("OLGA@acme.example ") == [world.organizations["acme"].id]
        with connection.cursor() as cursor:
            cursor.execute("SELECT email_hmac FROM staff_owneraddress")
            kept = [row[0] for row in cursor.fetchall()]
    assert kept
    assert all(len(found) == 64 and "@" not in found for found in kept)


def test_owners_are_followed_by_events(world: Any, acme: Any) -> None:
    from apps.accounts.testing import join

    join(email="new-owner@acme.example", name="N", role="owner", password=PASSWORD)
    addresses.follow_owners()
    with tenancy.platform():
        assert addresses.organizations_owned_by("new-owner@acme.example") == [acme.id]


def test_organizations_are_found_by_how_they_stand_with_payments(counted: None, support: Client, world: Any) -> None:
    acme, globex = world.organizations["acme"].id, world.organizations["globex"].id
    with tenancy.platform():
        Subscription.objects.filter(organization_id=acme).update(state="past_due")
        Subscription.objects.filter(organization_id=globex).update(state="active", is_comp=True)
    both = {"Acme Academy", "Globex Institute"} & set(_names(send(support, "GET", "organizations/")))

    def found(payment: str) -> set[str]:
        return both & set(_names(send(support, "GET", f"organizations/?payment={payment}")))

    assert found("past_due") == {"Acme Academy"}
    assert found("given") == both - {"Acme Academy"}
    assert found("past_due,given") == both
    assert found("active") == set()  # a gift is no payment
    facets = send(support, "GET", "organizations/").json()["facets"]["payments"]
    assert facets["past_due"] >= 1
    assert facets["given"] >= 1
    with tenancy.platform():
        Subscription.objects.filter(organization_id=acme).update(state="canceled")
    assert found("canceled") == {"Acme Academy"}
    assert send(support, "GET", "organizations/?payment=rich").status_code == 422


def test_filters_and_order(counted: None, support: Client, world: Any) -> None:
    with tenancy.platform():
        row = OrganizationStat.objects.get(organization_id=world.organizations["globex"].id)
        row.health_score, row.health_words, row.plan = 40, ["2 parked deliveries"], "growth"
        row.save()
    assert _names(send(support, "GET", "organizations/?health=bad")) == ["Globex Institute"]
    assert _names(send(support, "GET", "organizations/?plan=growth,scale")) == ["Globex Institute"]
    assert _names(send(support, "GET", "organizations/?state=suspended")) == []
    assert _names(send(support, "GET", "organizations/?order=health"))[0] == "Globex Institute"
    assert _names(send(support, "GET", "organizations/?order=-name&state=active"))[-1] == "Acme Academy"
    assert send(support, "GET", "organizations/?order=password").status_code == 422
    assert send(support, "GET", "organizations/?created_after=yesterday").status_code == 422


def test_pages_follow_each_other(counted: None, support: Client) -> None:
    first = send(support, "GET", "organizations/?order=name&limit=1").json()
    assert len(first["items"]) == 1
    second = support.get(first["next"]).json()
    assert second["items"][0]["id"] != first["items"][0]["id"]
    assert second["total"] == first["total"]


def test_a_page_of_the_list_costs_the_same_whatever_it_holds(counted: None, support: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        send(support, "GET", "organizations/")
    few = len(asked)
    with CaptureQueriesContext(connection) as asked:
        send(support, "GET", "organizations/?limit=1")
    assert len(asked) == few <= 10
    assert not any("accounts_member" in query["sql"] for query in asked)


def test_the_csv_holds_the_whole_filtered_list_and_runs_nothing(counted: None, support: Client, world: Any) -> None:
    from tenants.models import Organization

    with tenancy.platform():
        Organization.objects.filter(id=world.organizations["globex"].id).update(name='=cmd("x"),y')
    answer = send(support, "GET", "organizations.csv/")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    names = {row["name"] for row in rows}
    assert {"Acme Academy", '\'=cmd("x"),y'} <= names
    with tenancy.platform():
        assert PlatformAuditEntry.objects.filter(action="organizations.exported").count() == 1


def test_saved_views_are_ones_own(support: Client, operations: Client) -> None:
    made = send(support, "POST", "saved-views/", {"name": "Trials", "query": "?plan=trial"}).json()
    assert made["query"] == "plan=trial"
    assert send(operations, "GET", "saved-views/").json() == {"items": []}
    assert send(operations, "DELETE", f"saved-views/{made['id']}/").status_code == 404
    assert send(support, "DELETE", f"saved-views/{made['id']}/").status_code == 204


# -- one organization -----------------------------------------------------------------------------------------------


def test_the_page_tells_of_one_organization_only(support: Client, world: Any) -> None:
    acme = world.organizations["acme"]
    answer = send(support, "GET", f"organizations/{acme.id}/")
    page = answer.json()
    assert page["owners"] == [{**page["owners"][0], "name": "Olga Owner", "email": "olga@acme.example"}]
    assert page["usage"]["members"] == 6
    assert page["schema"]["release"] == page["schema"]["current"]
    assert page["lifecycle"]["events"]
    everything = answer.content.decode() + send(support, "GET", f"organizations/{acme.id}/timeline/").content.decode()
    for foreign in ("Globex", "globex", "mallory", str(world.organizations["globex"].id)):
        assert foreign not in everything


def test_listing_people_is_recorded_and_finance_does_not(support: Client, world: Any) -> None:
    path = f"organizations/{world.organizations['acme'].id}/people/?q=leo"
    assert _names(send(support, "GET", path)) == ["Leo Learner"]
    with tenancy.platform():
        kept = PlatformAuditEntry.objects.get(action="organization.people_listed")
    assert (kept.organization_id, kept.actor_name) == (world.organizations["acme"].id, "Staff support")
    assert send(browser("finance"), "GET", path).status_code == 403


def test_notes_stand_in_the_timeline(support: Client, world: Any) -> None:
    path = f"organizations/{world.organizations['acme'].id}"
    assert send(support, "POST", f"{path}/notes/", {"body": "Called about invoices."}).status_code == 201
    assert send(support, "GET", f"{path}/notes/").json()["items"][0]["author"] == "Staff support"
    moments = send(support, "GET", f"{path}/timeline/").json()["items"]
    assert moments[0]["detail"] == "Called about invoices."
    assert {moment["kind"] for moment in moments} >= {"note", "lifecycle", "domain"}


def test_the_limit_follows_a_plan_that_finance_gives(db: None, world: Any) -> None:
    path = f"organizations/{world.organizations['acme'].id}/"
    until = iso(now() + timedelta(days=30))
    body = {"plan": "team", "seats": 50, "until": until, "reason": "A pilot", "ticket": "F-1"}
    assert send(browser("support"), "POST", f"{path}given-plans/", body).status_code == 403
    assert send(browser("finance"), "POST", f"{path}given-plans/", body).status_code == 200
    page = send(browser("finance"), "GET", path).json()
    assert (page["plan"], page["usage"]["limit_bytes"]) == ("team", 250 * 10**9)
    # The plan is given there and nowhere else, and nobody types a customer's id: it is made at Stripe.
    again = send(browser("finance"), "PUT", f"{path}plan/", {"plan": "growth", "stripe_customer": "cus_Other123"})
    assert again.status_code == 404


def test_an_id_of_nobody_is_nothing(support: Client) -> None:
    nobody = "01900000-0000-7000-8000-000000000000"
    for path in ("", "people/", "timeline/", "notes/"):
        assert send(support, "GET", f"organizations/{nobody}/{path}").status_code == 404


# -- health ---------------------------------------------------------------------------------------------------------


def test_health_is_full_where_nothing_is_wrong() -> None:
    assert judge(WELL) == (100, [])


@pytest.mark.parametrize(
    ("change", "score", "words"),
    [
        ({"parked": 1}, 70, "1 parked delivery"),
        ({"queue_lag_seconds": 61}, 80, "Queue 61 s behind"),
        ({"queue_lag_seconds": 601}, 60, "Queue 10 min behind"),
        ({"queue_lag_seconds": 601, "served": False}, 100, ""),
        ({"release": 1, "current_release": 2}, 80, "Schema 1, fleet 2"),
        ({"failed_jobs": 2}, 85, "2 failed jobs today"),
        ({"storage_bytes": 95}, 90, "Storage 95 % full"),
        ({"failed_steps": 1}, 40, "Provisioning is stuck"),
        ({"state": "failed"}, 0, "Provisioning failed"),
        ({"state": "deleted", "parked": 9}, 100, ""),
    ],
)
def test_what_is_wrong_takes_points_off(change: dict[str, Any], score: int, words: str) -> None:
    from dataclasses import replace

    found = judge(replace(WELL, **change))
    assert (found[0], (found[1] or [""])[0]) == (score, words)


def test_the_oldest_figures_are_counted_first(counted: None, world: Any) -> None:
    acme, globex = (world.organizations[slug].id for slug in ("acme", "globex"))
    with tenancy.platform():
        OrganizationStat.objects.update(as_of=now())
        OrganizationStat.objects.filter(organization_id=globex).update(as_of=now() - timedelta(hours=1))
        figures.refresh(limit=1)
        assert OrganizationStat.objects.order_by("-as_of").first().organization_id == globex
        figures.mark_due(acme)
        figures.refresh(limit=1)
        assert OrganizationStat.objects.order_by("-as_of").first().organization_id == acme
