"""The deep look: each thing that the product stands on, asked at once and given a second and a half.

A look costs a few round trips. It says names and numbers; of what an error said it keeps the class, for addresses and
logins stand in the words.
"""

from __future__ import annotations

import contextlib
import smtplib
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate

import redis
from django.conf import settings
from django.db import connection

import tenancy
from billing.inbox import looking
from core.clock import iso, now
from core.objects import ObjectGone, object_store
from events import api as events
from staff.console.dispatcher import QUEUES
from tenants import api as tenants

SECONDS = 1.5
_NO_OBJECT = "health/asked-for-and-never-there"
Part = dict[str, object]


def look() -> dict[str, object]:
    """Return ``status`` (``ok``, ``degraded``, ``down``) and each part with ``ok``, its milliseconds and figures."""
    pool = ThreadPoolExecutor(len(_PARTS), thread_name_prefix="health")
    try:
        asked = {name: pool.submit(_timed, ask) for name, (ask, _) in _PARTS.items()}
        deadline = time.monotonic() + SECONDS
        parts = {name: _result(future, deadline) for name, future in asked.items()}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    failed = [name for name, part in parts.items() if not part["ok"]]
    vital = [name for name in failed if _PARTS[name][1]]
    status = "down" if vital else "degraded" if failed else "ok"
    return {"status": status, "release": settings.RELEASE, "as_of": iso(now()), "parts": parts}


def _result(future: Future[Part], deadline: float) -> Part:
    try:
        return future.result(timeout=max(0.0, deadline - time.monotonic()))
    except TooLate:
        return {"ok": False, "error": "no answer", "ms": round(SECONDS * 1000)}


def _timed(ask: Callable[[], Part]) -> Part:
    started = time.perf_counter()
    try:
        found = ask()
    except Exception as failed:  # noqa: BLE001 - whatever it is, this part is not well
        found = {"ok": False, "error": type(failed).__name__}
    finally:
        connection.close()  # this thread's own
    return {"ok": True, **found, "ms": round((time.perf_counter() - started) * 1000)}


def _database() -> Part:
    with tenancy.platform(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {}


def _schema() -> Part:
    with tenancy.platform():
        why_not = tenants.why_not_served()
        return {"ok": not why_not, "release": tenants.current_release(), **({"reason": why_not} if why_not else {})}


def _redis() -> Part:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
    try:
        client.ping()
    finally:
        client.close()
    return {}


def _objects() -> Part:
    with contextlib.suppress(ObjectGone):  # it answered, and let us ask
        object_store().head(_NO_OBJECT)
    return {}


def _mail() -> Part:
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=SECONDS) as server:
        server.noop()
    return {}


def _dispatcher() -> Part:
    with tenancy.platform():
        state, outbox = events.dispatcher(), events.outbox()
    return {"ok": state.is_alive, "outbox_pending": outbox.pending, "outbox_lag_seconds": outbox.lag_seconds}


def _queues() -> Part:
    lengths = events.queue_lengths(QUEUES)
    if lengths is None:
        return {"ok": False, "error": "no answer"}
    return {"waiting": dict(zip(QUEUES, lengths, strict=True))}


def _webhooks() -> Part:
    with tenancy.platform():
        lag = looking.lag()
    return {"ok": lag["parked"] == 0, **lag}


# What is asked, and whether everybody is without the product while it fails.
_PARTS: dict[str, tuple[Callable[[], Part], bool]] = {
    "database": (_database, True),
    "schema": (_schema, True),
    "redis": (_redis, False),
    "objects": (_objects, False),
    "mail": (_mail, False),
    "dispatcher": (_dispatcher, False),
    "queues": (_queues, False),
    "webhooks": (_webhooks, False),
}
