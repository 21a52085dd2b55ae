"""Whoever asks for health in a loop costs nothing, and a database that hangs holds no more than one thread for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client

from config import health

OK: dict[str, object] = {"status": "ok"}
UNKNOWN: dict[str, object] = {"status": "refused"}
SECONDS = 20.0


class Database:
    """What is looked at: it answers, or hangs until it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.is_asked = threading.Event()

    def look(self) -> dict[str, object]:
        self.asked += 1
        self.is_asked.set()
        assert self.goes_on.wait(SECONDS)
        return OK


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(32) as found:
        yield found


def test_who_asks_in_a_loop_asks_the_database_once(pool: ThreadPoolExecutor) -> None:
    database = Database()
    kept = health._Kept(database.look, UNKNOWN)
    assert list(pool.map(lambda _: kept.look(), range(200))) == [OK] * 200
    assert database.asked <= 2  # the second where two hundred answers took a second


@pytest.mark.parametrize(("recent_seconds", "told"), [(60.0, OK), (0.0, UNKNOWN)])
def test_a_database_that_hangs_holds_one_thread(
    pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch, recent_seconds: float, told: dict[str, object]
) -> None:
    """As long as the last answer is recent it is told; later, that there is none."""
    database = Database()
    kept = health._Kept(database.look, UNKNOWN)
    assert kept.look() == OK
    monkeypatch.setattr(health, "_KEPT_SECONDS", 0.0)
    monkeypatch.setattr(health, "_RECENT_SECONDS", recent_seconds)
    monkeypatch.setattr(health, "_PATIENCE_SECONDS", 0.05)
    database.goes_on.clear()
    database.is_asked.clear()
    holding = pool.submit(kept.look)
    assert database.is_asked.wait(SECONDS)

    assert [answer.result(SECONDS) for answer in [pool.submit(kept.look) for _ in range(20)]] == [told] * 20
    assert not holding.done()
    assert database.asked == 2
    database.goes_on.set()
    assert holding.result(SECONDS) == OK


def test_readiness_asks_the_fleet_once_a_second(db: None, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12):
        answers = [Client().get("/readyz", headers={"host": f"nobody-{number}"}) for number in range(40)]
    assert {answer.status_code for answer in answers} == {200}
