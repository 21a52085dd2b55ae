"""The clients: a process of its own, so that what it costs is not counted as the product's.

Standard input holds one JSON object: ``people`` (see :mod:`bench.load.crowd`), ``port``, ``seed``, ``seconds``,
``clients``, and ``pace`` (requests a second that are due, whoever is late) or null: as fast as answers come. With
``routes`` each client asks for just these, one after the other, and all clients begin at the same moment: a class. The
answer is one JSON object: milliseconds of each route, statuses, and the CPU seconds that the clients took.
"""

from __future__ import annotations

import http.client
import itertools
import json
import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from bench.load.mix import SHARES, Ask, ask

_TIMEOUT_SECONDS = 30
_LATEST_SECONDS = 20.0  # what is due but not sent by then is given up: the product is far behind


def plan(people: list[dict[str, Any]], seed: int) -> Iterator[tuple[dict[str, Any], Ask]]:
    """Who asks what next: organizations by Zipf, a learner by chance, requests by the mix; all by the seed."""
    chance = random.Random(seed)
    classes: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for person in people:
        classes[person["number"]].append(person)
    organizations = sorted(classes)
    weights = [1 / rank for rank in range(1, len(organizations) + 1)]
    routes, shares = list(SHARES), list(SHARES.values())
    for turn in itertools.count():
        person = chance.choice(classes[chance.choices(organizations, weights)[0]])
        yield person, ask(chance.choices(routes, shares)[0], person, turn)


class Clients:
    """Threads with a connection each, that send what is due."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told
        self._feed = plan(told["people"], told["seed"])
        self._lock = threading.Lock()
        self._sent = 0
        self._milliseconds: dict[str, list[float]] = defaultdict(list)
        self._statuses: dict[str, int] = defaultdict(int)
        self._begun = 0.0

    def run(self) -> dict[str, Any]:
        """Send until the time is over; return what came of it."""
        used = time.process_time()
        self._begun = time.monotonic() + 0.1 + self._told["clients"] / 1000  # until all threads are there
        if self._told.get("routes"):
            threads = [threading.Thread(target=self._pupil, args=(n,)) for n in range(self._told["clients"])]
        else:
            threads = [threading.Thread(target=self._client) for _ in range(self._told["clients"])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {
            "seconds": time.monotonic() - self._begun,
            "ms": self._milliseconds,
            "statuses": self._statuses,
            "client_cpu": time.process_time() - used,
        }

    def _next(self) -> tuple[float, dict[str, Any], Ask] | None:
        with self._lock:
            pace = self._told["pace"]
            due = self._begun + self._sent / pace if pace else time.monotonic()
            ends = self._begun + self._told["seconds"]
            if due >= ends or time.monotonic() > ends + _LATEST_SECONDS:
                return None
            self._sent += 1
            return due, *next(self._feed)

    def _client(self) -> None:
        link = self._link()
        while (found := self._next()) is not None:
            due, person, wanted = found
            wait = due - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            self._send(link, due, person, wanted)
        link.close()

    def _pupil(self, number: int) -> None:
        link = self._link()
        person = self._told["people"][number % len(self._told["people"])]
        due = self._begun
        time.sleep(max(0.0, due - time.monotonic()))
        for route in self._told["routes"]:
            self._send(link, due, person, ask(route, person, self._told["seed"] * 1000 + number))
            due = time.monotonic()
        link.close()

    def _link(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._told["port"], timeout=_TIMEOUT_SECONDS)

    def _send(self, link: http.client.HTTPConnection, due: float, person: dict[str, Any], wanted: Ask) -> None:
        """Ask, and write down how long after it was due the answer was there."""
        try:
            link.request(wanted.method, wanted.path, wanted.body, self._headers(person, wanted))
            answer = link.getresponse()
            answer.read()
            status = str(answer.status)
        except (OSError, http.client.HTTPException) as error:
            link.close()
            status = type(error).__name__
        with self._lock:
            self._statuses[status] += 1
            if status.startswith("2"):
                self._milliseconds[wanted.route].append(round(1000 * (time.monotonic() - due), 2))

    def _headers(self, person: dict[str, Any], wanted: Ask) -> dict[str, str]:
        who, host = person[wanted.by], f"{person['host']}:{self._told['port']}"
        headers = {
            "Host": host,
            "Accept": "application/json",
            "Cookie": "; ".join(f"{name}={value}" for name, value in who["cookies"].items()),
        }
        if wanted.method != "GET":
            headers |= {
                "Origin": f"http://{host}",
                "Sec-Fetch-Site": "same-origin",
                "X-CSRFToken": who["token"],
                "Content-Type": "application/json",
            }
        return headers


if __name__ == "__main__":
    json.dump(Clients(json.load(sys.stdin)).run(), sys.stdout)
