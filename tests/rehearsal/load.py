"""Who is at work while releases come and go, and what each of them was told."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from devstack.demo.browser import Browser as Caller
from devstack.demo.browser import Refused
from tests.faults.campaign import films
from tests.faults.campaign.crowd import TIMEOUT_SECONDS, Answer, Crowd
from tests.faults.campaign.ledger import Ledger
from tests.faults.campaign.stage import School, Stage
from tests.journeys import organizations
from tests.journeys.conftest import PASSWORD

PAUSE_SECONDS = 0.15
VISIT_SECONDS, NEWCOMER_SECONDS = 2.5, 8.0
_SCRIPT = re.compile(r'"(/assets/[^"]+\.js)"')


@dataclass
class Visitor:
    """Somebody who comes anew each time: signs in, loads a page with its files, plays a film."""

    stage: Stage
    school: School
    answers: list[Answer] = field(default_factory=list)

    def once(self) -> None:
        """Come, and leave. Whatever is refused, or not answered, is among the answers."""
        caller = Caller(self.school.organization.host, self.stage.port)
        with self._listened(caller), contextlib.suppress(Refused, httpx.HTTPError):
            caller.sign_in(self.school.organization.members["learner0"], PASSWORD)
            page = caller._send("GET", "/")
            script = _SCRIPT.search(page.text)
            self._note("page", 200 if script else 500, "" if script else "the page names no file of the application")
            if script:
                caller._send("GET", script[1])
            person = self.school.learners[0]
            grant = caller.call("POST", f"/api/v1/enrollments/{person.enrollment}/items/{person.film}/grant/")
            address = next(value for value in films._texts(grant) if "/media/t/" in value)
            caller._send("GET", f"/media/{address.partition('/media/')[2]}")

    @contextlib.contextmanager
    def _listened(self, caller: Caller) -> Iterator[None]:
        """Note every answer of this caller; an exception of its connection is an answer of 0."""
        began = [0.0]

        def asks(request: httpx.Request) -> None:
            began[0] = time.monotonic()

        def hears(answer: httpx.Response) -> None:
            words = "" if answer.is_success else f"{answer.request.method} {answer.request.url.path}"
            self._note("visit", answer.status_code, words, began[0])

        hooks: Any = {"request": [asks], "response": [hears]}
        with httpx.Client(base_url=caller._client.base_url, timeout=TIMEOUT_SECONDS, event_hooks=hooks) as client:
            caller._client.close()
            caller._client = client
            try:
                yield
            except httpx.HTTPError as error:
                self._note("visit", 0, repr(error), began[0])

    def _note(self, kind: str, status: int, words: str, began: float | None = None) -> None:
        moment = time.monotonic()
        self.answers.append(Answer(f"visitor of {self.school.slug}", kind, began or moment, moment, status, words))


@dataclass
class Newcomers:
    """Organizations that sign up, one after the other: each is there in the end, and its owner in its studio."""

    stage: Stage
    mark: str
    answers: list[Answer] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def once(self) -> None:
        slug, began = f"{self.mark}-{next(self.numbers)}", time.monotonic()
        status, words = 201, ""
        try:
            organizations.found(self.stage.whole, slug, slug.title())
        except (Refused, AssertionError, httpx.HTTPError) as wrong:
            status, words = 0, f"{slug}: {type(wrong).__name__} {wrong}"[:300]
        self.answers.append(Answer("newcomer", "sign-up", began, time.monotonic(), status, words))


class Load:
    """Everybody, at the schools that were founded for it."""

    def __init__(self, stage: Stage, folder: Path, seed: int) -> None:
        self.ledgers = {slug: Ledger(folder / f"{slug}.jsonl") for slug in stage.schools}
        self.crowds = {
            slug: Crowd(
                port=stage.port, ledger=self.ledgers[slug], learners=school.learners, owner=school.owner,
                mail_host=f"{slug}.invited.example", seed=seed, pause=PAUSE_SECONDS,
                to_complete={person.enrollment: person.lessons for person in school.learners},
            )
            for slug, school in stage.schools.items()
        }  # fmt: skip
        self.visitors = [Visitor(stage, school) for school in stage.schools.values()]
        self.newcomers = Newcomers(stage, f"new-{hashlib.sha256(str(seed).encode()).hexdigest()[:6]}")
        self._stop = threading.Event()
        self._taken = Counter[int]()

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Everybody works for as long as the block lasts."""
        comers: list[tuple[Visitor | Newcomers, float]] = [(one, VISIT_SECONDS) for one in self.visitors]
        comers.append((self.newcomers, NEWCOMER_SECONDS))
        threads = [threading.Thread(target=self._come, args=comer, daemon=True) for comer in comers]
        with contextlib.ExitStack() as crowds:
            for crowd in self.crowds.values():
                crowds.enter_context(crowd.at_work())
            for thread in threads:
                thread.start()
            try:
                yield
            finally:
                self._stop.set()
                for thread in threads:
                    thread.join(90)
        for ledger in self.ledgers.values():
            ledger.close()

    def take(self) -> list[Answer]:
        """Return the answers that were not returned before: each is once, whenever it began or ended."""
        comers: list[Visitor | Newcomers] = [*self.visitors, self.newcomers]
        told = [client.answers for crowd in self.crowds.values() for client in crowd.clients]
        told += [comer.answers for comer in comers]
        found: list[Answer] = []
        for at, answers in enumerate(told):
            new = answers[self._taken[at] :]  # they only ever grow
            self._taken[at] += len(new)
            found += new
        return found

    def _come(self, who: Visitor | Newcomers, pause: float) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                who.once()
            except Exception as wrong:  # noqa: BLE001 - an answer that nobody can read is a failure as any other
                words = f"{type(wrong).__name__} {wrong}"[:300]
                who.answers.append(Answer("comer", "unreadable", began, time.monotonic(), 0, words))
            self._stop.wait(pause)
