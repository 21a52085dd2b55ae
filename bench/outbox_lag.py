"""From the commit of a fact to the commit of its effect, with a hundred facts a second over many organizations."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from bench import product, report
from bench.fleet import fleet as fleets

BAR_SECONDS = 2.0
EVENTS_A_SECOND = 100
SECONDS = 20
PARTS = fleets.DATABASE | {"s3", "worker", "dispatcher"}
SETTLED_WITHIN_SECONDS = 600.0  # what making a thousand organizations has left to do
DRAINED_WITHIN_SECONDS = 60.0


def run() -> None:
    """Measure with as many organizations as ``BENCH_ORGANIZATIONS`` says (default: 20)."""
    with fleets.opened("outbox") as fleet:
        with fleet.running():
            fleet.grow(int(os.environ.get("BENCH_ORGANIZATIONS", "20")))
        with fleet.running(PARTS) as env:
            product.join(env)
            measure([UUID(one["id"]) for one in fleet.roster])


def measure(organization_ids: Sequence[UUID], *, seconds: int = SECONDS) -> None:
    """Publish what learners cause most, a completed lesson, in turn over these organizations of the running product.

    Django must be set up for it, and a worker and a dispatcher running. Prints the figure ``outbox_lag``.
    """
    import tenancy
    from tenants.catalog import load

    records = [load(found) for found in organization_ids]
    with tenancy.platform():
        _wait_until_nothing_waits(SETTLED_WITHIN_SECONDS)
    _publish(records, 2)  # imports, first connections
    since, begun = _publish(records, seconds)
    published_for = time.perf_counter() - begun
    with tenancy.platform():
        _wait_until_nothing_waits(DRAINED_WITHIN_SECONDS)
        lags = _lags(since)
    spread = report.spread(lags)
    report.figure(
        "outbox_lag",
        spread["p95"],
        "s (p95)",
        "<=",
        BAR_SECONDS,
        organizations=len(records),
        events_a_second=round(seconds * EVENTS_A_SECOND / published_for, 1),
        deliveries=len(lags),
        seconds=round(published_for, 1),
        spread=spread,
    )


def _publish(records: Sequence[Any], seconds: int) -> tuple[datetime, float]:
    """Publish at an even pace, each in a transaction of its organization; return when it began, on both clocks."""
    from django.db import transaction

    import tenancy
    from apps.progress.events import ItemCompleted
    from core.clock import now
    from events.api import publish

    started_at, begun = now(), time.perf_counter()
    for number in range(seconds * EVENTS_A_SECOND):
        wait = begun + number / EVENTS_A_SECOND - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        with tenancy.bind(records[number % len(records)]), transaction.atomic():
            publish(ItemCompleted(enrollment=uuid4(), item=uuid4(), version=uuid4(), revision=number))
    return started_at, begun


def _wait_until_nothing_waits(seconds: float) -> None:
    from events.models import OutboxDelivery

    deadline = time.monotonic() + seconds
    while OutboxDelivery.objects.filter(state="pending").exists():
        if time.monotonic() > deadline:
            raise RuntimeError(f"deliveries still wait after {seconds:.0f} s")
        time.sleep(0.2)


def _lags(since: datetime) -> list[float]:
    from apps.progress.events import ItemCompleted
    from core.ids import written_at
    from events.models import OutboxDelivery

    done = OutboxDelivery.objects.filter(type=ItemCompleted.type, run_at__gte=since, state="done")
    return [(done_at - written_at(found)).total_seconds() for found, done_at in done.values_list("id", "done_at")]
