"""Learners of a fleet, one process and one database connection: requests through the whole WSGI application.

Asked by :class:`bench.fleet.fleet.Talker`; the first question is the roster.
"""

from __future__ import annotations

import time
from itertools import count
from typing import Any
from uuid import uuid4

import django

from bench.fleet.backends import Backends

MIX = ("lesson", "lesson", "outline", "beacon", "beacon", "me")


class Learners:
    """One signed-in learner an organization. ``touched`` are the organizations that the present backend has served."""

    def __init__(self) -> None:
        self._meter = Backends()
        self._people: list[dict[str, Any]] = []
        self._browsers: list[Any] = []
        self._touched: set[int] = set()
        self._opened = 0
        self._sequence = count(1)
        self._session = str(uuid4())

    def roster(self, people: list[dict[str, Any]]) -> dict[str, Any]:
        """Meet the learners."""
        from bench.classroom import Browser
        from config.wsgi import application

        self._people = people
        self._browsers = [Browser(application, one["host"], one["cookies"], one["token"]) for one in people]
        return {"people": len(people)}

    def work(self, what: str, numbers: list[int]) -> dict[str, Any]:
        """Do ``what`` once for each number, in this order; return what it cost and how many touches were first ones."""
        ask = getattr(self, f"_{what}")
        first = 0
        began, own, backend, opened = time.perf_counter(), time.process_time(), self._meter.cpu_seconds(), self._opened
        for number in numbers:
            ask(number)
            if self._meter.opened != self._opened:  # this request was served by a new backend
                self._opened = self._meter.opened
                self._touched.clear()
            first += number not in self._touched
            self._touched.add(number)
        return {
            "requests": len(numbers),
            "own_ms": 1000 * (time.process_time() - own) / len(numbers),
            "postgres_ms": 1000 * (self._meter.cpu_seconds() - backend) / len(numbers),
            "wall_ms": 1000 * (time.perf_counter() - began) / len(numbers),
            "first": first,
            "connections": self._opened - opened,
            "backend_mb": round(self._meter.private_mb(), 1),
        }

    def reconnect(self) -> dict[str, Any]:
        """Begin again with a new backend."""
        from django.db import connection

        connection.close()
        return {}

    def forget_hosts(self) -> dict[str, Any]:
        """Empty the catalogue of hosts: the next request of each organization looks its host up."""
        from tenancy import catalog

        catalog.forget_all()
        return {}

    def statements(self, what: str, number: int) -> dict[str, Any]:
        """Return the SQL of one request."""
        from bench import classroom

        return {"statements": classroom.statements(lambda: getattr(self, f"_{what}")(number))}

    def _call(self, number: int, method: str, path: str, body: Any = None) -> None:
        self._browsers[number].call(method, path, body)

    def _lesson(self, number: int) -> None:
        one = self._people[number]
        self._call(number, "GET", f"/api/v1/enrollments/{one['enrollment']}/items/{one['lesson']}/")

    def _outline(self, number: int) -> None:
        self._call(number, "GET", f"/api/v1/enrollments/{self._people[number]['enrollment']}/outline/")

    def _me(self, number: int) -> None:
        self._call(number, "GET", "/api/v1/me/")

    def _beacon(self, number: int) -> None:
        one = self._people[number]
        start = next(self._sequence) % 590
        beacon = {
            "play_session": self._session,
            "seq": next(self._sequence),
            "item": one["lesson"],
            "timeline": one["timeline"],
            "spans": [[start, start + 9, 1]],
            "position": start + 9,
            "placement_no": 1,
        }
        self._call(number, "POST", f"/api/v1/enrollments/{one['enrollment']}/play-beacons/", beacon)

    def _mix(self, number: int) -> None:
        getattr(self, f"_{MIX[next(self._sequence) % len(MIX)]}")(number)


def main() -> None:
    """Answer until nobody asks."""
    django.setup()
    from bench.fleet.fleet import answering
    from tenancy import catalog

    # Hosts are forgotten when the bench says so; how often they are at a pace is counted in bench.fleet.served.
    catalog.TTL_SECONDS = 86_400.0

    learners = Learners()
    questions = ("roster", "work", "reconnect", "forget_hosts", "statements")
    answering({name: getattr(learners, name) for name in questions})


if __name__ == "__main__":
    main()
