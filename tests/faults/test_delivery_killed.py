"""kill -9 of whoever counts delivered bytes, at each statement and around the commit: every byte counts once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tenancy
from billing.models import DeliveryLog, Quota, UsageDay, UsageEvent
from core.clock import now
from core.ids import new_id
from tests.faults.test_relay_killed import Mortal

MOST_STATEMENTS = 60
AS_THE_COMMIT_BEGINS, AS_IT_HAS_ENDED = -1, -2


@pytest.fixture(scope="module")
def mortal(world: Any) -> Iterator[Mortal]:
    found = Mortal()
    yield found
    found.close()


@pytest.fixture
def log(world: Any, tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    """A log of two organizations; what is counted of it is taken back at the end."""
    ids = [found.id for found in world.organizations.values()]
    path = tmp_path / "media.log"
    lines = []
    for n in range(200):
        uri = f"/media/t/{ids[n % len(ids)]}/v/{new_id()}/{new_id()}/seg/1.m4s"
        lines.append(json.dumps({"ts": now().timestamp(), "request": {"uri": uri}, "status": 200, "size": 1000 + n}))
    path.write_text("\n".join(lines) + "\n")
    with django_db_blocker.unblock(), tenancy.platform():
        _forget(ids)
        yield path
        _forget(ids)


def _forget(ids: list[Any]) -> None:
    UsageEvent.objects.filter(organization_id__in=ids).delete()
    UsageDay.objects.filter(organization_id__in=ids).delete()
    DeliveryLog.objects.all().delete()
    first = now().date().replace(day=1)
    Quota.objects.filter(organization_id__in=ids, meter="delivered_bytes").update(used=0, period=first)


@pytest.fixture
def counted(world: Any) -> Callable[[], tuple[int, int, int]]:
    """Bytes of the two in events, days and meters."""
    own = {"organization_id__in": [found.id for found in world.organizations.values()], "meter": "delivered_bytes"}
    return lambda: (
        sum(UsageEvent.objects.filter(**own).values_list("amount", flat=True)),
        sum(UsageDay.objects.filter(**own).values_list("amount", flat=True)),
        sum(Quota.objects.filter(**own).values_list("used", flat=True)),
    )


SENT = sum(1000 + n for n in range(200))


def test_killed_at_any_statement_nothing_is_counted_and_the_next_counts_all(
    mortal: Mortal, log: Path, counted: Callable[[], tuple[int, int, int]]
) -> None:
    deaths = 0
    for statement in range(1, MOST_STATEMENTS):
        if mortal.run("count", log, statement) != "killed":
            break
        deaths += 1
        assert counted() == (0, 0, 0), statement
    else:
        raise AssertionError("it never got through")
    assert deaths > 5
    assert counted() == (SENT, SENT, SENT)


def test_killed_around_the_commit_every_byte_counts_once(
    mortal: Mortal, log: Path, counted: Callable[[], tuple[int, int, int]]
) -> None:
    assert mortal.run("count", log, AS_THE_COMMIT_BEGINS) == "killed"
    assert counted() == (0, 0, 0)
    assert mortal.run("count", log, AS_IT_HAS_ENDED) == "killed"
    assert counted() == (SENT, SENT, SENT)
    assert mortal.run("count", log, 0) == "0"
    assert counted() == (SENT, SENT, SENT)
