"""The dispatcher's page: who leads, what is late and whose work waits, also while Redis is away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import redis
from django.test import Client

import tenancy
from core.clock import now
from core.ids import new_id
from events.models import DutyRun, Heartbeat, OutboxDelivery, QueuedMail, ScheduledJob
from staff.models import OrganizationStat
from staff.testing import browser
from staff.tests.conftest import send


@pytest.fixture(autouse=True)
def nothing_waits(db: None) -> None:
    with tenancy.platform():
        for model in (OutboxDelivery, QueuedMail, ScheduledJob, DutyRun, Heartbeat):
            model.objects.all().delete()


def _page(who: Client | None = None) -> dict[str, Any]:
    answer = send(who or browser("operations"), "GET", "dispatcher/")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def _deliveries(organization_id: Any, count: int, **values: Any) -> None:
    OutboxDelivery.objects.bulk_create(
        OutboxDelivery(
            message_id=new_id(),
            subscriber="tests.bell",
            organization_id=organization_id,
            generation=1,
            type="lms.tests.bell.rang.v1",
            payload={},
            **values,
        )
        for _ in range(count)
    )


def test_everybody_of_the_staff_may_look_and_nobody_else(db: None) -> None:
    for role in ("support", "operations", "finance"):
        assert _page(browser(role))["heartbeat"]["alive"] is False
    assert Client(headers={"host": "staff.lms.localhost"}).get("/api/v1/dispatcher/").status_code in (401, 403)


def test_it_says_who_leads_and_which_duties_are_late() -> None:
    at = now()
    with tenancy.platform():
        Heartbeat.objects.create(host="node-7", pid=42, since=at - timedelta(hours=1), beat_at=at)
        DutyRun.objects.create(name="media.tidy_keys", started_at=at - timedelta(minutes=11), last_error="Boom\nE: no")
    page = _page()
    assert page["heartbeat"] | {"since": None, "beat_at": None} == {
        "alive": True,
        "host": "node-7",
        "pid": 42,
        "since": None,
        "beat_at": None,
    }
    duties = {duty["name"]: duty for duty in page["duties"]}
    assert duties["media.tidy_keys"]["error"] == "E: no"
    assert 590 <= duties["media.tidy_keys"]["lag_seconds"] <= 610
    assert duties["media.tidy_keys"]["running"] is True
    assert duties["events.purge_outbox"]["started_at"] is None


def test_it_names_whose_deliveries_wait_and_how_long_delivering_takes(world: Any) -> None:
    acme, globex = world.organizations["acme"], world.organizations["globex"]
    with tenancy.platform():
        _deliveries(acme.id, 3)
        _deliveries(globex.id, 1, lease_until=now() + timedelta(minutes=1))
        _deliveries(globex.id, 1, state="parked")
        _deliveries(acme.id, 97, state="done", done_at=now() + timedelta(seconds=2))
    outbox = _page()["outbox"]
    assert (outbox["pending"], outbox["in_flight"], outbox["parked"], outbox["sampled"]) == (4, 1, 1, 101)
    assert 1.5 < outbox["p95_seconds"] < 3
    assert [(one["organization_name"], one["pending"]) for one in outbox["backlogs"]] == [
        ("Acme Academy", 3),
        ("Globex Institute", 1),
    ]


def test_what_is_paused_waits_on_purpose_and_is_not_counted(world: Any) -> None:
    acme = world.organizations["acme"]
    with tenancy.platform():
        _deliveries(acme.id, 3)
        stat, _ = OrganizationStat.objects.get_or_create(organization_id=acme.id)
        stat.organization.state = "suspended"
        stat.organization.save(update_fields=["state"])
        ScheduledJob.objects.create(
            organization_id=acme.id, name="audit.seal", period_seconds=60, next_run_at=now() - timedelta(hours=2)
        )
    page = _page()
    assert (page["outbox"]["pending"], page["outbox"]["backlogs"], page["outbox"]["p95_seconds"]) == (0, [], None)
    assert (page["schedule"]["count"], page["schedule"]["overdue"]) == (0, 0)


def test_it_counts_the_schedule_and_says_what_fails(world: Any) -> None:
    acme, globex = world.organizations["acme"], world.organizations["globex"]
    with tenancy.platform():
        for organization, late, attempts in ((acme, 2, 1), (globex, -2, 0)):
            ScheduledJob.objects.create(
                organization_id=organization.id,
                name="audit.seal",
                period_seconds=86_400,
                next_run_at=now() - timedelta(hours=late),
                attempts=attempts,
                started_at=now(),
                last_error="Traceback\nLookupError: no seal" if attempts else "",
            )
    schedule = _page()["schedule"]
    assert (schedule["count"], schedule["overdue"]) == (2, 1)
    assert 7_190 <= schedule["lag_seconds"] <= 7_210
    (duty,) = [one for one in schedule["duties"] if one["name"] == "audit.seal"]
    assert (duty["organizations"], duty["failing"], duty["error"]) == (2, 1, "LookupError: no seal")


def test_it_counts_mails_that_wait(world: Any) -> None:
    with tenancy.platform():
        QueuedMail.objects.create(organization_id=world.organizations["acme"].id, generation=1, message={})
    mails = _page()["mails"]
    assert (mails["pending"], mails["backlogs"][0]["organization_name"]) == (1, "Acme Academy")


def test_it_answers_while_redis_is_away(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with tenancy.platform():
        _deliveries(world.organizations["acme"].id, 2)
    reached = _page()["broker"]
    assert reached["reachable"] is True
    assert {queue["name"] for queue in reached["queues"]} >= {"default", "events", "media"}
    nobody = redis.Redis.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setattr("events.broker._client", lambda: nobody)
    page = _page()
    assert page["broker"]["reachable"] is False
    assert {queue["pending"] for queue in page["broker"]["queues"]} == {None}
    assert page["outbox"]["pending"] == 2
