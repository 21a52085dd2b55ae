"""Watches the product from outside, a walk a minute: figures, a line in the log, the status page and its copy."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db import connection
from prometheus_client import Gauge

import tenancy
from config import journey, status_page
from config.journey import Kept, Learner, Walked
from core.errors import Unavailable
from events import api as events
from staff.status import services as status
from staff.status.parts import PARTS, STEPS

_log = logging.getLogger("journey")

WORK_LAG = timedelta(minutes=2)
FILM_STEPS = frozenset({"grant", "manifest", "segment"})
"""From the wish to watch to the film's first bytes."""


def _gauge(name: str, words: str, *labels: str) -> Gauge:
    # Of the process that walked last: whoever walks beside it for once leaves no second series.
    return Gauge(name, words, labels, multiprocess_mode="mostrecent")


GOOD = _gauge("lms_journey_step_good", "Whether the last walk's step went well; -1 where it was not reached.", "step")
SECONDS = _gauge("lms_journey_step_seconds", "How long the last walk's step took.", "step")
WALK_GOOD = _gauge("lms_journey_good", "Whether the last walk went well.")
WALKS_AT = _gauge("lms_journey_walked_timestamp_seconds", "When the last walk ended.")
GOOD_AT = _gauge("lms_journey_good_timestamp_seconds", "When the last walk that went well ended.")
COPY_KEPT = _gauge(
    "lms_status_copy_kept", "Whether the status page's copy was left where it is looked for; -1 where nobody wants one."
)
CERTIFICATE = _gauge("lms_certificate_expiry_timestamp_seconds", "When the certificate of a host ends.", "host")


def learner() -> Learner:
    """Return who walks, by the settings.

    Raises:
        ValueError: a setting is missing; the text says which.
    """
    missing = [name for name in ("CANARY_HOST", "CANARY_EMAIL", "CANARY_PASSWORD") if not getattr(settings, name)]
    if missing:
        raise ValueError("Set " + ", ".join(f"LMS_{name}" for name in missing) + ": docs/operations/observability.md.")
    return Learner(
        host=settings.CANARY_HOST,
        email=settings.CANARY_EMAIL,
        password=settings.CANARY_PASSWORD,
        scheme=settings.PUBLIC_SCHEME,
        port=settings.PUBLIC_PORT,
        via=settings.CANARY_VIA,
    )


def look(who: Learner, kept: Kept | None = None) -> Walked:
    """Walk once and tell of it everywhere. The database may be away: then only the copy of the page learns of it.

    ``kept`` is what the walk before has left behind, where there was one.
    """
    walked = journey.Walk(who, kept).go()
    _count(walked, who.host)
    _write_line(walked)
    checks = checks_of(walked)
    found: status.Page | None = None
    try:
        with tenancy.platform():
            status.record([*checks, background()])
            found = status.page()
    except Exception as away:  # noqa: BLE001 - the walk goes on while the database does not answer
        _log.warning("journey.not_written", extra={"error": type(away).__name__})
        connection.close()
    COPY_KEPT.set(keep_copy(found or status_page.without_database(checks)))
    return walked


def keep_copy(page: status.Page | status_page.Copy) -> int:
    """Leave the page's copy where it is looked for. Returns 1 where it is kept, 0 where not, -1 if nobody wants one."""
    if not settings.STATUS_COPY:
        return -1
    try:
        status_page.keep_copy(status_page.render(page))
    except (OSError, Unavailable) as failed:
        _log.warning("journey.copy_not_kept", extra={"error": type(failed).__name__})
        return 0
    return 1


def checks_of(walked: Walked) -> list[status.Check]:
    """Return what a walk says of each part that it came to. Of those behind a step that failed it says nothing."""
    found: dict[str, status.Check] = {}
    for step in walked.steps:
        key = STEPS[step.name]
        before = found.get(key)
        spent = round(step.seconds * 1000) + (before.duration_ms or 0 if before else 0)
        found[key] = status.Check(key, step.is_good and (before is None or before.is_good), spent)
    failed = next((STEPS[step.name] for step in walked.steps if not step.is_good), None)
    if failed == "pages":
        # Nobody gets to what lies behind the door either.
        found |= {key: status.Check(key, False) for key in PARTS if key not in found and key != "work"}
    return list(found.values())


def background() -> status.Check:
    """Return how work in the background does: whether a dispatcher leads and what waits is not old. Platform only."""
    state, outbox, mails = events.dispatcher(), events.outbox(), events.queued_mails()
    lag = max(outbox.lag_seconds, mails.lag_seconds)
    return status.Check("work", state.is_alive and lag < WORK_LAG.total_seconds())


def _count(walked: Walked, host: str) -> None:
    reached = {step.name: step for step in walked.steps}
    for name in journey.STEPS:
        step = reached.get(name)
        GOOD.labels(name).set(-1 if step is None else int(step.is_good))
        if step is not None:
            SECONDS.labels(name).set(step.seconds)
    moment = time.time()
    WALK_GOOD.set(int(walked.is_good))
    WALKS_AT.set(moment)
    if walked.is_good:
        GOOD_AT.set(moment)
    if walked.certificate_ends_at is not None:
        CERTIFICATE.labels(host).set(walked.certificate_ends_at.timestamp())


def _write_line(walked: Walked) -> None:
    failed = next((step for step in walked.steps if not step.is_good), None)
    told: dict[str, object] = {
        "good": walked.is_good,
        "dur_ms": round(sum(step.seconds for step in walked.steps) * 1000),
        "steps": {step.name: round(step.seconds * 1000) for step in walked.steps},
    }
    film = [step.seconds for step in walked.steps if step.name in FILM_STEPS and step.is_good]
    if len(film) == len(FILM_STEPS):
        told["film_ms"] = round(sum(film) * 1000)
    if failed is not None:
        told |= {"failed_step": failed.name, "why": failed.why}
    (_log.info if walked.is_good else _log.error)("journey.walked", extra=told)
