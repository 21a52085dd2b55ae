"""An organization with five thousand jobs beside another: how long the other's jobs wait, and its requests."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from bench import product, report
from bench.fleet import fleet as fleets
from devstack import stack
from devstack.demo.browser import Browser

JOBS = 5_000
DELAY_BAR_SECONDS = 30.0
REQUEST_BAR = 1.5
SECONDS = 15
REQUESTS_A_SECOND = 20
JOB_EVERY_SECONDS = 0.5
_BATCH = 250  # facts a transaction
# What is measured is not how soon somebody is told to come back later.
UNLIMITED = dict.fromkeys(("LMS_RATE_ORGANIZATION", "LMS_RATE_PERSON", "LMS_RATE_VISITOR", "LMS_RATE_ADDRESS"), "off")


def run() -> None:
    """Measure on the whole running product: alone, beside the whale, alone again."""
    with fleets.opened("fairness") as fleet:
        with fleet.running():
            fleet.grow(2)
        with fleet.running(frozenset(stack.NAMES), UNLIMITED) as env:
            product.join(env)
            _measure(*fleet.roster, port=env.settings.ports["front"])


def _measure(whale: dict[str, Any], other: dict[str, Any], *, port: int) -> None:
    visitor = Browser(other["host"], port)
    visitor.cookies.update(other["cookies"])
    _requests(visitor, other, 3)  # each process imports what it needs
    before = _requests(visitor, other, SECONDS)
    _burden(whale)
    waiting = _waiting(whale)
    with _jobs(other) as delays:
        beside = _requests(visitor, other, SECONDS)
    left = _waiting(whale)
    drained_at_rate = (waiting - left) / SECONDS
    if not left:
        raise RuntimeError(f"the whale had only {waiting} jobs left: nothing was measured beside it")
    _until_done(whale)
    after = _requests(visitor, other, SECONDS)
    sizes = {"whale_jobs": JOBS, "waiting": waiting, "left": left, "whale_jobs_a_second": round(drained_at_rate, 1)}
    report.figure(
        "fair_job_delay",
        max(delays),
        "s (max)",
        "<=",
        DELAY_BAR_SECONDS,
        jobs=len(delays),
        spread=report.spread(delays),
        **sizes,
    )
    alone = [report.spread(samples)["p95"] for samples in (before, after)]
    report.figure(
        "fair_request_p95",
        report.spread(beside)["p95"] / (sum(alone) / 2),
        "x alone",
        "<=",
        REQUEST_BAR,
        requests=len(beside),
        requests_a_second=REQUESTS_A_SECOND,
        beside_s=report.spread(beside),
        alone_before_s=report.spread(before),
        alone_after_s=report.spread(after),
    )


def _requests(visitor: Browser, who: dict[str, Any], seconds: int) -> list[float]:
    """Ask as a learner does, at an even pace; return how long each answer took."""
    base = f"/api/v1/enrollments/{who['enrollment']}/"
    paths = ("/api/v1/me/", f"{base}outline/", f"{base}items/{who['lesson']}/")
    samples, begun = [], time.perf_counter()
    for number in range(seconds * REQUESTS_A_SECOND):
        wait = begun + number / REQUESTS_A_SECOND - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        asked = time.perf_counter()
        visitor.call("GET", paths[number % len(paths)])
        samples.append(time.perf_counter() - asked)
    return samples


def _burden(whale: dict[str, Any]) -> None:
    """Let five thousand jobs wait for the whale: each computes a learner's progress anew."""
    for _ in range(JOBS // _BATCH):
        _publish(whale, _BATCH)


def _publish(who: dict[str, Any], count: int) -> None:
    from django.db import transaction

    import tenancy
    from apps.enrollments.events import EnrollmentsMoved
    from core.ids import new_id
    from events.api import publish
    from tenants.catalog import load

    with tenancy.bind(load(UUID(who["id"]))), transaction.atomic():
        for _ in range(count):
            publish(EnrollmentsMoved(course=new_id(), version=new_id(), enrollments=[who["enrollment"]]))


@contextmanager
def _jobs(who: dict[str, Any]) -> Iterator[list[float]]:
    """Publish one job of ``who`` every half second meanwhile; at the end the list holds how long each had waited."""
    delays: list[float] = []
    stop = threading.Event()

    def publish_on() -> None:
        from django.db import connection

        while not stop.wait(JOB_EVERY_SECONDS):
            _publish(who, 1)
        connection.close()

    from core.clock import now

    since = now()
    publishing = threading.Thread(target=publish_on)
    publishing.start()
    try:
        yield delays
    finally:
        stop.set()
        publishing.join()
    _until_done(who)
    delays += _delays(who, since)


def _delays(who: dict[str, Any], since: Any) -> list[float]:
    import tenancy
    from core.ids import written_at
    from events.models import OutboxDelivery

    with tenancy.platform():
        done = OutboxDelivery.objects.filter(organization_id=who["id"], state="done", done_at__gte=since)
        pairs = [(written_at(found), done_at) for found, done_at in done.values_list("id", "done_at")]
    return [(done_at - written).total_seconds() for written, done_at in pairs if written >= since]


def _waiting(who: dict[str, Any]) -> int:
    import tenancy
    from events.models import OutboxDelivery

    with tenancy.platform():
        return OutboxDelivery.objects.filter(organization_id=who["id"], state="pending").count()


def _until_done(who: dict[str, Any]) -> None:
    deadline = time.monotonic() + 300
    while _waiting(who):
        if time.monotonic() > deadline:
            raise RuntimeError("jobs still wait after five minutes")
        time.sleep(0.2)
