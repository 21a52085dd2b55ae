"""A fact, who listens to it, and the effect that a listener has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import redis
from django.db import connection

import tenancy
from events import base
from events.admission import Lane
from events.api import DomainEvent
from events.delivery import LANE
from events.lanes import LANES
from events.models import IdempotencyKey, OutboxDelivery, OutboxMessage
from tests.support import plugin


@dataclass(frozen=True)
class BellRang(DomainEvent):
    """The fact of these tests."""

    type = "lms.tests.bell.rang.v1"

    bell: UUID
    times: int = 1


Listen = Callable[..., None]


@pytest.fixture
def listen(monkeypatch: pytest.MonkeyPatch) -> Listen:
    """Register a listener of bells for this test only."""
    monkeypatch.setattr(base, "_subscribers", dict(base._subscribers))

    def register(handler: Callable[[BellRang], None], name: str = "tests.bell") -> None:
        base.subscriber(name, BellRang)(handler)

    return register


@pytest.fixture
def rings(world: Any) -> Callable[..., int]:
    """Whether a lane's bell has rung since it was last asked: 0 or 1, however often it did."""
    link = redis.Redis.from_url(plugin.stack["LMS_REDIS_URL"])
    link.delete(*(lane.bell.key for lane in LANES.values()))

    def heard(lane: Lane = LANE) -> int:
        count = link.llen(lane.bell.key)
        link.delete(lane.bell.key)
        return int(count)

    return heard


@pytest.fixture(autouse=True)
def handed_out(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What would leave for the workers: (organization:generation, delivery). Nothing reaches the broker."""
    sent: list[tuple[str, str]] = []

    def send(self: Any, args: Any = None, kwargs: Any = None, **options: Any) -> None:
        sent.extend((f"{organization}:{generation}", row) for organization, generation, row in args[1])

    monkeypatch.setattr("celery.app.task.Task.apply_async", send)
    return sent


@pytest.fixture
def committed(world: Any, django_db_blocker: Any) -> Iterator[None]:
    """The connection as workers have it: no transaction around the test. What these tests wrote is removed."""
    with django_db_blocker.unblock():
        connection.close()
        yield
        with tenancy.platform():
            written = OutboxMessage.objects.filter(type=BellRang.type)
            OutboxDelivery.objects.filter(type=BellRang.type).delete()
            written.delete()
            IdempotencyKey.objects.filter(key__startswith="bell ").delete()
        connection.close()


def leave_a_mark(event: BellRang) -> None:
    """Have an effect that can be counted, in the transaction of the delivery."""
    tenant = tenancy.current()
    IdempotencyKey.objects.create(
        organization_id=tenant.id,
        generation=tenant.generation,
        actor_id=event.bell,
        key=f"bell {IdempotencyKey.objects.count()}",
        request_sha256=b"",
    )


def marks(bell: UUID) -> int:
    """Return how often the bell had its effect."""
    return IdempotencyKey.objects.filter(actor_id=bell).count()
