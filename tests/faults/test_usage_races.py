"""Fifty at once who note, count logs, fold and look for marks: everything counts once, each mark is told once.

A handful of repeats runs with every test run; ``USAGE_RACES=100`` runs a hundred.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections
from django.db.models import Sum

import tenancy
from billing.api import DELIVERED_BYTES, TRANSCODE_SECONDS, Hour, counted_to, note_delivered, note_usage
from billing.models import Quota, UsageAlert, UsageDay, UsageEvent
from billing.usage import alerts, months, noting
from core.clock import now
from core.ids import new_id
from events.models import QueuedMail
from tenancy import TenantRecord
from tenants.catalog import load
from tests.support import plugin
from tests.support.patiently import patiently

REPEATS = int(os.environ.get("USAGE_RACES", "3"))
LIMIT = 1000
CHUNKS, CHUNK_BYTES = 10, 95  # to 95 %, chunk by chunk


@pytest.fixture(scope="module")
def school(world: Any, django_db_blocker: Any) -> TenantRecord:
    """An organization of its own: what happens here is really committed."""
    made = plugin.run_as_owner(
        *(sys.executable, "-m", "tests.support.organizations"),
        *("usage-races", "Usage Races School", "owner@usage-races.example", "Olga Owner"),
    )
    assert made.returncode == 0, made.stdout + made.stderr
    with django_db_blocker.unblock():
        return load(UUID(made.stdout.split()[-1]))


@pytest.fixture
def metered(school: TenantRecord, django_db_blocker: Any) -> Iterator[TenantRecord]:
    """Nothing used, and nobody told of anything."""
    with django_db_blocker.unblock():
        with tenancy.platform():
            for rows in (UsageEvent, UsageDay, UsageAlert, QueuedMail):
                rows.objects.filter(organization_id=school.id).delete()
            months.roll()
            Quota.objects.filter(organization_id=school.id, meter__in=(DELIVERED_BYTES, TRANSCODE_SECONDS)).update(
                plan_limit=LIMIT, hard_limit=LIMIT, used=0, reserved=0
            )
        yield school
        connections.close_all()


def all_at_once(acts: list[Callable[[], object]]) -> Counter[str]:
    gate, ends = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait(60)
            patiently(act)
            ends.append("done")
        except Exception as error:  # noqa: BLE001 - what went wrong is the result
            ends.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    return Counter(ends)


def on_platform(act: Callable[[], object]) -> Callable[[], object]:
    def run() -> object:
        with tenancy.platform():
            return act()

    return run


def bound(school: TenantRecord, act: Callable[[], object]) -> Callable[[], object]:
    def run() -> object:
        with tenancy.bind(school):
            return act()

    return run


@pytest.mark.parametrize("_", range(REPEATS))
def test_fifty_at_once_count_everything_once_and_tell_each_mark_once(metered: TenantRecord, _: int) -> None:
    school, log, hour = metered, f"log-{new_id()}", now().replace(minute=0, second=0, microsecond=0)
    sources = [new_id() for _ in range(5)]

    def count_log() -> None:
        while (start := counted_to(log)) < CHUNKS:
            note_delivered(log, start=start, end=start + 1, amounts={Hour(school.id, None, hour): CHUNK_BYTES})

    def note() -> None:
        for source in sources:
            note_usage(source, TRANSCODE_SECONDS, 140)

    acts: list[Callable[[], object]] = []
    for _turn in range(10):
        acts += [
            on_platform(count_log), bound(school, note), on_platform(noting.fold), on_platform(noting.fold),
            on_platform(alerts.find),
        ]  # fmt: skip
    assert all_at_once(acts) == {"done": len(acts)}

    with tenancy.platform():
        noting.fold()
        for meter, total in ((DELIVERED_BYTES, CHUNKS * CHUNK_BYTES), (TRANSCODE_SECONDS, 700)):
            ours = {"organization_id": school.id, "meter": meter}
            assert UsageEvent.objects.filter(**ours).aggregate(n=Sum("amount"))["n"] == total
            assert UsageDay.objects.filter(**ours).aggregate(n=Sum("amount"))["n"] == total
            assert Quota.objects.get(**ours).used == total

    assert all_at_once([on_platform(look) for look in (alerts.find, alerts.tell) * 25]) == {"done": 50}
    with tenancy.platform():
        alerts.tell()
        marks = UsageAlert.objects.filter(organization_id=school.id, told_at__isnull=False)
        assert sorted(marks.values_list("meter", "percent")) == [
            (DELIVERED_BYTES, 70), (DELIVERED_BYTES, 90), (TRANSCODE_SECONDS, 70),
        ]  # fmt: skip
        mails = QueuedMail.objects.filter(organization_id=school.id).values_list("message__subject", flat=True)
        assert len(mails) == len(set(mails)) in (2, 3), "a mail a meter; two where the marks were found apart"
