"""Capacity: what the fleet takes is said in figures, and idle organizations are found without a look at a schema."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import tenancy
from core.clock import now
from staff.console import figures
from staff.models import OrganizationStat, PlatformAuditEntry
from staff.testing import browser
from staff.tests.conftest import send
from tests.support import plugin


@pytest.fixture
def support(db: None) -> Client:
    return browser("support")


@pytest.fixture
def counted(db: None, world: Any) -> None:
    """Figures of both organizations; Globex was seen today, nobody of Acme for a hundred days."""
    with tenancy.platform():
        figures.refresh()
        acme, globex = (world.organizations[slug].id for slug in ("acme", "globex"))
        today = now().date()
        OrganizationStat.objects.update(last_seen_on=today)
        OrganizationStat.objects.filter(organization_id=acme).update(last_seen_on=today - timedelta(days=100))
        OrganizationStat.objects.filter(organization_id=globex).update(last_seen_on=today)


def _names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [item["name"] for item in answer.json()["items"]]


# -- idle organizations ---------------------------------------------------------------------------------------------


def test_who_was_not_seen_for_long_is_listed_with_what_it_takes(counted: None, support: Client, world: Any) -> None:
    answer = send(support, "GET", "idle-organizations/").json()

    (acme,) = answer["items"]
    assert (acme["name"], acme["host"], acme["state"]) == ("Acme Academy", "acme.lms.localhost", "active")
    assert (acme["idle_days"], acme["members"]) == (100, 6)
    assert acme["schema_bytes"] > 1_000_000  # some sixty tables with their indexes
    assert 0 < acme["schema_tables_used"] < acme["schema_tables"]
    assert acme["schema_counted_at"] is not None
    assert (answer["total"], answer["schema_bytes"]) == (1, acme["schema_bytes"])


def test_days_decide_to_the_day(counted: None, support: Client) -> None:
    assert _names(send(support, "GET", "idle-organizations/?days=100")) == ["Acme Academy"]
    assert _names(send(support, "GET", "idle-organizations/?days=101")) == []


def test_who_was_never_seen_counts_from_its_first_day(counted: None, support: Client, world: Any) -> None:
    from tenants.models import Organization

    with tenancy.platform():
        globex = world.organizations["globex"].id
        OrganizationStat.objects.filter(organization_id=globex).update(last_seen_on=None)
        Organization.objects.filter(id=globex).update(created_at=now() - timedelta(days=200))
    answer = send(support, "GET", "idle-organizations/").json()
    assert [(item["name"], item["idle_days"]) for item in answer["items"]] == [
        ("Globex Institute", 200),
        ("Acme Academy", 100),
    ]
    assert answer["items"][0]["last_seen_on"] is None


def test_order_state_and_pages(counted: None, support: Client, world: Any) -> None:
    with tenancy.platform():
        OrganizationStat.objects.update(last_seen_on=now().date() - timedelta(days=400))
        OrganizationStat.objects.filter(organization_id=world.organizations["globex"].id).update(schema_bytes=1)
    largest = _names(send(support, "GET", "idle-organizations/?order=-schema"))
    assert largest.index("Acme Academy") < largest.index("Globex Institute")
    assert _names(send(support, "GET", "idle-organizations/?state=suspended")) == []
    first = send(support, "GET", "idle-organizations/?order=-schema&limit=1").json()
    second = send(support, "GET", first["next"].removeprefix("/api/v1/")).json()
    assert [first["items"][0]["name"], second["items"][0]["name"]] == largest[:2]


@pytest.mark.parametrize("query", ["days=0", "days=x", "days=99999", "order=age", "state=deleted"])
def test_what_cannot_be_asked_is_said(support: Client, query: str) -> None:
    answer = send(support, "GET", f"idle-organizations/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_who_is_gone_takes_no_place(counted: None, support: Client, world: Any) -> None:
    from tenants.models import Organization

    with tenancy.platform():
        Organization.objects.filter(id=world.organizations["acme"].id).update(state="deleted")
    assert _names(send(support, "GET", "idle-organizations/")) == []


def test_a_page_visits_no_schema(counted: None, support: Client) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(_names(send(support, "GET", "idle-organizations/"))) == 1
    assert not [query["sql"] for query in asked.captured_queries if 'SET search_path = "t_' in query["sql"]]
    assert not [query["sql"] for query in asked.captured_queries if "pg_total_relation_size" in query["sql"]]


def test_the_file_holds_all_of_them_and_is_recorded(counted: None, support: Client) -> None:
    answer = support.get("/api/v1/idle-organizations.csv/?days=30")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["name"], row["idle_days"]) for row in rows] == [("Acme Academy", "100")]
    assert int(rows[0]["schema_bytes"]) > 0
    with tenancy.platform():
        act = PlatformAuditEntry.objects.filter(action="organizations.exported").latest("at")
        assert act.changes == {"query": [None, "days=30"]}


# -- sizes ----------------------------------------------------------------------------------------------------------


def test_a_schema_is_measured_once_a_day_and_few_of_a_batch(db: None, world: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("staff.console.figures.SIZES_A_BATCH", 1)
    with tenancy.platform():
        OrganizationStat.objects.all().delete()
        figures.refresh()
        first = set(OrganizationStat.objects.exclude(schema_bytes=None).values_list("organization_id", flat=True))
        assert len(first) == 1
        figures.refresh()
        rows = {row.organization_id: row for row in OrganizationStat.objects.exclude(schema_bytes=None)}
        assert len(rows) == 2
        known = first.pop()
        before = rows[known].schema_counted_at
        figures.refresh()
        assert OrganizationStat.objects.get(organization_id=known).schema_counted_at == before
        OrganizationStat.objects.update(schema_counted_at=before - timedelta(days=2))
        figures.refresh_one(known)
        assert OrganizationStat.objects.get(organization_id=known).schema_counted_at > before


# -- capacity -------------------------------------------------------------------------------------------------------


def test_the_fleets_capacity_is_said(counted: None, support: Client, settings: Any) -> None:
    with psycopg2.connect(plugin.owner["LMS_OWNER_DATABASE_URL"], application_name="lms-other"):
        found = send(support, "GET", "fleet-capacity/").json()

    pool = found["pool"]
    assert (pool["floor"], pool["ceiling"], pool["cap_an_hour"]) == (
        settings.POOL_TARGET,
        settings.POOL_CEILING,
        settings.POOL_CAP,
    )
    assert pool["target"] >= pool["floor"]
    assert pool["state"] in ("full", "filling", "capped")

    backends = {(one["login"], one["process"]): one for one in found["connections"]["backends"]}
    own = backends["lms_app", "lms-worker"]  # this process
    assert own["count"] >= 1
    assert own["active"] >= 1
    assert own["oldest_at"] is not None
    assert backends["lms_owner", "lms-other"]["count"] == 1
    assert found["connections"]["used"] == sum(one["count"] for one in backends.values())
    assert found["connections"]["limit"] > found["connections"]["used"]

    assert found["schemas"]["measured"] >= 2
    assert found["schemas"]["bytes"] > 0
    assert found["limits"]["connection_tenants"] == settings.CONNECTION_TENANTS
    assert {rate["name"] for rate in found["limits"]["rates"]} == set(settings.RATE_LIMITS)


def test_it_is_for_staff(db: None, leo: Any) -> None:
    assert leo.client().get("/api/v1/fleet-capacity/").status_code == 404
    anonymous = Client(headers={"host": "staff.lms.localhost"})
    assert anonymous.get("/api/v1/fleet-capacity/").status_code == 401
    assert anonymous.get("/api/v1/idle-organizations/").status_code == 401
