"""A fact and its message commit together; its effect happens once, or is tried again until somebody must look."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
import time_machine
from django.db import IntegrityError, connection, transaction

import tenancy
from core.clock import now
from core.errors import DomainError, NotFound
from events import delivery
from events.api import PublishedOutsideTransaction, publish
from events.models import IdempotencyKey, OutboxDelivery, OutboxMessage
from events.tests.conftest import BellRang, Listen, leave_a_mark, marks
from tenancy import TenantRecord


def _only() -> OutboxDelivery:
    with tenancy.platform():
        return OutboxDelivery.objects.get(type=BellRang.type)


def _ring(bell: UUID | None = None) -> UUID:
    with transaction.atomic():
        publish(BellRang(bell or uuid4()))
    return _only().id


def test_a_fact_outside_a_transaction_is_refused(committed: None, world: Any) -> None:
    with tenancy.bind(world.organizations["acme"]), pytest.raises(PublishedOutsideTransaction):
        publish(BellRang(uuid4()))


def test_a_fact_of_nobody_is_refused(db: None) -> None:
    with tenancy.platform(), pytest.raises(tenancy.NoTenantBound):
        publish(BellRang(uuid4()))


def test_a_fact_that_did_not_happen_leaves_no_message(
    committed: None, world: Any, listen: Listen, rings: Callable[[], int]
) -> None:
    listen(leave_a_mark)
    with tenancy.bind(world.organizations["acme"]), transaction.atomic():
        publish(BellRang(uuid4()))
        transaction.set_rollback(True)
    with tenancy.platform():
        assert not OutboxMessage.objects.filter(type=BellRang.type).exists()
        assert not OutboxDelivery.objects.filter(type=BellRang.type).exists()
    assert rings() == 0


def test_each_listener_gets_a_delivery_and_the_bell_rings_after_the_commit(
    committed: None, world: Any, listen: Listen, rings: Callable[[], int], handed_out: list[Any]
) -> None:
    acme = world.organizations["acme"]
    listen(leave_a_mark, "tests.one")
    listen(leave_a_mark, "tests.two")
    with tenancy.bind(acme):
        with transaction.atomic():
            publish(BellRang(uuid4()))
            assert rings() == 0
        assert rings() == 1
        assert set(OutboxDelivery.objects.filter(type=BellRang.type).values_list("subscriber", flat=True)) == {
            "tests.one",
            "tests.two",
        }
    assert handed_out == []  # that is the relay's to do, in everybody's turn


def test_the_bell_rings_after_a_savepoint_that_was_undone(
    committed: None, world: Any, listen: Listen, rings: Callable[[], int]
) -> None:
    listen(leave_a_mark)
    with tenancy.bind(world.organizations["acme"]), transaction.atomic():
        with transaction.atomic():
            publish(BellRang(uuid4()))
            transaction.set_rollback(True)
        publish(BellRang(uuid4()))
    assert rings() == 1


def test_a_fact_is_told_although_redis_is_away(
    committed: None, world: Any, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = redis.Redis.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setattr("events.bell._client", lambda: nobody)
    monkeypatch.setattr("events.bell._Silence.until", 0.0)
    listen(leave_a_mark)
    with tenancy.bind(world.organizations["acme"]):
        _ring(bell := uuid4())
        assert delivery.deliver(_only().id)
        assert marks(bell) == 1


def test_an_organization_reads_no_messages_and_only_its_own_deliveries(
    acme: TenantRecord, globex: TenantRecord, listen: Listen
) -> None:
    listen(leave_a_mark)
    _ring()
    assert OutboxDelivery.objects.filter(type=BellRang.type).count() == 1
    for mine in (acme, globex):
        with tenancy.bind(mine):
            assert set(OutboxDelivery.objects.values_list("organization_id", flat=True)) <= {mine.id}
    with tenancy.bind(globex):
        assert not OutboxDelivery.objects.filter(type=BellRang.type).exists()
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        OutboxMessage.objects.count()


def test_what_a_listener_gets_is_what_was_published(acme: TenantRecord, listen: Listen) -> None:
    heard: list[Any] = []
    listen(lambda event: heard.append((event, tenancy.current())))
    bell = uuid4()
    with transaction.atomic():
        publish(BellRang(bell, times=3))
    delivery.deliver(_only().id)
    assert heard == [(BellRang(bell, times=3), acme)]


def test_an_effect_happens_once_however_often_it_is_delivered(acme: TenantRecord, listen: Listen) -> None:
    listen(leave_a_mark)
    found = _ring(bell := uuid4())
    assert [delivery.deliver(found) for _ in range(3)] == [True, False, False]
    assert marks(bell) == 1
    assert _only().state == "done"


def test_an_effect_happens_once_in_two_workers_at_once(committed: None, world: Any, listen: Listen) -> None:
    acme, inside, outcomes = world.organizations["acme"], threading.Barrier(2), []

    def slowly(event: BellRang) -> None:
        leave_a_mark(event)
        inside.wait(timeout=60)  # the other worker is asked for now
        threading.Event().wait(0.3)

    listen(slowly)
    with tenancy.bind(acme):
        found = _ring(bell := uuid4())

    def work() -> None:
        with tenancy.bind(acme):
            outcomes.append(delivery.deliver(found))
        connection.close()

    first = threading.Thread(target=work)
    first.start()
    inside.wait(timeout=60)
    work()
    first.join()
    assert sorted(outcomes) == [False, True]
    with tenancy.bind(acme):
        assert marks(bell) == 1


def test_no_other_organization_has_the_effect(acme: TenantRecord, globex: TenantRecord, listen: Listen) -> None:
    listen(leave_a_mark)
    found = _ring(bell := uuid4())
    with tenancy.bind(globex):
        assert delivery.deliver(found) is False
    assert _only().state == "pending"
    assert marks(bell) == 0


def test_a_listener_that_fails_undoes_its_effect_backs_off_and_is_parked(acme: TenantRecord, listen: Listen) -> None:
    def fails(event: BellRang) -> None:
        leave_a_mark(event)
        raise LookupError("the lesson is not there yet")

    listen(fails)
    found = _ring(bell := uuid4())
    waits = []
    for attempt in range(1, delivery.MAX_ATTEMPTS + 1):
        with time_machine.travel(at := now(), tick=False):
            assert delivery.deliver(found) is False
        row = _only()
        assert row.attempts == attempt
        waits.append(row.run_at - at)
    assert marks(bell) == 0
    assert row.state == "parked"
    assert "the lesson is not there yet" in row.last_error
    assert timedelta(seconds=1) < waits[0] < timedelta(seconds=3)
    assert all(later > earlier for earlier, later in pairwise(waits[:-1]))
    assert max(waits) <= delivery.MAX_BACKOFF
    assert delivery.deliver(found) is False
    assert _only().attempts == delivery.MAX_ATTEMPTS


def test_a_constraint_that_a_listener_breaks_is_a_failure_like_any_other(acme: TenantRecord, listen: Listen) -> None:
    def twice(event: BellRang) -> None:
        mark = {"organization_id": acme.id, "generation": acme.generation, "actor_id": event.bell, "key": "same"}
        for _ in range(2):
            IdempotencyKey.objects.create(**mark, request_sha256=b"")

    listen(twice)
    found = _ring(bell := uuid4())
    assert delivery.deliver(found) is False
    assert f"{IntegrityError.__name__} [23505]: duplicate key" in _only().last_error.splitlines()[-1]
    assert marks(bell) == 0


CANARY = "c4nary-Of-A-Payload-77"


@pytest.mark.parametrize(
    "raised",
    [
        lambda: LookupError(f"no lesson is called {CANARY!r}"),
        lambda: KeyError(CANARY),
        lambda: ValueError(f"token={CANARY} does not open"),
        lambda: DomainError(f'"{CANARY}" was asked for'),
        lambda: OSError(f"https://hooks.example/in?key={CANARY} does not answer"),
        lambda: RuntimeError(f"mail to {CANARY}@people.example"),
    ],
)
def test_what_is_kept_of_an_error_has_its_class_and_no_value(
    acme: TenantRecord, listen: Listen, raised: Callable[[], Exception]
) -> None:
    def fails(event: BellRang) -> None:
        held = {"password": CANARY, "bell": event.bell}
        raise raised() from ValueError(f"{held}")

    listen(fails)
    assert delivery.deliver(_ring()) is False
    kept = _only().last_error
    assert type(raised()).__name__ in kept.splitlines()[-1]
    assert "in fails" in kept  # where it came from
    assert CANARY not in kept


def test_what_is_kept_of_a_refusal_has_its_code(acme: TenantRecord, listen: Listen) -> None:
    def fails(event: BellRang) -> None:
        raise NotFound

    listen(fails)
    assert delivery.deliver(_ring()) is False
    assert _only().last_error.endswith("NotFound [not_found]: There is nothing here")


def test_a_listener_that_the_code_no_longer_has_waits_for_it(
    acme: TenantRecord, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen(leave_a_mark)
    found = _ring()
    with monkeypatch.context() as release:
        release.setattr("events.base._subscribers", {})
        assert delivery.deliver(found) is False
    assert delivery.deliver(found) is True


def test_what_was_delivered_is_forgotten_after_two_weeks(acme: TenantRecord, listen: Listen) -> None:
    listen(leave_a_mark)
    delivery.deliver(_ring())
    with tenancy.platform():
        delivery.purge()
        assert OutboxDelivery.objects.filter(type=BellRang.type).exists()
        with time_machine.travel(now() + delivery.KEPT_FOR + timedelta(hours=1), tick=False):
            assert delivery.purge() >= 1
        assert not OutboxDelivery.objects.filter(type=BellRang.type).exists()
        assert not OutboxMessage.objects.filter(type=BellRang.type).exists()


@pytest.mark.parametrize("state", ["pending", "parked"])
def test_what_nobody_has_settled_is_never_forgotten(acme: TenantRecord, listen: Listen, state: str) -> None:
    listen(leave_a_mark)
    found = _ring()
    with tenancy.platform():
        OutboxDelivery.objects.filter(id=found).update(state=state)
        with time_machine.travel(now() + 10 * delivery.KEPT_FOR, tick=False):
            delivery.purge()
        assert OutboxDelivery.objects.filter(id=found).exists()
        assert OutboxMessage.objects.filter(type=BellRang.type).exists()
