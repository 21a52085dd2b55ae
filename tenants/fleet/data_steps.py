"""Data steps: rows that a release rewrites, behind its new schema, an organization and a batch at a time.

They never run inside the transaction that changes tables: that one must be short. An app lists its steps in
``settings.DATA_STEPS``.

What begins while a batch is under way does it no harm. One task works on a step, the one that has its lock. What it
writes down counts only as long as the step was not begun anew and the organization is of the generation it began with,
so a restore, a suspension or a move makes it end, and whoever comes next finds the cursor that belongs to the rows that
are there. A newer release needs no wait: the code of a step serves the schema of the next release as all code does.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import Error, connection
from django.utils.module_loading import import_string

import tenancy
from core.clock import now
from tenancy.errors import OrganizationMoving, TenantUnavailable
from tenants.dto import Batch
from tenants.models import DataStepRun, Organization

_log = logging.getLogger(__name__)
State = DataStepRun.State
MAX_ATTEMPTS = 5
REST_SECONDS = (0, 10, 60, 300, 900)
# A task that says nothing for so long has died; its step goes on from its last batch.
LEASE = timedelta(seconds=120)
# How long one task works before it lets others have the worker.
SLICE_SECONDS = 20.0
AT_ONCE = 4


class DataStep(Protocol):
    """One data step. ``batch`` runs bound to the organization and is safe to repeat: a death repeats the last one."""

    name: str
    release: int

    def batch(self, cursor: dict[str, Any]) -> Batch: ...


@lru_cache(maxsize=1)
def steps() -> dict[str, DataStep]:
    """Return every listed step by its name."""
    found: list[DataStep] = [import_string(path)() for path in settings.DATA_STEPS]
    return {step.name: step for step in found}


def plan(organization_id: UUID, release: int) -> None:
    """Write the steps of a release for one organization, in the transaction that brings it there. From the start."""
    for step in steps().values():
        if step.release == release:
            _begin(organization_id, step)


def plan_restored(organization_id: UUID, *, release: int, from_release: int, as_of: datetime) -> None:
    """Write anew what a restore undid, in its transaction: its rows are of ``from_release`` and as they were then.

    ``release`` is the one that the schema has now. Only a step that was done by ``as_of`` is in the rows that are back.
    """
    runs = DataStepRun.objects.filter(organization_id=organization_id)
    # Whoever brings it to a later release once more plans that one's steps.
    runs.filter(release_id__gt=release).delete()
    found = {run.name: run for run in runs}
    for step in steps().values():
        run = found.get(step.name)
        is_in = run is None or (run.finished_at is not None and run.state == State.DONE and run.finished_at <= as_of)
        if step.release <= release and not (is_in and step.release <= from_release):
            _begin(organization_id, step)


def _begin(organization_id: UUID, step: DataStep) -> None:
    DataStepRun.objects.update_or_create(
        organization_id=organization_id,
        release_id=step.release,
        name=step.name,
        defaults={
            "state": State.PENDING, "cursor": {}, "rows": 0, "attempt": 0, "error": "",
            "run_at": now(), "started_at": None, "finished_at": None,
        },
    )  # fmt: skip


def take_due(at_once: int = AT_ONCE) -> list[DataStepRun]:
    """Claim steps that wait, or whose task died, so that at most ``at_once`` are under way. Platform only."""
    moment = now()
    serving = (Organization.State.ACTIVE, Organization.State.READ_ONLY)
    alive = DataStepRun.objects.filter(state=State.RUNNING, run_at__gt=moment).count()
    due = (
        DataStepRun.objects.filter(
            state__in=(State.PENDING, State.RUNNING),
            run_at__lte=moment,
            organization__in=Organization.objects.here().filter(state__in=serving),
        )
        .order_by("run_at", "id")
        .select_for_update(skip_locked=True, of=("self",))
    )
    taken = list(due[: max(0, at_once - alive)])
    DataStepRun.objects.filter(id__in=[run.id for run in taken]).update(state=State.RUNNING, run_at=moment + LEASE)
    return taken


def work(run_id: UUID, *, until: float, clock: Any) -> str:
    """Run batches of the bound organization's step until it is done or ``clock()`` reaches ``until``.

    Returns the state that it leaves the step in; "" where the step is not, or no longer, this task's to work on.
    """
    generation = tenancy.current().generation
    with _alone(run_id) as is_alone:
        if not is_alone:
            return ""
        with tenancy.platform():
            run = DataStepRun.objects.filter(id=run_id, state=State.RUNNING).first()
        if run is None or run.organization_id != tenancy.current().id:
            return ""
        hold = _Hold(run, generation)
        return _work(hold, until, clock) if hold.begin() else ""


class _Hold:
    """A step that is being worked on. Every write goes through here and changes nothing once the step is not ours."""

    def __init__(self, run: DataStepRun, generation: int) -> None:
        self.run = run
        self._generation = generation

    def begin(self) -> bool:
        """Say when this run of the step began, which names it; return whether it is ours."""
        began, moment = self.run.started_at, now()
        if not self._change(started_at=began or moment):
            return False
        self.run.started_at = began or moment
        return True

    def write(self, *, state: str, **changes: Any) -> str:
        """Write where the step is; return ``state``, or "" where that is not ours to say any more."""
        return state if self._change(state=state, **changes) else ""

    def _change(self, **changes: Any) -> bool:
        # On the platform's side: the organization's role sees no ledger. Of one that is frozen it changes no row.
        with tenancy.platform():
            mine = DataStepRun.objects.filter(
                id=self.run.id,
                state=State.RUNNING,
                started_at=self.run.started_at,
                organization__generation=self._generation,
            )
            return bool(mine.update(**changes))


def _work(hold: _Hold, until: float, clock: Any) -> str:
    run = hold.run
    step = steps().get(run.name)
    if step is None:
        return hold.write(state=State.FAILED, error="This code has no such step.", finished_at=now())
    cursor, rows = run.cursor, run.rows
    while True:
        try:
            batch = step.batch(cursor)
        except (OrganizationMoving, TenantUnavailable):
            # It is on its way elsewhere or paused: no failure of the step, which is handed out again afterwards.
            _log.info("fleet.data_step_put_off", extra={"step": run.name})
            return ""
        except Exception as failed:  # noqa: BLE001 - whatever a step raises is recorded and tried again
            _log.exception("fleet.data_step_failed", extra={"step": run.name})
            return _fail(hold, failed)
        rows += batch.rows
        if batch.cursor is None:
            return hold.write(state=State.DONE, rows=rows, error="", finished_at=now())
        cursor = batch.cursor
        if clock() >= until:
            return hold.write(state=State.PENDING, cursor=cursor, rows=rows, run_at=now())
        if not hold.write(state=State.RUNNING, cursor=cursor, rows=rows, run_at=now() + LEASE):
            return ""


def _fail(hold: _Hold, failed: Exception) -> str:
    attempt = hold.run.attempt + 1
    error = f"{type(failed).__name__}: {failed}"[:2000]
    if attempt >= MAX_ATTEMPTS:
        return hold.write(state=State.FAILED, attempt=attempt, error=error, finished_at=now())
    rest = timedelta(seconds=REST_SECONDS[attempt])
    return hold.write(state=State.PENDING, attempt=attempt, error=error, run_at=now() + rest)


@contextlib.contextmanager
def _alone(run_id: UUID) -> Iterator[bool]:
    """Take the step's lock, which this connection holds to the end; yield whether it was free.

    A batch that outlasts the lease, or a message that comes twice, would otherwise have two tasks at one step.
    """
    key = [f"data-step:{run_id}"]
    with tenancy.platform(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone:
            # A connection that broke meanwhile has given it back already.
            with contextlib.suppress(Error), tenancy.platform(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)
