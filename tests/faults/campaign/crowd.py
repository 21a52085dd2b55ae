"""People at work: learners who read, watch and complete, an author who begins courses, an owner who invites.

Each is a thread with a connection of its own to the front door. A write is repeated under the same key until it is
acknowledged, as the product's own pages do.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.faults.campaign.ledger import Entry, Ledger

TIMEOUT_SECONDS = 15.0
FILM_SECONDS = 300
LEARNING = frozenset({"lesson", "outline", "beacon", "completion", "me"})
READS = ("lesson", "lesson", "lesson", "outline", "me")


@dataclass(frozen=True, slots=True)
class Answer:
    """One request: when it began and ended (monotonic), and its status; 0 where there was none."""

    client: str
    kind: str
    began: float
    ended: float
    status: int
    words: str = ""

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Person:
    """Somebody who has signed in: their host and what their browser sends. A learner has a course to be on."""

    host: str
    cookies: dict[str, str]
    token: str
    enrollment: str = ""
    film: str = ""
    timeline: str = ""
    lessons: tuple[str, ...] = ()


@dataclass
class Client:
    """One person's thread."""

    name: str
    person: Person
    port: int
    ledger: Ledger
    answers: list[Answer] = field(default_factory=list)
    link: http.client.HTTPConnection | None = None
    asking: tuple[str, float] | None = None
    """What this client waits for: the kind of the request, and since when."""

    def call(self, kind: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Send one request; return its status (0 without an answer) and JSON."""
        host = f"{self.person.host}:{self.port}"
        sent = {
            "Host": host,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.person.cookies.items()),
            "X-CSRFToken": self.person.token,
            "Origin": f"http://{host}",
            "Content-Type": "application/json",
            **headers,
        }
        began, status, content = time.monotonic(), 0, b""
        self.asking = (kind, began)
        try:
            self.link = self.link or http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
            self.link.request(method, path, json.dumps(body).encode() if body is not None else None, sent)
            answer = self.link.getresponse()
            content = answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException) as error:
            content = repr(error).encode()
            self.hang_up()
        words = "" if 200 <= status < 300 else content[:160].decode(errors="replace")
        self.answers.append(Answer(self.name, kind, began, time.monotonic(), status, words))
        self.asking = None
        try:
            return status, json.loads(content) if status and content else None
        except ValueError:
            return status, None

    def hang_up(self) -> None:
        if self.link is not None:
            self.link.close()
        self.link = None


class Crowd:
    """Runs clients until it is stopped. Times are monotonic seconds."""

    def __init__(
        self,
        *,
        port: int,
        ledger: Ledger,
        learners: Sequence[Person],
        owner: Person | None,
        mail_host: str,
        seed: int,
        to_complete: Mapping[str, Sequence[str]],
        pause: float = 0.12,
    ) -> None:
        """``to_complete``: by enrollment, the lessons that its learner completes."""
        self.ledger = ledger
        self._mail_host = mail_host
        self._pause = pause
        self._to_complete = to_complete
        self._stop = threading.Event()
        self.clients: list[Client] = []
        self._threads: list[threading.Thread] = []
        works = [(f"learner-{number}", person, self._learn) for number, person in enumerate(learners, 1)]
        if owner is not None:
            works += [("author", owner, self._write), ("owner", owner, self._invite)]
        for name, person, work in works:
            client = Client(name, person, port, ledger)
            self.clients.append(client)
            chance = random.Random(f"{seed}:{name}")
            self._threads.append(threading.Thread(target=work, args=(client, chance), daemon=True))

    @contextlib.contextmanager
    def at_work(self) -> Iterator[Crowd]:
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join(TIMEOUT_SECONDS + 5)
            for client in self.clients:
                client.hang_up()

    def answers(self, *, since: float = 0.0, until: float = float("inf")) -> list[Answer]:
        """Every answer whose request began in that time."""
        found = [answer for client in self.clients for answer in list(client.answers)]
        return [answer for answer in found if since <= answer.began < until]

    def hanging(self, seconds: float) -> list[Answer]:
        """Return the requests that have had no answer for so long, as if they ended now without one."""
        at, found = time.monotonic(), []
        for client in self.clients:
            asking = client.asking
            if asking is not None and at - asking[1] > seconds:
                found.append(Answer(client.name, asking[0], asking[1], at, 0, "no answer yet"))
        return found

    def recovery(self, healed: float, *, within: float = 90.0) -> float | None:
        """Wait until everybody is served again; return the seconds from ``healed`` until the last of them was.

        Somebody is served again with two good answers in a row that were asked for after that moment and nothing but
        good ones behind. None when that does not come about.
        """
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if all(self._is_well(client, healed) for client in self.clients):
                return round(max(self._well_at(client, healed) for client in self.clients), 2)
            time.sleep(0.1)
        return None

    @staticmethod
    def _is_well(client: Client, healed: float) -> bool:
        last = list(client.answers)[-2:]
        return len(last) == 2 and all(answer.good and answer.began >= healed for answer in last)

    @staticmethod
    def _well_at(client: Client, healed: float) -> float:
        """Seconds until this client's first good answer behind its last bad (or slow: over a second) one."""
        answers = [answer for answer in list(client.answers) if answer.ended >= healed]
        at = 0.0
        for before, answer in zip([None, *answers], answers, strict=False):
            if not answer.good:
                continue
            if (before is not None and not before.good) or answer.ended - answer.began > 1.0:
                at = answer.ended - healed
        return at

    # -- what people do ---------------------------------------------------------------------------------------------

    def _rest(self, chance: random.Random) -> None:
        self._stop.wait(chance.uniform(0.5, 1.5) * self._pause)

    def _until_acknowledged(self, client: Client, entry: Entry, path: str, body: Any, **headers: str) -> None:
        while not self._stop.is_set():
            entry.tries += 1
            status, _ = client.call(entry.kind, "POST", path, body, **headers)
            if 200 <= status < 300:
                self.ledger.acknowledged(entry)
                return
            if 400 <= status < 500 and status not in (409, 429):
                return  # refused for good; the judge sees it among the answers
            self._stop.wait(0.25)

    def _learn(self, client: Client, chance: random.Random) -> None:
        person, session, seq = client.person, str(uuid4()), 0
        course = f"/api/v1/enrollments/{person.enrollment}/"
        to_do = list(self._to_complete[person.enrollment])
        while not self._stop.is_set():
            if chance.random() < 0.45:
                seq += 1
                start = seq % (FILM_SECONDS - 2)
                beacon = {
                    "play_session": session,
                    "seq": seq,
                    "item": person.film,
                    "timeline": person.timeline,
                    "spans": [[start, start + 1, 1]],
                    "position": start + 1,
                    "placement_no": 1,
                }
                entry = self.ledger.before("beacon", f"{session}:{seq}", session=session, seq=seq, host=person.host)
                self._until_acknowledged(client, entry, f"{course}play-beacons/", beacon)
            elif to_do and chance.random() < 0.08:
                item = to_do.pop()
                facts = {"enrollment": person.enrollment, "item": item, "host": person.host}
                entry = self.ledger.before("completion", f"{person.enrollment}:{item}", **facts)
                self._until_acknowledged(client, entry, f"{course}items/{item}/completion/", None)
            else:
                kind = chance.choice(READS)
                path = {
                    "lesson": f"{course}items/{chance.choice(person.lessons)}/",
                    "outline": f"{course}outline/",
                    "me": "/api/v1/me/",
                }[kind]
                client.call(kind, "GET", path)
            self._rest(chance)

    def _write(self, client: Client, chance: random.Random) -> None:
        while not self._stop.is_set():
            key = str(uuid4())
            entry = self.ledger.before("course", key, host=client.person.host)
            self._until_acknowledged(client, entry, "/api/v1/courses/", {"title": key}, **{"Idempotency-Key": key})
            self._stop.wait(chance.uniform(2, 4) * self._pause)

    def _invite(self, client: Client, chance: random.Random) -> None:
        while not self._stop.is_set():
            key = str(uuid4())
            email = f"{key}@{self._mail_host}"
            entry = self.ledger.before("invitation", email, host=client.person.host)
            body = {"email": email, "role": "learner"}
            self._until_acknowledged(client, entry, "/api/v1/invitations/", body, **{"Idempotency-Key": key})
            self._stop.wait(chance.uniform(4, 8) * self._pause)


def percentile(answers: Sequence[Answer], share: float) -> float | None:
    """Return a percentile of how long answers took, in milliseconds."""
    ordered = sorted(answer.ended - answer.began for answer in answers)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else None
