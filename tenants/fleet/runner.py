"""The runner: canaries, a tenth, everybody. It may die at any instruction; the next one goes on where it was.

What is done stands in the ledger in the transaction that did it; what was under way is undone with its connection. One
runner a database holds a lock for as long as it lives: rows that say ``running`` when another begins were a dead one's.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Greatest

import tenancy
from core.clock import now
from core.errors import DomainError
from tenants.fleet import drift, rings, step
from tenants.fleet.rings import RINGS, Ring
from tenants.fleet.step import Policy
from tenants.models import Organization, SchemaLedger, SchemaRelease
from tenants.schema.locks import FLEET_KEY
from tenants.schema.template import current

_log = logging.getLogger(__name__)
State = SchemaRelease.State
_TICK_SECONDS = 0.1
_BEAT_SECONDS = 2.0
# A worker's session keeps what it knows of every schema that it touched: a new one forgets.
_SESSION_LASTS = 250
# Claimed at once: looking for the next one costs more than writing down that it was found.
_CLAIM = 8


class AlreadyRunning(DomainError):
    """Another runner is at work on this database."""

    code = "fleet_running"
    title = "The fleet is being brought along already"
    status = 409


class NotGoingOn(DomainError):
    """The release is stopped or paused, and nobody has said that it goes on."""

    code = "fleet_not_going_on"
    title = "This release is stopped or paused"
    status = 409


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes. It ends with the ring ``until``, and waits ``patience_seconds`` for who is busy.

    ``budget_permille`` is how many thousandths of a ring may fail before everything stops.
    """

    workers: int = 2
    until: Ring = Ring.ALL
    budget_permille: int = 20
    policy: Policy = field(default_factory=Policy)
    patience_seconds: float = 60.0


@dataclass(slots=True)
class Progress:
    """How a ring goes: what a report shows, about once a second."""

    ring: Ring
    total: int
    done: int = 0
    failed: int = 0
    waiting: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended. ``behind`` are the organizations that are not there yet, those that failed included."""

    release: int
    state: str
    reason: str
    done: int
    failed: int
    behind: int
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Return whether every organization has the release."""
        return not self.behind


Report = Callable[[Progress], None]


def run(options: Options = Options(), *, report: Report = lambda progress: None, go_on: bool = False) -> Result:
    """Bring the fleet to the release of this code. Runs as the owning login, unbound.

    ``go_on`` says that a release which is stopped or paused goes on; those that failed are tried again.

    Raises:
        AlreadyRunning: another runner is at work.
        NotGoingOn: it is stopped or paused, and ``go_on`` is not given.
    """
    began = time.monotonic()
    release = current().release
    with tenancy.schema_owner(), _only_one():
        _begin(release, go_on=go_on)
        reason = ""
        try:
            for ring in RINGS[: RINGS.index(options.until) + 1]:
                rings.plan(release)
                reason = _Ring(release, ring, options, report).run()
                if reason:
                    break
        except KeyboardInterrupt:
            _end(release, State.PAUSED, "Interrupted at the terminal.")
            raise
        return _conclude(release, options, reason, time.monotonic() - began)


def _begin(release: int, *, go_on: bool) -> None:
    row = SchemaRelease.objects.filter(number=release).first()
    if row is None:
        raise LookupError(f"release {release} is not recorded: run prepare_database first")
    if row.state in (State.PAUSED, State.STOPPED) and not go_on:
        raise NotGoingOn(f"Release {release} is {row.state}: {row.reason}")
    ours = SchemaLedger.objects.filter(release_id=release)
    # Their runner is dead: it held the lock that is ours now. Most of what it had claimed it never began: no attempt.
    ours.filter(state=SchemaLedger.State.RUNNING).update(
        state=SchemaLedger.State.PENDING, attempt=Greatest(F("attempt") - 1, 0), run_at=None
    )
    if go_on:
        retry(ours)
    SchemaRelease.objects.filter(number=release).update(
        state=State.RUNNING, reason="", started_at=row.started_at or now(), finished_at=None, seen_at=now()
    )


def retry(rows: Any) -> int:
    """Let those of ``rows`` that failed be tried again from the first attempt; return how many there are."""
    failed = rows.filter(state=SchemaLedger.State.FAILED)
    return int(failed.update(state=SchemaLedger.State.PENDING, attempt=0, run_at=None, finished_at=None))


def _conclude(release: int, options: Options, reason: str, seconds: float) -> Result:
    rings.plan(release)
    behind = len(rings.behind(release))
    rows = SchemaLedger.objects.filter(release_id=release)
    failed = rows.filter(state=SchemaLedger.State.FAILED).count()
    if not reason and options.until != Ring.ALL and _is_paused(release):
        reason = _PAUSED
    if reason == _PAUSED:
        state, reason = SchemaRelease.objects.values_list("state", "reason").get(number=release)
    elif reason:
        state = _end(release, State.STOPPED, reason)
    elif options.until != Ring.ALL:
        state = _end(release, State.WAITING, f"Asked to go as far as the ring {options.until}.")
    elif behind > failed:
        state = State.RUNNING  # who was busy or came meanwhile is taken along by the provisioner
    else:
        state = _end(release, State.DONE, "")
    done = rows.filter(state=SchemaLedger.State.DONE).exclude(ring="").count()
    return Result(release, state, reason, done, failed, behind, seconds)


def _is_paused(release: int) -> bool:
    return SchemaRelease.objects.filter(number=release, state=State.PAUSED).exists()


def _end(release: int, state: State, reason: str) -> State:
    finished = now() if state == State.DONE else None
    SchemaRelease.objects.filter(number=release).update(
        state=state, reason=reason, finished_at=finished, seen_at=now(), **({"ring": ""} if finished else {})
    )
    return state


@contextmanager
def _only_one() -> Iterator[None]:
    """Hold the fleet's lock for the session: a crash frees it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [FLEET_KEY])
        if not cursor.fetchone()[0]:
            raise AlreadyRunning("Another runner is at work. It shows its progress where it was started.")
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [FLEET_KEY])


_PAUSED = "paused"


@dataclass(slots=True)
class _Ring:
    """One ring: its workers, and the thread that watches over them."""

    release: int
    ring: Ring
    options: Options
    report: Report
    stop: threading.Event = field(default_factory=threading.Event)
    broken: list[BaseException] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def run(self) -> str:
        """Return why everything has to stop; "" where the next ring may begin."""
        SchemaRelease.objects.filter(number=self.release).update(ring=self.ring)
        progress = self._progress()
        # Whoever paused it while the canaries were looked at sees nobody begin.
        if reason := self._reason(progress):
            return reason
        if not progress.total:
            return ""
        workers = [threading.Thread(target=self._work, daemon=True) for _ in range(max(1, self.options.workers))]
        for worker in workers:
            worker.start()
        try:
            while any(worker.is_alive() for worker in workers):
                workers[0].join(_TICK_SECONDS) if workers[0].is_alive() else time.sleep(_TICK_SECONDS)
                if time.monotonic() - self.began - progress.seconds >= 1.0:
                    progress = self._progress()
                    self.report(progress)
                    reason = reason or self._reason(progress)
                    if reason:
                        self.stop.set()
        finally:
            self.stop.set()
            for worker in workers:
                worker.join()
        if self.broken:
            raise self.broken[0]
        progress = self._progress()
        self.report(progress)
        return reason or self._reason(progress) or self._canaries_look_well()

    def _progress(self) -> Progress:
        counted = rings.counts(self.release)
        of = {state: counted.get((self.ring, state), 0) for state in SchemaLedger.State.values}
        return Progress(
            ring=self.ring,
            total=sum(of.values()),
            done=of[SchemaLedger.State.DONE],
            failed=of[SchemaLedger.State.FAILED],
            waiting=of[SchemaLedger.State.PENDING] + of[SchemaLedger.State.RUNNING],
            seconds=time.monotonic() - self.began,
        )

    def _reason(self, progress: Progress) -> str:
        SchemaRelease.objects.filter(number=self.release).update(seen_at=now())
        if _is_paused(self.release):
            return _PAUSED
        allowed = rings.budget(self.ring, progress.total, self.options.budget_permille)
        if progress.failed > allowed:
            return f"{progress.failed} of {progress.total} in the ring {self.ring} failed; {allowed} may."
        return ""

    def _canaries_look_well(self) -> str:
        """Hold the canaries against the template before anybody follows them."""
        if self.ring != Ring.CANARY:
            return ""
        rows = SchemaLedger.objects.filter(release_id=self.release, ring=Ring.CANARY, state=SchemaLedger.State.DONE)
        found = drift.look(list(rows.values_list("organization_id", flat=True)))
        if not found.drifted:
            return ""
        whose, lines = next(iter(found.drifted.items()))
        name = Organization.objects.values_list("name", flat=True).get(id=whose)
        return f"The canary {name} is not what the template makes: {'; '.join(lines[:3])}."

    # -- in a worker's thread ------------------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            with tenancy.schema_owner():
                self._take_turns()
        except BaseException as broken:  # noqa: BLE001 - handed to the thread that waits
            _log.exception("fleet.worker_failed")
            self.broken.append(broken)
            self.stop.set()
        finally:
            connection.close()

    def _take_turns(self) -> None:
        taken = 0
        idle_since: float | None = None
        while not self.stop.is_set():
            claimed = self._claim()
            if claimed:
                idle_since = None
                for place, (organization_id, attempt) in enumerate(claimed):
                    if self.stop.is_set():
                        self._give_back([found for found, _ in claimed[place:]])
                        return
                    self._bring(organization_id, attempt)
                taken += len(claimed)
                if taken >= _SESSION_LASTS:
                    connection.close()
                    taken = 0
                continue
            idle_since = idle_since or time.monotonic()
            if not self._rest_waits() or time.monotonic() - idle_since > self.options.patience_seconds:
                return
            self.stop.wait(_TICK_SECONDS)

    def _bring(self, organization_id: UUID, attempt: int) -> None:
        policy, jitter = self.options.policy, random.random()  # noqa: S311
        outcome = step.bring(organization_id, self.release, attempt, policy, jitter=jitter)
        # At once: until the watching thread looks, a hundred more could fail.
        if outcome == "failed" and self._reason(self._progress()):
            self.stop.set()

    def _claim(self) -> list[tuple[UUID, int]]:
        """Take the next organizations; return each and which attempt this is."""
        with connection.cursor() as cursor:
            # A claim that a crash forgets was none: nothing waits for the disk.
            cursor.execute(
                """
                SET LOCAL synchronous_commit = off;
                UPDATE tenants_schemaledger SET state = 'running', started_at = %s, attempt = attempt + 1
                WHERE id IN (
                  SELECT l.id FROM tenants_schemaledger l JOIN tenants_organization o ON o.id = l.organization_id
                  WHERE l.release_id = %s AND l.ring = %s AND l.state = 'pending'
                    AND (l.run_at IS NULL OR l.run_at <= %s)
                    -- Nothing changes of one that is being moved, this row neither.
                    AND o.frozen_at IS NULL
                  ORDER BY l.run_at NULLS FIRST, l.id LIMIT %s FOR UPDATE OF l SKIP LOCKED
                )
                RETURNING organization_id, attempt
                """,
                [now(), self.release, self.ring, now(), _CLAIM],
            )
            return [(found[0], found[1]) for found in cursor.fetchall()]

    def _give_back(self, organization_ids: list[UUID]) -> None:
        """Let those that were claimed and not begun wait again: that was no attempt."""
        rows = SchemaLedger.objects.filter(release_id=self.release, organization_id__in=organization_ids)
        rows.filter(state=SchemaLedger.State.RUNNING).update(
            state=SchemaLedger.State.PENDING, attempt=F("attempt") - 1, run_at=None, started_at=None
        )

    def _rest_waits(self) -> bool:
        """Return whether somebody's next attempt is still to come. Whoever is being moved waits for the next run."""
        soon = now() + timedelta(seconds=self.options.patience_seconds)
        waiting = SchemaLedger.objects.filter(
            Q(run_at__isnull=True) | Q(run_at__lte=soon),
            release_id=self.release,
            ring=self.ring,
            state=SchemaLedger.State.PENDING,
            organization__frozen_at__isnull=True,
        )
        return waiting.exists()
