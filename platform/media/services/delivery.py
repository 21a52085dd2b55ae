"""Delivered bytes, from the logs of whoever sends them: read from where they were counted to, and counted once.

A log is lines of JSON, only ever appended to, one for each request below ``/media/t/``: ``ts`` (seconds since 1970),
``status``, ``size`` (bytes of the body that were sent), ``request.uri`` (the path) and ``grant`` (the hash of the
policy that let it through). The embedded front door writes it; the logs of a CDN are put into this form.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from billing import api as billing
from media.edge import policy
from media.models import PlaybackSession

_log = logging.getLogger(__name__)

CHUNK_BYTES = 4 * 1024 * 1024
A_RUN_BYTES = 32 * 1024 * 1024
SENT = (200, 206)
_LONGEST_LINE = 64 * 1024
# Sessions are looked up among those whose last grant ended not longer before the first line than this.
LOOKED_BACK = timedelta(minutes=30)
# What was counted to its end is not opened again while it stays that long. By inode: where a process begins anew, or
# one is wrong, the log's own position says the same.
_done: dict[tuple[int, int], int] = {}


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that sent something."""

    at: datetime
    organization_id: UUID
    grant: str
    bytes: int


def count_all() -> int:
    """Count what lies in ``settings.DELIVERY_LOGS`` and was not counted yet; return how many bytes of logs were read.

    Oldest log first, as much as one run may take. Must run on the platform.
    """
    if not settings.DELIVERY_LOGS or settings.DELIVERY_LOGS.startswith("s3://"):
        return 0  # of a CDN's bucket a worker counts: media.services.cdn_logs
    read = 0
    for path in _logs(Path(settings.DELIVERY_LOGS)):
        read += count(path, most=A_RUN_BYTES - read)
        if read >= A_RUN_BYTES:
            break
    return read


def count(path: Path, *, most: int = A_RUN_BYTES) -> int:
    """Count one log from its position on, up to its last whole line; return how many bytes of it were read."""
    read = 0
    try:
        with path.open("rb") as file:
            log_id = _identity(file.readline(_LONGEST_LINE))
            if log_id is None:
                return 0
            start = billing.counted_to(log_id)
            while read < most:
                file.seek(start)
                chunk = _whole_lines(file.read(CHUNK_BYTES))
                if not chunk:
                    _remember(path, start)
                    break
                if not billing.note_delivered(log_id, start=start, end=start + len(chunk), amounts=_amounts(chunk)):
                    break  # counted by somebody else, or not to be counted now: the next run asks again
                start += len(chunk)
                read += len(chunk)
    except FileNotFoundError:
        return read  # rolled away or renamed meanwhile: under its new name it is found by what it holds
    return read


def _logs(folder: Path) -> list[Path]:
    found = []
    for path in folder.glob("*.log"):
        try:
            at = path.stat()
        except FileNotFoundError:
            continue
        if _done.get((at.st_dev, at.st_ino)) != at.st_size:
            found.append((at.st_mtime_ns, path))
    return [path for _, path in sorted(found)]


def _remember(path: Path, counted: int) -> None:
    at = path.stat()
    if len(_done) > 1000:
        _done.clear()
    _done[at.st_dev, at.st_ino] = counted


def _identity(first_line: bytes) -> str | None:
    """Return what a log is known by: its first line, to the nanosecond, is no other's. None where that isn't whole."""
    return hashlib.sha256(first_line).hexdigest() if first_line.endswith(b"\n") else None


def _whole_lines(chunk: bytes) -> bytes:
    end = chunk.rfind(b"\n") + 1
    if not end and len(chunk) >= CHUNK_BYTES:
        return chunk  # no line is that long: it is passed over, or nothing behind it would ever be counted
    return chunk[:end]


def amounts_of(sent: Sequence[Sent]) -> dict[billing.Hour, int]:
    """Add up by organization, course and hour; the course is the one whose grant let the bytes through."""
    courses = _courses(sent)
    amounts: dict[billing.Hour, int] = {}
    for one in sent:
        hour = hour_of(one, courses.get((one.organization_id, one.grant)))
        amounts[hour] = amounts.get(hour, 0) + one.bytes
    return amounts


def hour_of(one: Sent, course_id: UUID | None) -> billing.Hour:
    """Return where the bytes of one request are added."""
    return billing.Hour(one.organization_id, course_id, one.at.replace(minute=0, second=0, microsecond=0))


def _amounts(chunk: bytes) -> dict[billing.Hour, int]:
    return amounts_of([found for line in chunk.splitlines() if (found := _parse(line)) is not None])


def _parse(line: bytes) -> Sent | None:
    """Return what a line says was sent; None where it sent nothing, or is no line of ours."""
    try:
        said: dict[str, Any] = json.loads(line)
        if said["status"] not in SENT or int(said["size"]) <= 0:
            return None
        path = policy.parse_path(said["request"]["uri"].partition("?")[0])
        at = datetime.fromtimestamp(float(said["ts"]), UTC)
        return Sent(at, UUID(path.organization), str(said.get("grant") or ""), int(said["size"]))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, policy.Refused):
        _log.warning("delivery.line_not_understood", extra={"length": len(line)})
        return None


def _courses(sent: Iterable[Sent]) -> dict[tuple[UUID, str], UUID]:
    """Return the course of each grant that was one of a course."""
    grants = {one.grant for one in sent if one.grant}
    if not grants:
        return {}
    since = min(one.at for one in sent) - LOOKED_BACK
    rows = PlaybackSession.objects.filter(ends_at__gt=since, course_id__isnull=False)
    rows = rows.filter(Q(policy_hash__in=grants) | Q(policy_before__in=grants))
    found: dict[tuple[UUID, str], UUID] = {}
    for organization_id, course_id, by, before in rows.values_list(
        "organization_id", "course_id", "policy_hash", "policy_before"
    ):
        if course_id is not None:
            found[organization_id, by] = found[organization_id, before] = course_id
    return found
