"""The one dispatcher: relays what is due, and runs the platform's periodic duties.

PostgreSQL holds the truth; the bell through Redis only makes things faster. Losing Redis costs delay, not work.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime

import redis
from django.db import close_old_connections, connection

import tenancy
from core.clock import now
from core.ids import new_id
from events import bell, delivery, idempotency, mails, schedule
from events.duties import Duty, all_duties, duty
from events.journal import Journal
from events.lanes import LANES
from events.relay import Relay

_log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
# How long a duty that is at work may take to end when the dispatcher is told to stop.
STOP_SECONDS = 6.0
# How long the relay waits for a bell before it looks by itself: for what has backed off, and for bells that got lost.
LOOK_SECONDS = 1.0
# Bells that ring within this time of the last look are heard together: fewer claims, and fuller hands.
GAP_SECONDS = 0.05
_LOCK = 0x6C6D735F64697370  # "lms_disp": one dispatcher a database


@duty("events.purge_idempotency_keys", period_seconds=3600)
def purge_idempotency_keys() -> int:
    """Forget answers older than 72 hours."""
    return idempotency.purge()


@duty("events.purge_outbox", period_seconds=3600)
def purge_outbox() -> int:
    """Forget what was delivered more than 14 days ago."""
    return delivery.purge()


@duty("events.keep_schedule", period_seconds=30)
def keep_schedule() -> int:
    """Give new organizations their periodic duties, and take those of deleted ones."""
    return schedule.keep()


@duty("events.purge_mails", period_seconds=3600)
def purge_mails() -> int:
    """Forget mails that were given up a week ago."""
    return mails.purge()


class Dispatcher:
    """Relays, and runs every duty when it is due, until told to stop. A second dispatcher waits for the first to end.

    Three threads: this one leads, and does nothing else with the session that says so; one relays, for what somebody
    just did must not wait behind a duty that counts organizations; one runs the duties.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._leads = threading.Event()
        self._due: dict[str, float] = {}
        self._journal = Journal()

    def stop(self) -> None:
        """Return from :meth:`run` after the duty at hand."""
        self._stop.set()

    def run(self) -> None:
        """Run until :meth:`stop`."""
        _log.info("dispatcher.started", extra={"run": str(new_id()), "duties": len(all_duties())})
        threads = [threading.Thread(target=work, daemon=True) for work in (self._relay, self._duties)]
        for thread in threads:
            thread.start()
        while not self._stop.is_set():
            try:
                with tenancy.platform():
                    self._lead()
            except Exception:  # noqa: BLE001 - the dispatcher outlives any one failure
                # Without its session it may lead no longer, and asks again.
                self._leads.clear()
                _log.exception("dispatcher.round_failed")
                connection.close()
            self._stop.wait(TICK_SECONDS)
        for thread in threads:
            thread.join(timeout=STOP_SECONDS)

    def _lead(self) -> None:
        if not self._is_leader():
            self._leads.clear()
            return
        if not self._leads.is_set():
            _log.info("dispatcher.leads")
            self._take_over(self._journal.open())
            self._leads.set()
        self._journal.write()

    def _take_over(self, begun: dict[str, datetime]) -> None:
        """Go on where the last dispatcher was: what it ran a moment ago is not due because another leads now."""
        at, clock = now(), time.monotonic()
        for found in all_duties():
            if found.name in begun:
                left = found.period_seconds - (at - begun[found.name]).total_seconds()
                self._due[found.name] = clock + min(left, found.period_seconds)

    def _duties(self) -> None:
        while self._is_to_work():
            with self._outliving("dispatcher.duties_failed"), tenancy.platform():
                self.run_due()
            self._stop.wait(TICK_SECONDS)
        connection.close()

    def run_due(self) -> None:
        """Run each duty whose time has come, one failure not stopping the rest."""
        for found in all_duties():
            if self._stop.is_set() or time.monotonic() < self._due.get(found.name, 0.0):
                continue
            self._due[found.name] = time.monotonic() + found.period_seconds
            self._run_one(found)

    def _run_one(self, found: Duty) -> None:
        self._journal.begun(found.name)
        try:
            found.run()
        except Exception as error:  # noqa: BLE001 - one duty must not stop the others
            _log.exception("dispatcher.duty_failed", extra={"duty": found.name})
            self._journal.ended(found.name, error)
        else:
            self._journal.ended(found.name)

    def _relay(self) -> None:
        relays = {lane.bell: Relay(lane) for lane in LANES.values()}
        rung, looked = None, -LOOK_SECONDS
        while self._is_to_work():
            if time.monotonic() - looked >= LOOK_SECONDS:
                rung, looked = None, time.monotonic()
            with self._outliving("dispatcher.relay_failed"), tenancy.platform():
                for found in [relays[rung]] if rung else relays.values():
                    found.run()
            self._stop.wait(GAP_SECONDS)
            # The first of the list that rings is heard: whoever was heard last stands behind the others.
            rung = self._listen(sorted(relays, key=lambda one: one == rung))
        connection.close()

    def _listen(self, bells: list[bell.Bell]) -> bell.Bell | None:
        try:
            return bell.wait_for(bells, seconds=LOOK_SECONDS)
        except redis.RedisError:
            self._stop.wait(LOOK_SECONDS)
            return None

    def _is_to_work(self) -> bool:
        """Wait until this dispatcher leads; return False once it is to stop."""
        while not self._stop.is_set():
            if self._leads.wait(timeout=TICK_SECONDS):
                return not self._stop.is_set()
        return False

    @staticmethod
    @contextlib.contextmanager
    def _outliving(event: str) -> Iterator[None]:
        """Log any failure, and go on with a connection that works: the dispatcher outlives any one failure."""
        try:
            yield
        except Exception:  # noqa: BLE001
            _log.exception(event)
            connection.close()
        close_old_connections()

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
