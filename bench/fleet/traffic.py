"""Real requests of a fleet's learners through the running front door, from threads of this process."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from bench.fleet.fleet import Fleet

PARTS = frozenset({"postgres", "valkey", "schema", "s3", "edge", "mailbox", "web", "front"})
# The work of counting requests stays; nobody is refused, though all of them come from one address.
UNLIMITED = {f"LMS_RATE_{name}": "1000000/1" for name in ("ORGANIZATION", "PERSON", "VISITOR", "ADDRESS", "SIGN_IN")}
_MIX = ("lesson", "beacon", "outline", "lesson", "beacon", "me")
_FILM_SECONDS = 590


@dataclass(frozen=True, slots=True)
class Answer:
    """One request: whose, when it began (monotonic seconds), how long it took, its status."""

    number: int
    began: float
    seconds: float
    status: int


class Traffic:
    """Keeps ``clients`` connections to the front door and sends what learners send: lessons, outlines, watching."""

    def __init__(self, fleet: Fleet, *, clients: int) -> None:
        assert fleet.env is not None, "the stack is not running"
        self._people = fleet.roster
        self._port = fleet.env.settings.ports["front"]
        self._clients = clients
        self._count = itertools.count(1)
        self._session = str(uuid4())
        self._stop = threading.Event()

    def send(self, numbers: Iterable[int]) -> list[Answer]:
        """Send one request for each number, in this order, from all clients; return the answers.

        Raises:
            RuntimeError: one was not answered with 2xx.
        """
        feed, lock = iter(numbers), threading.Lock()
        answers: list[Answer] = []
        troubles: list[str] = []

        def client() -> None:
            link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            while not self._stop.is_set() and not troubles:
                with lock:
                    number = next(feed, None)
                if number is None:
                    break
                method, path, body = self._request(number)
                began = time.monotonic()
                link.request(method, path, body, self._headers(number))
                answer = link.getresponse()
                words = answer.read()
                answers.append(Answer(number, began, time.monotonic() - began, answer.status))
                if not 200 <= answer.status < 300:
                    troubles.append(f"{method} {path}: {answer.status} {words[:300]!r}")
            link.close()

        threads = [threading.Thread(target=client) for _ in range(self._clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if troubles:
            raise RuntimeError(troubles[0])
        return answers

    def stop(self) -> None:
        """Let :meth:`send`, running in another thread, return after the requests under way."""
        self._stop.set()

    def _request(self, number: int) -> tuple[str, str, bytes | None]:
        one, turn = self._people[number], next(self._count)
        course = f"/api/v1/enrollments/{one['enrollment']}/"
        what = _MIX[turn % len(_MIX)]
        if what == "beacon":
            start = turn % _FILM_SECONDS
            beacon: dict[str, Any] = {
                "play_session": self._session,
                "seq": turn,
                "item": one["lesson"],
                "timeline": one["timeline"],
                "spans": [[start, start + 9, 1]],
                "position": start + 9,
                "placement_no": 1,
            }
            return "POST", f"{course}play-beacons/", json.dumps(beacon).encode()
        paths = {"lesson": f"{course}items/{one['lesson']}/", "outline": f"{course}outline/", "me": "/api/v1/me/"}
        return "GET", paths[what], None

    def _headers(self, number: int) -> dict[str, str]:
        one = self._people[number]
        return {
            "Host": f"{one['host']}:{self._port}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in one["cookies"].items()),
            "X-CSRFToken": one["token"],
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/json",
        }
