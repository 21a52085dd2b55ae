"""The one dispatcher: relays what is due and runs the platform's periodic duties.

PostgreSQL holds the truth; nudges through Redis only make things faster. Losing Redis costs delay, not work.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils.module_loading import import_string

import tenancy
from core.errors import NotFound
from core.ids import new_id
from events import delivery, idempotency
from events.duties import Duty, all_duties, duty
from tenancy import TenantRecord
from tenancy.tasks import named

_log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
_LOCK = 0x6C6D735F64697370  # "lms_disp": one dispatcher a database


@duty("events.relay", period_seconds=1.0)
def relay() -> int:
    """Send due deliveries to the workers; return how many. Sending one twice is harmless: its mark decides.

    What belongs to data that a restore has replaced is closed. What belongs to an organization that is paused or gone
    waits for the end of its lease, so that it takes nobody's turn; once it is back, it goes on under its generation.
    """
    deliver, load = named("events.tasks.deliver"), import_string(settings.TENANT_LOADER)
    serving: dict[UUID, TenantRecord | None] = {}
    sent = 0
    for organization_id, generation, delivery_id in delivery.take_due():
        if organization_id not in serving:
            serving[organization_id] = _record(load, organization_id)
        record = serving[organization_id]
        if record is None or not record.is_active:
            continue
        if generation < record.epoch:
            delivery.void(organization_id, before_generation=record.epoch)
            continue
        deliver.apply_for(organization_id, record.generation, str(delivery_id))
        sent += 1
    return sent


def _record(load: Callable[[UUID], TenantRecord], organization_id: UUID) -> TenantRecord | None:
    try:
        return load(organization_id)
    except NotFound:
        return None


@duty("events.purge_idempotency_keys", period_seconds=3600)
def purge_idempotency_keys() -> int:
    """Forget answers older than 72 hours."""
    return idempotency.purge()


@duty("events.purge_outbox", period_seconds=3600)
def purge_outbox() -> int:
    """Forget what was delivered more than 14 days ago."""
    return delivery.purge()


class Dispatcher:
    """Runs every duty when it is due until told to stop. A second dispatcher waits for the first to end."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._due: dict[str, float] = {}

    def stop(self) -> None:
        """Return from :meth:`run` after the duty at hand."""
        self._stop.set()

    def run(self) -> None:
        """Run until :meth:`stop`."""
        _log.info("dispatcher.started", extra={"run": str(new_id()), "duties": len(all_duties())})
        while not self._stop.is_set():
            try:
                with tenancy.platform():
                    if self._is_leader():
                        self.run_due()
            except Exception:  # noqa: BLE001 - the dispatcher outlives any one failure
                _log.exception("dispatcher.round_failed")
                connection.close()
            close_old_connections()
            self._stop.wait(TICK_SECONDS)

    def run_due(self) -> None:
        """Run each duty whose time has come, one failure not stopping the rest."""
        for found in all_duties():
            if self._stop.is_set() or time.monotonic() < self._due.get(found.name, 0.0):
                continue
            self._due[found.name] = time.monotonic() + found.period_seconds
            self._run_one(found)

    @staticmethod
    def _run_one(found: Duty) -> None:
        try:
            found.run()
        except Exception:  # noqa: BLE001 - one duty must not stop the others
            _log.exception("dispatcher.duty_failed", extra={"duty": found.name})

    @staticmethod
    def _is_leader() -> bool:
        with connection.cursor() as cursor:
            # Held by the session: a crash frees it. Taking it again in the same session only counts up.
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
                " AND ((classid::bigint << 32) | objid::bigint) = %s) OR pg_try_advisory_lock(%s)",
                [_LOCK, _LOCK],
            )
            return bool(cursor.fetchone()[0])
