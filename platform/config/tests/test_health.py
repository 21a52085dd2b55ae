"""Whoever asks for health in a loop costs nothing, and a database that hangs holds no more than one thread for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

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


def test_who_asks_in_a_loop_asks_the_database_once(pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_KEPT_SECONDS", 60.0)
    monkeypatch.setattr(health, "_PATIENCE_SECONDS", SECONDS)
    database = Database()
    kept = health._Kept(database.look, UNKNOWN)
    assert list(pool.map(lambda _: kept.look(), range(200))) == [OK] * 200
    assert database.asked == 1


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


def test_readiness_asks_the_fleet_once_however_many_ask(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[dict[str, object]] = []

    def look() -> dict[str, object]:
        looks.append(health._readiness())
        return looks[-1]

    # What another test was told a moment ago is not this one's, and no machine is so slow that a minute is over.
    monkeypatch.setattr(health, "_ready", health._Kept(look, UNKNOWN))
    monkeypatch.setattr(health, "_KEPT_SECONDS", 60.0)
    answers = [Client().get("/readyz", headers={"host": f"nobody-{number}"}) for number in range(40)]
    assert {(answer.status_code, answer.json()["status"]) for answer in answers} == {(200, "ok")}
    assert len(looks) == 1


def test_a_look_that_is_older_is_taken_again(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the test above could count one for ever."""
    looks = iter([UNKNOWN, OK])
    monkeypatch.setattr(health, "_ready", health._Kept(lambda: next(looks), UNKNOWN))
    monkeypatch.setattr(health, "_KEPT_SECONDS", 0.0)
    assert [Client().get("/readyz", headers={"host": "nobody"}).status_code for _ in range(2)] == [503, 200]
