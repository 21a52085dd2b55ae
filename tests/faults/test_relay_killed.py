"""kill -9 of a relay inside a claim and of a worker inside a delivery; many at once: caps hold, each effect once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
import time_machine
from django.conf import settings
from django.db import connection

import tenancy
from core.clock import now
from core.ids import new_id
from events import admission, broker
from events.delivery import LANE
from events.models import IdempotencyKey, OutboxDelivery
from events.relay import Relay
from events.tests.conftest import BellRang, marks
from tenancy import TenantRecord
from tests.support import plugin

MOST_STATEMENTS = 40


class Mortal:
    """The process that forks relays and workers and lets them die."""

    def __init__(self) -> None:
        environment = {**os.environ, **plugin.stack, "PYTHONPATH": f"{plugin.ROOT}:{plugin.ROOT / 'platform'}"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.dying_worker"],
            cwd=plugin.ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: object) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)


@pytest.fixture(scope="module")
def mortal(world: Any) -> Iterator[Mortal]:
    found = Mortal()
    yield found
    found.close()


@pytest.fixture
def queue(world: Any) -> Iterator[redis.Redis]:
    """The broker, with nothing in the dispatcher's queue."""
    with redis.Redis.from_url(plugin.stack["LMS_REDIS_URL"]) as link:
        link.delete(broker.QUEUE)
        yield link
        link.delete(broker.QUEUE)


@pytest.fixture
def committed(world: Any, django_db_blocker: Any) -> Iterator[None]:
    """The connection as processes have it; nothing waits but what the test writes."""
    with django_db_blocker.unblock():
        connection.close()
        with tenancy.platform():
            put_aside = OutboxDelivery.objects.filter(state="pending")
            put_aside.update(state="void")
            yield
            OutboxDelivery.objects.filter(type=BellRang.type).delete()
            IdempotencyKey.objects.filter(key__startswith="bell ").delete()
        connection.close()


def wait_for(organization: TenantRecord | UUID, count: int) -> UUID:
    """Let an organization have deliveries that are due; return the bell that rang."""
    bell = uuid4()
    found = organization if isinstance(organization, UUID) else organization.id
    OutboxDelivery.objects.bulk_create(
        OutboxDelivery(
            message_id=new_id(),
            subscriber="tests.bell",
            organization_id=found,
            generation=1 if isinstance(organization, UUID) else organization.generation,
            type=BellRang.type,
            payload={"bell": str(bell)},
            run_at=now() - timedelta(seconds=1),
        )
        for _ in range(count)
    )
    return bell


def test_a_relay_that_is_killed_anywhere_loses_nothing_and_exceeds_nothing(
    committed: None, world: Any, mortal: Mortal, queue: redis.Redis
) -> None:
    acme, deaths = world.organizations["acme"], 0
    for statement in range(1, MOST_STATEMENTS):
        OutboxDelivery.objects.filter(type=BellRang.type).delete()
        queue.delete(broker.QUEUE)
        wait_for(acme, 10)
        outcome = mortal.run("relay", statement)
        flying = LANE.in_flight()
        assert flying in (0, settings.JOBS_IN_FLIGHT_EACH)  # the claim is there as a whole or not at all
        assert queue.llen(broker.QUEUE) <= flying  # in messages of one row or more
        with time_machine.travel(now() + admission.LEASE + timedelta(seconds=1), tick=False):
            # Whatever the dead one held is handed out by the next.
            assert Relay(LANE).run() == settings.JOBS_IN_FLIGHT_EACH
        if outcome != "killed":
            assert outcome == str(settings.JOBS_IN_FLIGHT_EACH)
            break
        deaths += 1
    assert deaths >= 3  # the lock, the claim, the question how organizations stand
    assert outcome != "killed"


def test_a_worker_that_is_killed_anywhere_has_its_effect_once(
    committed: None, world: Any, mortal: Mortal, queue: redis.Redis
) -> None:
    acme, deaths = world.organizations["acme"], 0
    for statement in range(1, MOST_STATEMENTS):
        bell = wait_for(acme, 1)
        (row,) = LANE.claim(each=1, most=1)
        outcome = mortal.run("deliver", acme.id, row.id, statement)
        before = marks_of(acme, bell)
        again = mortal.run("deliver", acme.id, row.id, 0)
        # Effect and mark are one commit: what died before it is done by the second, what died behind it is done.
        assert (before, again) in ((0, "True"), (1, "False"))
        assert marks_of(acme, bell) == 1
        if outcome != "killed":
            assert outcome == "True"
            break
        deaths += 1
    assert deaths >= 3  # the mark, and what the effect is made of
    assert outcome != "killed"


def marks_of(organization: TenantRecord, bell: UUID) -> int:
    with tenancy.bind(organization):
        return marks(bell)


def test_what_a_worker_is_at_work_on_is_not_handed_out_when_its_lease_ends(
    committed: None, world: Any, django_db_blocker: Any
) -> None:
    from django.db import transaction

    acme, inside, end = world.organizations["acme"], threading.Event(), threading.Event()
    wait_for(acme, 2)
    at_work, _ = LANE.claim(each=2, most=2)

    def slowly() -> None:
        with tenancy.bind(acme), transaction.atomic():
            OutboxDelivery.objects.filter(id=at_work.id, state="pending").update(state="done", done_at=now())
            inside.set()
            end.wait(timeout=60)
        connection.close()

    worker = threading.Thread(target=slowly)
    worker.start()
    assert inside.wait(timeout=60)
    with time_machine.travel(now() + admission.LEASE + timedelta(seconds=1), tick=False):
        again = LANE.claim(each=2, most=2)  # does not wait for the worker either
    end.set()
    worker.join(timeout=60)
    assert len(again) == 1
    assert at_work.id not in {found.id for found in again}


def test_caps_hold_however_many_claim_at_once(committed: None, world: Any) -> None:
    for _ in range(8):
        wait_for(uuid4(), 20)
    start, taken, lock = threading.Barrier(6), [], threading.Lock()

    def claims() -> None:
        with tenancy.platform():
            start.wait(timeout=60)
            for _ in range(5):
                found = LANE.claim(each=3, most=17)
                with lock:
                    taken.extend(found)
        connection.close()

    threads = [threading.Thread(target=claims) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(taken) == len({found.id for found in taken}) == 17
    mine = [found.organization_id for found in taken]
    assert max(mine.count(found) for found in mine) <= 3
