"""One organization's hurry is not paid for by the others: the rules of the web server on a simulated machine."""

from __future__ import annotations

import pytest

from bench.load.simulated import AS_IF_ALONE, RULES, Costs, simulate

PROMISED = 1.5
CLIENTS = 48
PUPILS = 200


@pytest.fixture(scope="module")
def alone() -> float:
    return simulate(RULES).p95


def test_the_others_answers_take_hardly_longer_beside_a_flood(alone: float) -> None:
    beside = simulate(RULES, flood=CLIENTS)
    assert beside.p95 <= PROMISED * alone
    assert beside.flood_a_second > 100  # it has what the others leave


def test_where_only_threads_were_shared_they_took_three_times_as_long(alone: float) -> None:
    assert simulate(AS_IF_ALONE, flood=CLIENTS).p95 > 3 * alone


def test_a_class_that_begins_at_once_is_served_as_soon_and_the_others_do_not_notice(alone: float) -> None:
    before, now = simulate(AS_IF_ALONE, pupils=PUPILS), simulate(RULES, pupils=PUPILS)
    assert now.class_seconds <= 1.25 * before.class_seconds
    assert now.p95 <= PROMISED * alone


def test_ten_of_different_size_that_together_fill_the_machine_hold_nobody_up() -> None:
    dear = Costs(python=3.4, postgres=2.3)
    before, now = simulate(AS_IF_ALONE, pace=240, costs=dear), simulate(RULES, pace=240, costs=dear)
    assert now.p95 <= PROMISED * before.p95
    assert now.busy_cores >= 0.99 * before.busy_cores
