"""Figures that are read from tables and queues rather than counted: the dispatcher's process tells them.

A thread of its own reads every few seconds and keeps what it found; whoever scrapes is told that, and never waits for a
database. A reading that fails leaves the last one, and its age says so. Where nobody scrapes, the same reading can be a
line of the log (``LMS_FIGURES_LOG_SECONDS``).
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection
from prometheus_client.core import GaugeMetricFamily

import tenancy
from billing.inbox import looking
from config import metrics
from config.work import SENT_AT
from core.clock import now
from events import api as events
from media import api as media
from staff.console.dispatcher import QUEUES
from staff.console.fleet import PAUSED
from staff.models import OrganizationStat
from staff.status import services as status
from tenancy.postgresql import activity
from tenants import api as tenants

_log = logging.getLogger(__name__)

READ_SECONDS = 10.0
_BROKER_SECONDS = 1.0
Value = tuple[tuple[str, ...], float]


class FleetFigures:
    """The last reading. :meth:`begin` reads from now on."""

    def __init__(self) -> None:
        self._families: list[GaugeMetricFamily] = []
        self._read_at: float | None = None
        self._written_at = -math.inf

    def begin(self) -> None:
        """Read every few seconds, from a thread that ends with the process."""
        threading.Thread(target=self._go_on_reading, name="fleet-figures", daemon=True).start()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return what was read last, and how old it is. Before the first reading there is nothing."""
        if self._read_at is None:
            return
        yield from self._families
        yield GaugeMetricFamily(
            "lms_fleet_reading_age_seconds",
            "Since figures of the fleet were last read from the database.",
            value=time.monotonic() - self._read_at,
        )

    def read(self) -> None:
        """Read once. Binds the platform itself."""
        found: list[GaugeMetricFamily] = []
        for reading in _READINGS:
            found += reading()
        self._families, self._read_at = found, time.monotonic()

    def write_when_due(self) -> None:
        """Write the last reading into the log, where that is wanted and the last line is old enough."""
        every = settings.FIGURES_LOG_SECONDS
        if every and time.monotonic() - self._written_at >= every:
            self._written_at = time.monotonic()
            _log.info("figures.told", extra=line_of(self._families))

    def _go_on_reading(self) -> None:
        while True:
            try:
                self.read()
                self.write_when_due()
            except Exception as failed:  # noqa: BLE001 - it is tried again; the age says that it was not read
                _log.warning("figures.not_read", extra={"error": type(failed).__name__})
                connection.close()
            time.sleep(READ_SECONDS)


def tell() -> None:
    """Tell the fleet's figures at this process's port, where it has one, and in its log, where that is wanted."""
    figures = FleetFigures()
    if metrics.serve(figures) is not None or settings.FIGURES_LOG_SECONDS:
        figures.begin()


def line_of(families: Iterable[GaugeMetricFamily]) -> dict[str, object]:
    """Return figures as members of a log line: a number each, or a number by label; of several labels the sum.

    What is not finite has no number in JSON and is left out.
    """
    line: dict[str, object] = {}
    for family in families:
        samples = [one for one in family.samples if math.isfinite(one.value)]
        if any(len(one.labels) == 1 for one in samples):
            line[family.name] = {next(iter(one.labels.values())): float(one.value) for one in samples}
        elif samples:
            line[family.name] = float(sum(one.value for one in samples))
    return line


def _gauge(name: str, words: str, labels: tuple[str, ...], values: Iterable[Value]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=labels)
    for given, value in values:
        family.add_metric(given, value)
    return family


def _one(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _work() -> list[GaugeMetricFamily]:
    """What waits in rows, without what waits on purpose."""
    with tenancy.platform():
        paused = list(
            OrganizationStat.objects.filter(organization__state__in=PAUSED).values_list("organization_id", flat=True)
        )
        outbox, mails = events.outbox(but=paused), events.queued_mails()
        schedule, duties = events.schedule_lines(but=paused), events.duty_lines()
        beat = events.dispatcher().beat_at
        conversions, webhooks = media.transcodes(), looking.lag()
    lanes = (outbox, mails)
    failing = sum(line.failing for line in schedule)

    def by_lane(name: str, words: str, value: Callable[[events.LaneState], float]) -> GaugeMetricFamily:
        return _gauge(name, words, ("lane",), [((one.name,), value(one)) for one in lanes])

    return [
        by_lane("lms_lane_pending", "Rows that wait, by lane.", lambda one: one.pending),
        by_lane("lms_lane_parked", "Rows given up after all tries.", lambda one: one.parked),
        by_lane("lms_lane_lag_seconds", "Age of the oldest row that waits.", lambda one: one.lag_seconds),
        _one("lms_schedule_lag_seconds", "How late the latest duty of an organization is.",
             max((line.lag_seconds for line in schedule), default=0)),
        _one("lms_schedule_failing", "Duties of organizations whose last run failed.", failing),
        _gauge("lms_duty_lag_seconds", "How long a duty of the platform has been due.", ("duty",),
               [((line.name,), line.lag_seconds) for line in duties]),
        _one("lms_dispatcher_beat_age_seconds", "Since the dispatcher that leads last said so.",
             (now() - beat).total_seconds() if beat else float("inf")),
        _one("lms_transcode_waiting", "Films that wait to be encoded.", conversions.waiting),
        _one("lms_transcode_running", "Films that are being encoded.", conversions.running),
        _one("lms_transcode_lag_seconds", "How long the oldest film has waited.", conversions.oldest_seconds),
        _one("lms_transcode_failed_24h", "Encodings that failed within a day.", conversions.failed_24h),
        _one("lms_webhook_lag_seconds", "How long the oldest event of Stripe has waited.", webhooks["oldest_seconds"]),
        _one("lms_webhook_parked", "Events of Stripe given up after all tries.", webhooks["parked"]),
    ]  # fmt: skip


def _queues() -> list[GaugeMetricFamily]:
    """The broker's queues: how long, and how old the oldest message is. Nothing where the broker does not answer."""
    client = redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=_BROKER_SECONDS, socket_connect_timeout=_BROKER_SECONDS
    )
    try:
        with client.pipeline(transaction=False) as pipe:
            for name in QUEUES:
                pipe.llen(name)
                pipe.lindex(name, -1)  # taken from this end
            answers = pipe.execute()
    except redis.RedisError:
        return [_one("lms_broker_up", "Whether the broker answers.", 0)]
    finally:
        client.close()
    lengths = [((name,), float(answers[2 * at])) for at, name in enumerate(QUEUES)]
    ages = [((name,), age_of(answers[2 * at + 1])) for at, name in enumerate(QUEUES)]
    return [
        _one("lms_broker_up", "Whether the broker answers.", 1),
        _gauge("lms_queue_length", "Messages that wait, by queue.", ("queue",), lengths),
        _gauge("lms_queue_age_seconds", "Age of the oldest message, by queue.", ("queue",), ages),
    ]


def age_of(message: bytes | None) -> float:
    """Return how many seconds ago a message of the broker was sent; 0 where there is none or it does not say."""
    if message is None:
        return 0.0
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return max(0.0, time.time() - float(json.loads(message)["headers"][SENT_AT]))
    return 0.0


def _organizations() -> list[GaugeMetricFamily]:
    with tenancy.platform():
        states = tenants.state_counts()
        current, counts = tenants.current_release(), tenants.release_counts()
    behind = sum(number for release, number in counts if current is not None and release < current)
    return [
        _gauge("lms_organizations", "Organizations by state.", ("state",), [((s,), n) for s, n in states.items()]),
        _one("lms_schema_release", "The schema release that organizations are brought to.", current or 0),
        _one("lms_migration_skew", "Organizations whose schema is of an older release.", behind),
    ]


def _database() -> list[GaugeMetricFamily]:
    found = activity.connections()
    longest = max((one.longest_statement_seconds or 0.0 for one in found.backends), default=0.0)
    labels = ("login", "process")
    counts = [((one.login, one.process), one.count) for one in found.backends]
    locked = [((one.login, one.process), one.waiting_for_lock) for one in found.backends]
    return [
        _one("lms_db_connections_limit", "Connections that the server takes.", found.limit),
        _gauge("lms_db_connections", "Connections to this database, by kind of process.", labels, counts),
        _gauge("lms_db_waiting_for_locks", "Connections that wait for a lock.", labels, locked),
        _one("lms_db_longest_statement_seconds", "How long the longest statement has run.", longest),
    ]


def _archiving() -> list[GaugeMetricFamily]:
    """Whether the database's log leaves the machine, where the server archives it. A managed one tells the same."""
    found = activity.archiving()
    if found is None:
        return []
    return [
        _one("lms_wal_archive_age_seconds", "Since a segment of the log was last archived.", found.age_seconds),
        _one("lms_wal_archive_failing", "Whether the last try to archive a segment failed.", float(found.is_failing)),
    ]


def _backups() -> list[GaugeMetricFamily]:
    """The age of the last backup, where whoever makes them leaves a file that is touched after each success."""
    stamp = settings.BACKUP_STAMP
    if not stamp:
        return []
    try:
        age = time.time() - Path(stamp).stat().st_mtime
    except OSError:
        age = float("inf")
    return [_one("lms_backup_age_seconds", "Since the last backup that succeeded.", age)]


def _status() -> list[GaugeMetricFamily]:
    with tenancy.platform():
        open_ones = status.open_incidents()
    return [_one("lms_incidents_open", "Incidents that the status page shows as going on.", len(open_ones))]


_READINGS: tuple[Callable[[], list[GaugeMetricFamily]], ...] = (
    _work, _queues, _organizations, _database, _archiving, _backups, _status,
)  # fmt: skip
