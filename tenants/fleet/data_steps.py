"""Data steps: rows that a release rewrites, behind its new schema, an organization and a batch at a time.

They never run inside the transaction that changes tables: that one must be short. An app lists its steps in
``settings.DATA_STEPS``.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

import tenancy
from core.clock import now
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
            DataStepRun.objects.update_or_create(
                organization_id=organization_id,
                release_id=release,
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

    Returns the state that it leaves the step in.
    """
    with tenancy.platform():
        run = DataStepRun.objects.filter(id=run_id, state=State.RUNNING).first()
    if run is None or run.organization_id != tenancy.current().id:
        return ""
    step = steps().get(run.name)
    if step is None:
        return _write(run, state=State.FAILED, error="This code has no such step.", finished_at=now())
    cursor, rows = run.cursor, run.rows
    while True:
        try:
            batch = step.batch(cursor)
        except Exception as failed:  # noqa: BLE001 - whatever a step raises is recorded and tried again
            _log.exception("fleet.data_step_failed", extra={"step": run.name})
            return _fail(run, failed)
        rows += batch.rows
        if batch.cursor is None:
            return _write(run, state=State.DONE, rows=rows, error="", finished_at=now())
        cursor = batch.cursor
        if clock() >= until:
            return _write(run, state=State.PENDING, cursor=cursor, rows=rows, run_at=now())
        _write(run, state=State.RUNNING, cursor=cursor, rows=rows, run_at=now() + LEASE)


def _fail(run: DataStepRun, failed: Exception) -> str:
    attempt = run.attempt + 1
    error = f"{type(failed).__name__}: {failed}"[:2000]
    if attempt >= MAX_ATTEMPTS:
        return _write(run, state=State.FAILED, attempt=attempt, error=error, finished_at=now())
    rest = timedelta(seconds=REST_SECONDS[attempt])
    return _write(run, state=State.PENDING, attempt=attempt, error=error, run_at=now() + rest)


def _write(run: DataStepRun, *, state: str, **changes: Any) -> str:
    """Write where the step is, on the platform's side: the organization's role sees no ledger."""
    with tenancy.platform():
        DataStepRun.objects.filter(id=run.id).update(state=state, started_at=run.started_at or now(), **changes)
    return state
