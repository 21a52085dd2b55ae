"""What surrounds every task: where it comes from, what it cost, how it ended. Connected to Celery's signals.

A message carries the request id and the trace of whoever sent it, and when that was. Its arguments are in no line and
no span: they hold codes, links and addresses.
"""

from __future__ import annotations

import contextlib
import logging
import time
from dataclasses import dataclass, field
from typing import Any

import structlog
from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.conf import settings
from opentelemetry.trace import SpanKind

from core.telemetry import metrics, origin
from core.telemetry.effort import Effort, measured
from tenancy.tasks import HEADER as ORGANIZATION

_log = logging.getLogger("work")

ORIGIN, SENT_AT = "lms_origin", "lms_sent_at"
_OUTCOMES = {"SUCCESS": "done", "FAILURE": "failed", "RETRY": "retried", "IGNORED": "refused", "REJECTED": "refused"}


@dataclass
class _Running:
    """A task at work in this thread."""

    began: float
    waited: float | None
    queue: str
    effort: Effort
    around: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)


_running: dict[str, _Running] = {}


def connect() -> None:
    """Surround every task that this process sends or runs."""
    before_task_publish.connect(_sent, weak=False)
    task_prerun.connect(_begun, weak=False)
    task_postrun.connect(_ended, weak=False)


def _sent(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None:
        headers[ORIGIN] = headers.get(ORIGIN) or origin.carried()
        headers[SENT_AT] = time.time()


def _begun(task_id: str, task: Task, **_: Any) -> None:
    request = task.request
    sent_at = request.get(SENT_AT)
    queue = str((request.delivery_info or {}).get("routing_key") or settings.CELERY_TASK_DEFAULT_QUEUE)
    around = contextlib.ExitStack()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id)
    around.enter_context(
        origin.continuing(request.get(ORIGIN), f"task {task.name}", kind=SpanKind.CONSUMER, values=_values(task, queue))
    )
    effort = around.enter_context(measured())
    # Clocks of two machines differ a little: nothing waits less than no time.
    waited = max(0.0, time.time() - float(sent_at)) if isinstance(sent_at, int | float) else None
    _running[task_id] = _Running(time.perf_counter(), waited, queue, effort, around)


def _values(task: Task, queue: str) -> dict[str, str]:
    values = {"messaging.destination.name": queue, "lms.task": task.name}
    found = _organization(task)
    return {**values, "lms.organization": found} if found else values


def _organization(task: Task) -> str:
    return str(task.request.get(ORGANIZATION) or "").partition(":")[0]


def _ended(task_id: str, task: Task, state: str | None = None, **_: Any) -> None:
    found = _running.pop(task_id, None)
    if found is None:
        return
    seconds = time.perf_counter() - found.began
    outcome = _OUTCOMES.get(state or "", "refused")
    metrics.TASKS.labels(task.name, outcome).inc()
    metrics.TASK_SECONDS.labels(task.name).observe(seconds)
    metrics.TASK_DB_SECONDS.labels(task.name).inc(found.effort.seconds)
    if found.waited is not None:
        metrics.TASK_WAIT_SECONDS.labels(found.queue).observe(found.waited)
    line: dict[str, object] = {
        "outcome": outcome,
        "queue": found.queue,
        "dur_ms": round(seconds * 1000, 1),
        "db_ms": found.effort.milliseconds,
        "db_queries": found.effort.statements,
    }
    if found.waited is not None:
        line["waited_ms"] = round(found.waited * 1000)
    if organization := _organization(task):
        line["organization"] = organization
    _log.info("task.ended", extra=line)
    found.around.close()
    structlog.contextvars.clear_contextvars()
