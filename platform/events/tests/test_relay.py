"""The relay takes what the nudges missed: fairly, once a minute, and only for whom it may still be done."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError, connection

import tenancy
from core.clock import now
from core.ids import new_id
from events import delivery, dispatcher, duties
from events.models import OutboxDelivery
from events.tests.conftest import BellRang
from tenancy import TenantRecord
from tests.support import plugin


@pytest.fixture(autouse=True)
def on_the_platform(db: None) -> Iterator[None]:
    with tenancy.platform():
        OutboxDelivery.objects.all().delete()  # in the test's transaction
        yield


def wait_for(organization_id: UUID, count: int, *, generation: int = 1, age: timedelta = timedelta(seconds=10)) -> None:
    """Let an organization have deliveries whose nudges were lost."""
    OutboxDelivery.objects.bulk_create(
        OutboxDelivery(
            message_id=new_id(),
            subscriber="tests.bell",
            organization_id=organization_id,
            generation=generation,
            type=BellRang.type,
            payload={},
            run_at=now() - age + timedelta(milliseconds=number),
        )
        for number in range(count)
    )


def test_a_backlog_of_one_organization_holds_up_nobody() -> None:
    whale, *small = sorted(uuid4() for _ in range(6))
    wait_for(whale, 500, age=timedelta(hours=1))
    for organization_id in small:
        wait_for(organization_id, 2)
    taken = [organization_id for organization_id, _, _ in delivery.take_due(limit=11)]
    assert set(taken[:6]) == {whale, *small}
    assert taken.count(whale) == 2


def test_with_more_organizations_than_places_each_gets_its_turn() -> None:
    organizations = [uuid4() for _ in range(30)]
    with time_machine.travel(now(), tick=False):
        for organization_id in organizations:
            wait_for(organization_id, 5)
    seen: set[UUID] = set()
    for _ in range(3):
        seen |= {organization_id for organization_id, _, _ in delivery.take_due(limit=10)}
    assert seen == set(organizations)


def test_what_is_handed_out_is_not_handed_out_again_until_its_lease_ends() -> None:
    wait_for(uuid4(), 3)
    assert len(delivery.take_due()) == 3
    assert delivery.take_due() == []
    with time_machine.travel(now() + delivery.LEASE + delivery.HEAD_START + timedelta(seconds=1), tick=False):
        assert len(delivery.take_due()) == 3


def test_the_nudge_comes_first_and_a_failure_waits() -> None:
    wait_for(uuid4(), 1, age=timedelta(seconds=1))
    wait_for(uuid4(), 1, age=timedelta(seconds=-30))
    assert delivery.take_due() == []


@pytest.mark.parametrize("state", ["done", "parked", "void"])
def test_what_is_settled_is_not_handed_out(state: str) -> None:
    wait_for(uuid4(), 1)
    OutboxDelivery.objects.update(state=state)
    assert delivery.take_due() == []


def _loader(monkeypatch: pytest.MonkeyPatch, record: TenantRecord) -> None:
    monkeypatch.setattr(settings.TENANT_LOADER, lambda _id: record)


def test_the_relay_sends_for_whom_the_delivery_was_made(world: Any, nudges: list[Any]) -> None:
    acme = world.organizations["acme"]
    wait_for(acme.id, 2, generation=acme.generation)
    assert dispatcher.relay() == 2
    assert {who for who, _ in nudges} == {f"{acme.id}:{acme.generation}"}


def test_what_waited_while_it_was_paused_goes_on_under_the_new_generation(
    world: Any, nudges: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    back = replace(world.organizations["acme"], generation=3)
    _loader(monkeypatch, back)
    wait_for(back.id, 2, generation=1)
    assert dispatcher.relay() == 2
    assert {who for who, _ in nudges} == {f"{back.id}:3"}


def test_what_an_older_self_left_is_void(world: Any, nudges: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    restored = replace(world.organizations["acme"], generation=2, epoch=2)
    _loader(monkeypatch, restored)
    wait_for(restored.id, 3, generation=1)
    wait_for(restored.id, 1, generation=2, age=timedelta(seconds=5))
    assert dispatcher.relay() == 1
    assert [who for who, _ in nudges] == [f"{restored.id}:2"]
    assert OutboxDelivery.objects.filter(generation=1, state="void").count() == 3


def test_what_a_paused_organization_left_waits_for_it(
    world: Any, nudges: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = world.organizations["acme"]
    wait_for(acme.id, 1, generation=acme.generation)
    _loader(monkeypatch, replace(acme, state="suspended"))
    assert dispatcher.relay() == 0
    assert OutboxDelivery.objects.filter(state="pending").count() == 1
    _loader(monkeypatch, acme)
    with time_machine.travel(now() + delivery.LEASE + timedelta(seconds=5), tick=False):
        assert dispatcher.relay() == 1


def test_what_an_organization_that_is_gone_left_stops_nobody(world: Any, nudges: list[Any]) -> None:
    acme = world.organizations["acme"]
    wait_for(uuid4(), 1)
    wait_for(acme.id, 1, generation=acme.generation)
    assert dispatcher.relay() == 1


def test_one_failing_duty_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def fails() -> None:
        raise LookupError

    registered = {
        "fails": duties.Duty("fails", 60, fails),
        "works": duties.Duty("works", 60, lambda: ran.append("works")),
    }
    monkeypatch.setattr(duties, "_duties", registered)
    found = dispatcher.Dispatcher()
    found.run_due()
    found.run_due()  # not due again
    assert ran == ["works"]


def test_one_dispatcher_leads_and_another_takes_over_when_its_session_ends(world: Any, django_db_blocker: Any) -> None:
    taken, end = threading.Event(), threading.Event()
    outcomes: list[bool] = []

    def first() -> None:
        with tenancy.platform():
            outcomes.append(dispatcher.Dispatcher._is_leader())
            outcomes.append(dispatcher.Dispatcher._is_leader())  # asking again changes nothing
            taken.set()
            end.wait(timeout=10)
            pid = connection.connection.get_backend_pid()
            with psycopg2.connect(plugin.stack["LMS_DATABASE_URL"]) as link, link.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            with pytest.raises(OperationalError):
                dispatcher.Dispatcher._is_leader()
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert taken.wait(timeout=10)
    assert not dispatcher.Dispatcher._is_leader()
    end.set()
    thread.join(timeout=10)
    assert outcomes == [True, True]
    assert dispatcher.Dispatcher._is_leader()
