"""Every organization in use has its periodic duties, in a turn of its own; what is due is handed out once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from celery import current_app as app
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import get_tenant_model

import tenancy
from core.clock import now
from core.ids import new_id, short_name
from events import admission, carrier, duties, schedule
from events.admission import Claimed
from events.models import ScheduledJob
from events.relay import Relay
from events.schedule import LANE

DAY = 24 * 3600
Organization = get_tenant_model()
ran: list[UUID] = []


@pytest.fixture(autouse=True)
def one_duty(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Organizations have one duty in these tests, and nothing is planned yet."""
    monkeypatch.setattr(duties, "_tenant_duties", {})
    duties.tenant_duty("tests.tidy", period_seconds=DAY)(lambda: ran.append(tenancy.current().id))
    ran.clear()
    with tenancy.platform():
        ScheduledJob.objects.all().delete()
        yield


def _organization(state: str = "active") -> UUID:
    found = new_id()
    name = short_name(found)
    Organization.objects.create(
        id=found, name=name, schema_name=f"t_{name}", db_role=f"r_{name}", state=state, terms_accepted_at=now()
    )
    return found


def due(organization_id: UUID, *, since: timedelta = timedelta(minutes=1), name: str = "tests.tidy") -> UUID:
    """Let an organization's duty be due."""
    job, _ = ScheduledJob.objects.update_or_create(
        organization_id=organization_id,
        name=name,
        defaults={"period_seconds": DAY, "next_run_at": now() - since, "lease_until": None},
    )
    return job.id


def rows() -> dict[UUID, datetime]:
    return dict(ScheduledJob.objects.values_list("organization_id", "next_run_at"))


# -- who has rows -----------------------------------------------------------------------------------------------------


def test_organizations_in_use_get_their_rows_whatever_their_number_in_two_statements(world: Any) -> None:
    for number in (1, 40):
        made = [_organization() for _ in range(number)]
        left_out = [_organization(state) for state in ("requested", "provisioning", "failed", "deleted")]
        with CaptureQueriesContext(
            connection,
        ) as asked:
            schedule.keep()
        assert len([query for query in asked if query["sql"].lstrip()[:6] in ("INSERT", "DELETE")]) == 2
        assert len(asked) <= 4  # and the savepoint around them
        assert set(made) <= set(rows())
        assert set(left_out) & set(rows()) == set()
    assert schedule.keep() == 0


def test_turns_are_spread_over_the_period_and_are_where_the_code_says(world: Any) -> None:
    made = [_organization() for _ in range(200)]
    with time_machine.travel(at := now(), tick=False):  # nobody's turn comes before it is looked at
        schedule.keep()
    turns = {organization_id: when for organization_id, when in rows().items() if organization_id in made}
    for organization_id, when in turns.items():
        assert at < when <= at + timedelta(seconds=DAY)
        assert when.timestamp() % DAY == schedule.offset_seconds(organization_id, DAY)
    hours = {when.hour for when in turns.values()}
    assert len(hours) >= 20  # of 24: no herd, although all of them were made in one second


def test_a_deleted_organization_and_a_duty_that_the_code_no_longer_has_take_their_rows_along(world: Any) -> None:
    gone, stays = _organization(), _organization()
    schedule.keep()
    ScheduledJob.objects.create(organization_id=stays, name="tests.old", period_seconds=60, next_run_at=now())
    Organization.objects.filter(id=gone).update(state="deleted")
    assert schedule.keep() == 2
    assert gone not in rows()
    assert not ScheduledJob.objects.filter(name="tests.old").exists()
    assert stays in rows()


def test_another_period_is_another_plan(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _organization()
    schedule.keep()
    monkeypatch.setattr(duties, "_tenant_duties", {})
    duties.tenant_duty("tests.tidy", period_seconds=3600)(lambda: None)
    schedule.keep()
    job = ScheduledJob.objects.get(organization_id=made)
    assert job.period_seconds == 3600
    assert job.next_run_at <= now() + timedelta(hours=1)


# -- what is due ------------------------------------------------------------------------------------------------------


def test_the_longest_due_goes_first_once_and_no_more_than_there_is_room_for(world: Any) -> None:
    made = [_organization() for _ in range(5)]
    for number, organization_id in enumerate(made):
        due(organization_id, since=timedelta(minutes=5 - number))
    first = LANE.claim(each=8, most=3)
    assert {found.organization_id for found in first} == set(made[:3])
    assert LANE.claim(each=8, most=3) == []
    LANE.give_back([first[0].id])
    assert [found.id for found in LANE.claim(each=8, most=3)] == [first[0].id]
    with time_machine.travel(now() + admission.LEASE + timedelta(seconds=1), tick=False):
        assert len(LANE.claim(each=8, most=30)) == 5


def test_what_is_not_due_and_what_rests_is_not_claimed(world: Any) -> None:
    later, paused = _organization(), _organization("suspended")
    due(later, since=timedelta(minutes=-1))
    due(paused)
    assert LANE.claim(each=8, most=8) == []
    Organization.objects.filter(id=paused).update(state="active", generation=3)
    assert [(found.organization_id, found.generation) for found in LANE.claim(each=8, most=8)] == [(paused, 3)]


def test_the_relay_hands_it_out_for_the_organization(world: Any, handed_out: list[Any]) -> None:
    acme = world.organizations["acme"]
    job = due(acme.id)
    assert Relay(LANE).run() == 1
    assert handed_out == [(f"{acme.id}:{acme.generation}", str(job))]


def _carry(job: UUID, record: Any) -> None:
    carrier.carry(LANE, [Claimed(record.id, record.generation, job)], app.tasks["events.tasks.carry"])


def test_a_duty_runs_bound_and_its_next_turn_is_planned(world: Any) -> None:
    acme = world.organizations["acme"]
    job = due(acme.id, since=timedelta(days=3))  # nobody was there: it is made up for once, not three times
    _carry(job, acme)
    row = ScheduledJob.objects.get(id=job)
    assert ran == [acme.id]
    assert now() < row.next_run_at <= now() + timedelta(seconds=DAY)
    assert row.next_run_at.timestamp() % DAY == schedule.offset_seconds(acme.id, DAY)
    assert (row.lease_until, row.attempts, row.last_error) == (None, 0, "")
    assert row.finished_at is not None


def test_a_duty_that_fails_is_tried_again_sooner_and_sooner_or_later_works(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme, working = world.organizations["acme"], dict(duties._tenant_duties)

    def fails() -> None:
        raise LookupError("the shelf is not there")

    monkeypatch.setattr(duties, "_tenant_duties", {"tests.tidy": duties.Duty("tests.tidy", DAY, fails)})
    job = due(acme.id)
    waits = []
    for attempt in (1, 2, 3):
        _carry(job, acme)
        row = ScheduledJob.objects.get(id=job)
        assert (row.attempts, row.lease_until) == (attempt, None)
        waits.append((row.next_run_at - now()).total_seconds())
    assert "the shelf is not there" in row.last_error
    assert waits == sorted(waits)
    assert 30 < waits[0] <= 60
    monkeypatch.setattr(duties, "_tenant_duties", working)
    _carry(job, acme)
    row.refresh_from_db()
    assert (row.attempts, row.last_error) == (0, "")
    assert ran == [acme.id]


def test_a_duty_of_an_organization_that_was_paused_meanwhile_does_not_run(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = world.organizations["acme"]
    job = due(acme.id)
    LANE.claim(each=8, most=8)
    monkeypatch.setattr(settings.TENANT_LOADER_OF_MANY, lambda ids: {acme.id: replace(acme, state="suspended")})
    _carry(job, acme)
    assert ran == []
    assert ScheduledJob.objects.get(id=job).lease_until is None


def test_the_last_bits_of_an_id_decide() -> None:
    assert schedule.offset_seconds(UUID(int=2**100 + 7), DAY) == 7
    assert len({schedule.offset_seconds(uuid4(), 10) for _ in range(200)}) == 10
