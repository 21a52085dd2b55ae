"""The warm pool follows demand between its floor and its ceiling, and never beyond what an hour may cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

import tenancy
from core.clock import now
from core.ids import new_id, short_name
from tenants.models import Organization, SchemaLedger, WarmSchema
from tenants.provisioning import demand, pool
from tenants.schema.template import current

MINUTE = timedelta(minutes=1)


@pytest.fixture
def platform(db: None, settings: Any) -> Iterator[Any]:
    """No demand and no pool; the time stands still."""
    settings.POOL_TARGET, settings.POOL_CEILING, settings.POOL_CAP = 2, 6, 20
    with tenancy.platform(), time_machine.travel(now(), tick=False):
        SchemaLedger.objects.all().delete()
        WarmSchema.objects.all().delete()
        yield settings


def _took(*moments: datetime) -> None:
    """Organizations that got their schemas then."""
    for moment in moments:
        identity = new_id()
        organization = Organization.objects.create(
            id=identity,
            name="A",
            schema_name=f"t_{short_name(identity)}",
            db_role=f"r_{short_name(identity)}",
            state="active",
            terms_accepted_at=moment,
        )
        SchemaLedger.objects.create(organization=organization, release_id=current().release, finished_at=moment)


def _built(*moments: datetime, sha256: str = "") -> None:
    for moment in moments:
        name = uuid4().hex
        WarmSchema.objects.create(
            schema_name=f"pool_{name}",
            db_role=f"r_pool_{name}",
            template_sha256=sha256 or current().sha256,
            built_at=moment,
        )


@pytest.mark.parametrize(
    ("minutes", "most"),
    [
        ([], 0),
        ([1], 1),
        ([0, 9], 2),
        ([0, 10], 1),
        ([0, 1, 2, 30, 31], 3),
        ([0, 30, 31, 32, 33, 60], 4),
        ([5, 5, 5], 3),
    ],
)
def test_the_busiest_ten_minutes_are_found(minutes: list[int], most: int) -> None:
    begin = now()
    assert demand.busiest([begin + minute * MINUTE for minute in minutes]) == most


def test_without_demand_the_pool_holds_the_floor(platform: Any) -> None:
    found = pool.look()
    assert (found.state, found.ready, found.target, found.missing) == ("filling", 0, 2, 2)
    _built(now() - 3 * MINUTE, now() - 2 * MINUTE)
    found = pool.look()
    assert (found.state, found.ready, found.missing) == ("full", 2, 0)
    assert found.last_built_at == now() - 2 * MINUTE
    assert found.oldest_built_at == now() - 3 * MINUTE


def test_the_target_follows_the_busiest_stretch_and_forgets_it(platform: Any) -> None:
    _took(*(now() - timedelta(hours=5) + minute * MINUTE for minute in (0, 1, 2, 3)), now() - 5 * MINUTE)
    found = pool.look()
    assert (found.target, found.busiest_ten_minutes, found.taken_last_hour) == (4, 4, 1)

    with time_machine.travel(now() + timedelta(hours=2), tick=False):
        assert pool.look().target == 2


def test_a_flood_raises_it_to_the_ceiling_only(platform: Any) -> None:
    _took(*(now() - 2 * MINUTE for _ in range(9)))
    found = pool.look()
    assert (found.busiest_ten_minutes, found.target, found.missing) == (9, 6, 6)


def test_the_hours_cap_holds_and_says_until_when(platform: Any) -> None:
    platform.POOL_CAP = 5
    _took(*(now() - minute * MINUTE for minute in (50, 40, 30, 20)))
    assert (pool.look().missing, pool.look().state) == (1, "filling")
    _built(now() - 10 * MINUTE)
    found = pool.look()
    assert (found.state, found.missing, found.target, found.ready) == ("capped", 0, 2, 1)
    assert found.capped_until == now() + 10 * MINUTE  # the first of the five is an hour old then

    with time_machine.travel(found.capped_until + MINUTE, tick=False):
        assert (pool.look().state, pool.look().missing) == ("filling", 1)


def test_what_another_template_left_is_not_ready(platform: Any) -> None:
    _built(now() - MINUTE, sha256="0" * 64)
    found = pool.look()
    assert (found.ready, found.outdated, found.missing) == (0, 1, 2)


def test_organizations_brought_to_another_release_took_nothing(platform: Any) -> None:
    _took(*(now() - MINUTE for _ in range(4)))
    SchemaLedger.objects.update(ring="rest")
    assert pool.look().busiest_ten_minutes == 0
