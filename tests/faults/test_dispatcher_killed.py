"""Two dispatchers and a worker as real processes: kill -9 of the one that leads, with work in flight."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
from django.db import connection

import tenancy
from core.clock import now
from core.ids import new_id
from events import broker
from events.models import Heartbeat, IdempotencyKey, OutboxDelivery
from events.tests.conftest import BellRang
from tests.support import plugin

BELLS = 600  # so many that one who looks seldom sees the leader in the middle of them
PATIENCE_SECONDS = 240.0


@pytest.fixture
def committed(world: Any, django_db_blocker: Any) -> Iterator[None]:
    """The connection as processes have it; nothing waits but what the test writes."""
    with django_db_blocker.unblock():
        connection.close()
        with tenancy.platform(), redis.Redis.from_url(plugin.stack["LMS_REDIS_URL"]) as link:
            OutboxDelivery.objects.filter(state="pending").update(state="void")
            Heartbeat.objects.all().delete()
            link.delete(broker.QUEUE)
            yield
            OutboxDelivery.objects.filter(type=BellRang.type).delete()
            IdempotencyKey.objects.filter(key__startswith="bell ").delete()
            link.delete(broker.QUEUE)
        connection.close()


@contextlib.contextmanager
def process(*argv: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, **plugin.stack, "PYTHONPATH": f"{plugin.ROOT}:{plugin.ROOT / 'platform'}"}
    found = subprocess.Popen([sys.executable, *argv], cwd=plugin.ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield found
    finally:
        found.terminate()
        try:
            found.wait(timeout=60)
        except subprocess.TimeoutExpired:
            found.kill()
            found.wait()


def until(holds: Callable[[], object]) -> None:
    """Look fifty times a second until it holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


def ring(world: Any, count: int) -> list[UUID]:
    """Let bells have rung in both organizations whose signals to the relay were lost; return them."""
    bells = [uuid4() for _ in range(count)]
    organizations = [world.organizations["acme"], world.organizations["globex"]]
    OutboxDelivery.objects.bulk_create(
        OutboxDelivery(
            message_id=new_id(),
            subscriber="tests.bell",
            organization_id=organizations[number % 2].id,
            generation=organizations[number % 2].generation,
            type=BellRang.type,
            payload={"bell": str(bell)},
            run_at=now() - timedelta(seconds=1),
        )
        for number, bell in enumerate(bells)
    )
    return bells


def done() -> int:
    return OutboxDelivery.objects.filter(type=BellRang.type, state="done").count()


def leader() -> int | None:
    return Heartbeat.objects.values_list("pid", flat=True).first()


def test_the_one_that_stands_by_takes_over_and_each_effect_happens_once(committed: None, world: Any) -> None:
    with process("-m", "tests.support.bell_worker"), process("manage.py", "dispatcher") as first:
        until(lambda: leader() == first.pid)
        with process("manage.py", "dispatcher") as second:
            bells = ring(world, BELLS)
            until(lambda: done() >= BELLS // 10)
            first.kill()
            first.wait(timeout=90)
            assert done() < BELLS, "it was killed too late to tell"
            until(lambda: done() == BELLS)
            until(lambda: leader() == second.pid)
    marks = list(IdempotencyKey.objects.filter(actor_id__in=bells).values_list("actor_id", flat=True))
    assert sorted(marks) == sorted(bells)


def test_a_bell_that_is_lost_costs_a_moment_and_no_work(committed: None, world: Any) -> None:
    with process("-m", "tests.support.bell_worker"), process("manage.py", "dispatcher") as only:
        until(lambda: leader() == only.pid)
        bells = ring(world, 4)  # rows without a signal: only looking finds them
        until(lambda: done() == len(bells))
    assert IdempotencyKey.objects.filter(actor_id__in=bells).count() == len(bells)
