"""Releases of the organization schema in the console: what staff see, and the three things they may do."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import tenancy
from core.clock import now
from staff.models import PlatformAuditEntry
from staff.testing import browser
from staff.tests.conftest import send
from tenants.models import DataStepRun, DriftCheck, SchemaDrift, SchemaLedger, SchemaRelease
from tenants.schema.template import current

RELEASE = current().release
WHY = 'ProgrammingError: column "frozen_at" of relation "_tenant" already exists'


@pytest.fixture
def operations(db: None) -> Client:
    return browser("operations")


@pytest.fixture
def stopped(db: None, world: Any) -> Any:
    """The release is stopped: acme is on it, globex failed."""
    with tenancy.platform():
        SchemaRelease.objects.filter(number=RELEASE).update(state="stopped", ring="all", reason="2 of 9 failed; 1 may.")
        acme, globex = (
            SchemaLedger.objects.get(organization_id=world.organizations[name].id, release_id=RELEASE)
            for name in ("acme", "globex")
        )
        SchemaLedger.objects.filter(id=acme.id).update(ring="canary", attempt=1, started_at=now())
        SchemaLedger.objects.filter(id=globex.id).update(
            ring="all", attempt=6, started_at=now(), state="failed", error=WHY
        )
        first = SchemaRelease.objects.get(number=RELEASE - 1)
        SchemaLedger.objects.create(organization_id=globex.organization_id, release=first)
        return globex


def _release(client: Client) -> dict[str, Any]:
    items = send(client, "GET", "fleet-releases/").json()["items"]
    found: dict[str, Any] = next(item for item in items if item["number"] == RELEASE)
    return found


def test_a_release_says_how_far_it_is_and_why_it_is_held(operations: Client, stopped: Any) -> None:
    found = _release(operations)

    assert (found["state"], found["ring"], found["reason"]) == ("stopped", "all", "2 of 9 failed; 1 may.")
    assert (found["is_current"], found["is_running"], found["failed"], found["behind"]) == (True, False, 1, 1)
    assert found["counts"] == [
        {"ring": "all", "state": "failed", "organizations": 1},
        {"ring": "canary", "state": "done", "organizations": 1},
    ]


def test_an_organization_that_failed_says_why(operations: Client, stopped: Any) -> None:
    page = send(operations, "GET", f"fleet-releases/{RELEASE}/organizations/?state=failed").json()

    assert [(item["name"], item["state"], item["attempt"], item["error"]) for item in page["items"]] == [
        ("Globex Institute", "failed", 6, WHY)
    ]
    assert send(operations, "GET", f"fleet-releases/{RELEASE}/organizations/?state=lost").status_code == 422
    assert send(operations, "GET", "fleet-releases/99/organizations/").status_code == 404
    jobs = send(operations, "GET", "jobs/?kind=schema_release&state=failed").json()["items"]
    assert [(job["organization_name"], job["error"], job["can_retry"]) for job in jobs] == [
        ("Globex Institute", WHY, True)
    ]


def test_staff_try_one_again_and_the_record_says_so(operations: Client, stopped: Any) -> None:
    path = f"fleet-releases/{RELEASE}/retry/"
    body = {"reason": "Column dropped", "organization_id": str(stopped.organization_id)}

    answer = send(operations, "POST", path, body)

    assert (answer.status_code, answer.json()) == (202, {"retried": 1})
    with tenancy.platform():
        row = SchemaLedger.objects.get(id=stopped.id)
        assert (row.state, row.attempt) == ("pending", 0)
        entry = PlatformAuditEntry.objects.get(action="schema_release.retried")
        assert (entry.organization_id, entry.reason) == (stopped.organization_id, "Column dropped")
    assert _release(operations)["state"] == "stopped"  # a try is no permission to go on
    assert send(operations, "POST", path, body).status_code == 409
    assert send(operations, "POST", path, {}).status_code == 422


def test_staff_let_it_go_on_and_hold_it_again(operations: Client, stopped: Any) -> None:
    resumed = send(operations, "POST", f"fleet-releases/{RELEASE}/resume/", {"reason": "Mended"})
    assert (resumed.status_code, resumed.json()["state"], resumed.json()["failed"]) == (200, "running", 0)
    assert send(operations, "POST", f"fleet-releases/{RELEASE}/resume/", {"reason": "Again"}).status_code == 409

    paused = send(operations, "POST", f"fleet-releases/{RELEASE}/pause/", {"reason": "Exam day"})
    assert (paused.json()["state"], paused.json()["reason"]) == ("paused", "Exam day")
    assert send(operations, "POST", f"fleet-releases/{RELEASE}/pause/", {"reason": "Again"}).status_code == 409
    with tenancy.platform():
        acts = PlatformAuditEntry.objects.filter(object_type="schema_release").values_list("action", flat=True)
        assert set(acts) == {"schema_release.resumed", "schema_release.paused"}


def test_a_release_that_is_out_is_neither_paused_nor_tried_again(operations: Client) -> None:
    for act in ("pause", "resume", "retry"):
        answer = send(operations, "POST", f"fleet-releases/{RELEASE}/{act}/", {"reason": "Why not"})
        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_do"), act
        assert send(operations, "POST", f"fleet-releases/99/{act}/", {"reason": "Why not"}).status_code == 404


def test_support_sees_and_does_nothing(db: None, stopped: Any) -> None:
    client = browser("support")
    assert _release(client)["failed"] == 1
    for act in ("pause", "resume", "retry"):
        assert send(client, "POST", f"fleet-releases/{RELEASE}/{act}/", {"reason": "No"}).status_code == 403


def test_drift_is_shown_with_what_differs(operations: Client, world: Any) -> None:
    assert send(operations, "GET", "fleet-drift/").json()["items"] == []
    with tenancy.platform():
        DriftCheck.objects.create(checked=8, drifted=1, unknown=0, duration_ms=120)
        SchemaDrift.objects.create(
            organization_id=world.organizations["globex"].id, release=RELEASE, differences=["beside: index by_hand"]
        )

    found = send(operations, "GET", "fleet-drift/").json()

    assert (found["checked"], found["duration_ms"]) == (8, 120)
    assert [(item["name"], item["differences"]) for item in found["items"]] == [
        ("Globex Institute", ["beside: index by_hand"])
    ]


def test_a_data_step_that_failed_is_a_job_that_can_begin_again(operations: Client, world: Any) -> None:
    with tenancy.platform():
        run = DataStepRun.objects.create(
            organization_id=world.organizations["acme"].id,
            release_id=RELEASE,
            name="staff.owner_addresses",
            state="failed",
            attempt=5,
            error="ValueError: odd",
            cursor={"after": 7},
        )
    job = send(operations, "GET", "jobs/?kind=data_step&state=failed").json()["items"][0]
    assert (job["id"], job["error"], job["attempts"]) == (str(run.id), "ValueError: odd", 5)

    assert send(operations, "POST", f"jobs/data_step/{run.id}/retry/", {"reason": "Mended"}).status_code == 200

    with tenancy.platform():
        run.refresh_from_db()
        assert (run.state, run.attempt, run.cursor) == ("pending", 0, {"after": 7})
    assert send(operations, "POST", f"jobs/data_step/{run.id}/retry/", {"reason": "Again"}).status_code == 409
    assert send(operations, "POST", f"jobs/data_step/{run.id}/cancel/", {"reason": "No"}).status_code == 409
