"""The relay hands out a little at a time, in turn, and only for whom it may be done."""

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
from celery.exceptions import OperationalError as BrokerAway
from django.conf import settings
from django.db import OperationalError, connection

import tenancy
from core.clock import now
from core.ids import new_id
from events import admission, delivery, dispatcher, duties
from events.delivery import LANE
from events.models import OutboxDelivery
from events.relay import REST_SECONDS, Relay
from events.tests.conftest import BellRang
from tenancy import Standing, TenantRecord
from tests.support import plugin

ALL = 1_000


@pytest.fixture(autouse=True)
def on_the_platform(db: None) -> Iterator[None]:
    with tenancy.platform():
        OutboxDelivery.objects.all().delete()  # in the test's transaction
        yield


def wait_for(organization_id: UUID, count: int, *, generation: int = 1, age: timedelta = timedelta(seconds=10)) -> None:
    """Let an organization have deliveries that are due since ``age``."""
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


def claim(*, each: int = ALL, most: int = ALL, after: UUID = admission.FIRST) -> list[UUID]:
    """Claim, and return whose turn it was, in order."""
    return [found.organization_id for found in LANE.claim(each=each, most=most, after=after)]


def settle(organization_id: UUID, count: int) -> None:
    """Let workers finish ``count`` of what an organization has in flight."""
    flying = OutboxDelivery.objects.filter(
        organization_id=organization_id, state="pending", lease_until__isnull=False
    ).values_list("id", flat=True)
    OutboxDelivery.objects.filter(id__in=list(flying[:count])).update(state="done")


# -- whose turn it is -------------------------------------------------------------------------------------------------


def test_attack_15_twenty_newcomers_are_the_next_twenty_after_a_whale() -> None:
    whale, *newcomers = sorted(uuid4() for _ in range(21))
    wait_for(whale, 5_000, age=timedelta(hours=1))
    assert claim(each=4, most=32) == [whale] * 4
    for organization_id in reversed(newcomers):
        wait_for(organization_id, 2, age=timedelta(0))
    settle(whale, 1)
    with time_machine.travel(now() + timedelta(seconds=1), tick=False):
        assert claim(each=4, most=3 + 20, after=whale) == newcomers


def test_everybodys_first_comes_before_anybodys_second() -> None:
    whale, *small = sorted(uuid4() for _ in range(6))
    wait_for(whale, 500, age=timedelta(hours=1))
    for organization_id in small:
        wait_for(organization_id, 2)
    assert claim(most=11) == [whale, *small, whale, *small[:4]]


def test_with_more_organizations_than_places_it_goes_round() -> None:
    organizations = sorted(uuid4() for _ in range(30))
    for number, organization_id in enumerate(organizations):
        wait_for(organization_id, 50, age=timedelta(minutes=number))
    after, seen = admission.FIRST, []
    for _ in range(6):
        taken = claim(each=4, most=10, after=after)
        after, seen = taken[-1], [*seen, *taken]
        OutboxDelivery.objects.filter(lease_until__isnull=False).update(state="done")
    assert seen == organizations * 2


def test_of_one_organization_the_longest_due_goes_first() -> None:
    acme = uuid4()
    wait_for(acme, 5)
    wait_for(acme, 1, age=timedelta(hours=1))
    oldest = OutboxDelivery.objects.order_by("run_at").first()
    assert oldest
    assert [found.id for found in LANE.claim(each=1, most=ALL)] == [oldest.id]


# -- how much is out at once ------------------------------------------------------------------------------------------


def test_no_organization_has_more_in_flight_than_its_share() -> None:
    whale = uuid4()
    wait_for(whale, 50)
    assert len(claim(each=4)) == 4
    assert claim(each=4) == []
    settle(whale, 3)
    assert len(claim(each=4)) == 3
    assert LANE.in_flight() == 4


def test_no_more_is_in_flight_than_there_is_room_for() -> None:
    for _ in range(10):
        wait_for(uuid4(), 3)
    assert len(claim(most=7)) == 7
    assert claim(most=7) == []
    assert len(claim(most=9)) == 2


def test_what_is_handed_out_is_not_handed_out_again_until_its_lease_ends() -> None:
    wait_for(uuid4(), 3)
    assert len(claim()) == 3
    assert claim() == []
    with time_machine.travel(now() + admission.LEASE + timedelta(seconds=1), tick=False):
        assert LANE.in_flight() == 0
        assert len(claim()) == 3


def test_a_failure_waits_and_holds_no_place() -> None:
    acme = uuid4()
    wait_for(acme, 2)
    (failing, *_) = LANE.claim(each=1, most=1)
    delivery._record_failure(failing.id, "not yet")
    row = OutboxDelivery.objects.get(id=failing.id)
    assert (row.attempts, row.lease_until) == (1, None)
    assert row.run_at > now()
    assert [found.id for found in LANE.claim(each=4, most=4)] != [failing.id]
    assert LANE.in_flight() == 1


@pytest.mark.parametrize("state", ["done", "parked", "void"])
def test_what_is_settled_is_not_handed_out(state: str) -> None:
    wait_for(uuid4(), 1)
    OutboxDelivery.objects.update(state=state)
    assert claim() == []


# -- for whom ---------------------------------------------------------------------------------------------------------


def _standing(monkeypatch: pytest.MonkeyPatch, record: TenantRecord) -> None:
    found = Standing(record.is_active, record.generation, record.epoch)
    monkeypatch.setattr(settings.TENANT_STANDINGS, lambda ids: dict.fromkeys(ids, found))


def test_the_relay_sends_for_whom_the_delivery_was_made(world: Any, handed_out: list[Any]) -> None:
    acme, globex = world.organizations["acme"], world.organizations["globex"]
    wait_for(acme.id, 2, generation=acme.generation)
    wait_for(globex.id, 1, generation=globex.generation)
    assert Relay(LANE).run() == 3
    told = [f"{found.id}:{found.generation}" for found in (acme, globex)]
    assert sorted({who for who, _ in handed_out}) == sorted(told)
    assert {what for _, what in handed_out} == {
        str(found) for found in OutboxDelivery.objects.values_list("id", flat=True)
    }


def test_what_waited_while_it_was_paused_goes_on_under_the_new_generation(
    world: Any, handed_out: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    back = replace(world.organizations["acme"], generation=3)
    _standing(monkeypatch, back)
    wait_for(back.id, 2, generation=1)
    assert Relay(LANE).run() == 2
    assert {who for who, _ in handed_out} == {f"{back.id}:3"}


def test_what_an_older_self_left_is_void(world: Any, handed_out: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    restored = replace(world.organizations["acme"], generation=2, epoch=2)
    _standing(monkeypatch, restored)
    wait_for(restored.id, 3, generation=1)
    wait_for(restored.id, 1, generation=2, age=timedelta(seconds=5))
    assert Relay(LANE).run() == 1
    assert [who for who, _ in handed_out] == [f"{restored.id}:2"]
    assert OutboxDelivery.objects.filter(generation=1, state="void").count() == 3


def test_what_a_paused_organization_left_waits_for_it(
    world: Any, handed_out: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.relay.REST_SECONDS", 60.0)  # however slow the machine is
    acme = world.organizations["acme"]
    wait_for(acme.id, 1, generation=acme.generation)
    relay = Relay(LANE)
    _standing(monkeypatch, replace(acme, state="suspended"))
    assert relay.run() == 0
    assert OutboxDelivery.objects.filter(state="pending", lease_until=None).count() == 1
    _standing(monkeypatch, acme)
    assert relay.run() == 0  # it rests: asking for each of a thousand paused ones at each bell would cost
    monkeypatch.setattr(relay, "_resting", {})
    assert relay.run() == 1
    assert REST_SECONDS <= 5


def test_many_that_are_paused_take_nobodys_place(
    world: Any, handed_out: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = world.organizations["acme"]
    for _ in range(2 * settings.JOBS_IN_FLIGHT):
        wait_for(UUID(int=new_id().int % 2**100), 3)  # gone, and before everybody in the order of ids
    wait_for(acme.id, 1, generation=acme.generation)
    assert Relay(LANE).run() == 1
    assert LANE.in_flight() == 1


def test_nothing_is_claimed_while_the_broker_is_away_or_full(
    world: Any, handed_out: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = world.organizations["acme"]
    wait_for(acme.id, 1, generation=acme.generation)
    for found in (None, [settings.JOBS_IN_FLIGHT]):
        with monkeypatch.context() as outage:
            outage.setattr("events.broker.lengths", lambda queues, found=found: found)
            assert Relay(LANE).run() == 0
    assert LANE.in_flight() == 0
    assert Relay(LANE).run() == 1


def test_what_the_broker_did_not_take_is_given_back(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    acme = world.organizations["acme"]
    wait_for(acme.id, 3, generation=acme.generation)
    sent: list[Any] = []

    def send(*args: Any, **_: Any) -> None:
        if sent:
            raise BrokerAway
        sent.append(args)

    monkeypatch.setattr("celery.app.task.Task.apply_async", send)
    with pytest.raises(BrokerAway):
        Relay(LANE).run()
    assert LANE.in_flight() == 1


# -- the dispatcher ---------------------------------------------------------------------------------------------------


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
            end.wait(timeout=60)
            pid = connection.connection.get_backend_pid()
            with psycopg2.connect(plugin.stack["LMS_DATABASE_URL"]) as link, link.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 30000)", [pid])  # and wait until it ended
            with pytest.raises(OperationalError):
                dispatcher.Dispatcher._is_leader()
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert taken.wait(timeout=60)
    assert not dispatcher.Dispatcher._is_leader()
    end.set()
    thread.join(timeout=60)
    assert outcomes == [True, True]
    assert dispatcher.Dispatcher._is_leader()
