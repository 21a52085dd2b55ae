"""The page about scale says what the simulation says, and the simulation can say otherwise."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bench.scale import cells, page

LARGEST = {"name": "db.r7g.4xlarge", "memory_gb": 128}
SMALL = {"name": "db.m7g.large", "memory_gb": 8}


@pytest.fixture
def units() -> dict[str, Any]:
    return copy.deepcopy(cells.read_units())


def test_the_page_is_what_the_simulation_says() -> None:
    assert page.PAGE.read_text() == page.text(), "run make scale"


def test_learners_are_as_many_as_said_and_few_organizations_are_large(units: dict[str, Any]) -> None:
    sizes = cells.drawn(units)
    assert len(sizes) == units["people"]["organizations"]
    assert sum(sizes) == pytest.approx(units["people"]["learners"], rel=0.05)
    top = sum(sorted(sizes)[-len(sizes) // 10 :])
    assert top > 0.5 * sum(sizes)


def test_no_cell_holds_more_than_it_may_and_nobody_is_left_out(units: dict[str, Any]) -> None:
    placed = cells.placed(cells.drawn(units), 1250)
    assert max(map(len, placed)) <= 1250
    assert sum(map(len, placed)) == units["people"]["organizations"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({("request", "postgres_ms"): 400.0}, "cores of the database"),
        ({("connection", "organization_mb"): 60.0}, "memory of the database"),
        ({("request", "own_ms"): 400.0}, "web tasks"),
        ({("request", "wal_bytes"): 5_000_000}, "write-ahead log"),
    ],
)
def test_what_costs_most_is_what_runs_out(
    units: dict[str, Any], change: dict[tuple[str, str], float], what: str
) -> None:
    before = cells.need([100] * 500, units, LARGEST)
    for (group, name), value in change.items():
        units[group][name] = value
    after = cells.need([100] * 500, units, LARGEST)
    assert after.bottleneck == what
    assert after.used[what] > before.used[what]


def test_a_database_too_small_is_not_chosen(units: dict[str, Any]) -> None:
    needs = cells.need([100] * 1000, units, LARGEST)
    assert cells.fitting([SMALL, LARGEST], needs, units) in (SMALL, LARGEST)
    units["connection"]["organization_mb"] = 20.0
    greedy = cells.need([100] * 1000, units, LARGEST)
    assert cells.fitting([SMALL, LARGEST], greedy, units) == LARGEST
    units["connection"]["organization_mb"] = 200.0
    impossible = cells.need([100] * 1000, units, LARGEST)
    assert cells.fitting([SMALL, LARGEST], impossible, units) is None
