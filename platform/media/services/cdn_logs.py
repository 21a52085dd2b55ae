"""Delivered bytes, from the log files that CloudFront puts into a bucket: each file is counted once, line by line.

Standard logs, compressed or not, as JSON (version 2) or as tab-separated lines that name their fields (W3C). A line
may come a day late, in a file of its own. A file is known by its key, and counted to a position in its text as the
front door's is; a second position, in the listing's own size, says that it is through, so that it is not fetched again.

Cookies are not asked for in these logs: they would hold the sessions of the people who watch. So a line names no grant
where the player sent it as a cookie, and its course is the one in which the film was open at that time, if it was one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import re
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from django.conf import settings

from billing import api as billing
from core.clock import now
from media.aws.s3 import bucket
from media.edge import policy
from media.edge.settling import only_one
from media.errors import StorageUnavailable
from media.models import PlaybackSession
from media.services import delivery
from media.services.delivery import Sent
from media.storage import ObjectGone, ObjectStore, StoredObject

_log = logging.getLogger(__name__)

# Positions are kept for ninety days after they last moved: what is older than this is not looked at.
LIFE = timedelta(days=30)
A_RUN = 200  # files
# Lines come 24 hours late at most (the guide's page of standard logs), in a folder for each hour. What is elsewhere is
# found when all of it is listed.
_ALL_EVERY = 3600.0
_DAY = re.compile(r"(.*?)\d{4}/\d{2}/\d{2}/")
_AWAY = 3  # files in a row
CHUNK_BYTES = 4 * 1024 * 1024
_LOOKED_UP = 1000  # positions at once
_GZIP = 31  # zlib's window bits for a gzip header
_GZIP_MAGIC = b"\x1f\x8b"
_ABSENT = ("-", "")


@dataclass(frozen=True, slots=True)
class _Line:
    """What was sent, and of which film."""

    sent: Sent
    asset_id: UUID


def is_configured() -> bool:
    """Whether the logs lie in a bucket."""
    return settings.DELIVERY_LOGS.startswith("s3://")


@dataclass(slots=True)
class _Memory:
    """What this process knows of a bucket's logs from its earlier runs."""

    # When all of it was listed last, and the folders that have one for each day; None where it is laid out otherwise.
    listed_at: float = -math.inf
    folders: frozenset[str] | None = None
    # Files that could not be counted: the others go first.
    failed: set[str] = field(default_factory=set)


_memories: dict[str, _Memory] = {}


def count_all() -> int:
    """Count the files that were not yet, oldest first; return how many. Must run on the platform.

    One counts at a time: who comes meanwhile leaves it to that one. A file that can't be read keeps none of the others.

    Raises:
        media.errors.StorageUnavailable: a file, or the bucket, does not answer; what was counted stays counted.
    """
    with only_one(f"logs:{settings.DELIVERY_LOGS}") as mine:
        return _count_some() if mine else 0


def _count_some() -> int:
    parts = urlsplit(settings.DELIVERY_LOGS)
    store = bucket(parts.netloc)
    memory = _memories.setdefault(settings.DELIVERY_LOGS, _Memory())
    counted, in_a_row, refusals = 0, 0, list[StorageUnavailable]()
    for found in islice(_due(store, parts.path.lstrip("/"), memory), A_RUN):
        name = f"s3://{parts.netloc}/{found.key}"
        memory.failed.add(found.key)
        try:
            if count(store, found, name=name):
                memory.failed.discard(found.key)
                counted += 1
            in_a_row = 0
        except ObjectGone:
            memory.failed.discard(found.key)
        except StorageUnavailable as refused:
            _log.warning("delivery.log_unreadable", extra={"log": name, "reason": str(refused)[:200]})
            refusals.append(refused)
            in_a_row += 1
            if in_a_row >= _AWAY:
                break  # the bucket, not a file
    if refusals:
        raise refusals[0]
    return counted


def count(store: ObjectStore, found: StoredObject, *, name: str) -> bool:
    """Count one file from its position on; return whether it is through."""
    log_id = _identity(name)
    position = billing.counted_to(log_id)
    offset, fields = 0, None
    for chunk in _chunks(store.open(found.key).pieces()):
        fields = _fields(chunk) or fields
        start, offset = offset, offset + len(chunk)
        if offset <= position:
            continue
        if start != position:
            _log.error("delivery.log_changed", extra={"log": name, "position": position})
            return False
        if not billing.note_delivered(log_id, start=start, end=offset, amounts=_amounts(chunk, fields)):
            return False  # counted by somebody else, or not to be counted now: the next run asks again
        position = offset
    return billing.note_delivered(_through(name), start=0, end=found.size_bytes, amounts={})


def _due(store: ObjectStore, prefix: str, memory: _Memory) -> Iterator[StoredObject]:
    since = now() - LIFE
    listed = [
        found for found in _listed(store, prefix, memory) if found.modified_at is None or found.modified_at > since
    ]
    listed.sort(key=lambda found: (found.key in memory.failed, found.modified_at or since, found.key))
    where = urlsplit(settings.DELIVERY_LOGS).netloc
    for begin in range(0, len(listed), _LOOKED_UP):
        page = listed[begin : begin + _LOOKED_UP]
        ids = {found.key: _through(f"s3://{where}/{found.key}") for found in page}
        through = billing.positions(ids.values())
        yield from (found for found in page if through.get(ids[found.key]) != found.size_bytes)


def _listed(store: ObjectStore, prefix: str, memory: _Memory) -> list[StoredObject]:
    """Return the files of the last two days; once an hour, and where there is no folder for each day, all of them."""
    if memory.folders is not None and time.monotonic() - memory.listed_at < _ALL_EVERY:
        days = [now() - timedelta(days=ago) for ago in (1, 0)]
        return [
            found
            for folder in sorted(memory.folders)
            for day in days
            for found in store.list(f"{folder}{day:%Y/%m/%d}/")
        ]
    listed = list(store.list(prefix))
    folders = [_DAY.match(found.key) for found in listed]
    memory.folders = frozenset(found[1] for found in folders if found) if listed and all(folders) else None
    memory.failed &= {found.key for found in listed}
    memory.listed_at = time.monotonic()
    return listed


def _chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text in whole lines, some megabytes at a time; always cut at the same places."""
    rest = b""
    for piece in _text(pieces):
        rest += piece
        while len(rest) >= CHUNK_BYTES:
            end = rest.rfind(b"\n", 0, CHUNK_BYTES) + 1
            if not end:
                end = CHUNK_BYTES  # no line is that long: it is passed over
            yield rest[:end]
            rest = rest[end:]
    if rest:
        yield rest


def _text(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress where it is compressed, a bounded piece at a time; members that follow each other are one text."""
    coming = iter(pieces)
    first = next(coming, b"")
    if not first.startswith(_GZIP_MAGIC):
        yield first
        yield from coming
        return
    inflate = None
    for piece in chain([first], coming):
        waiting = piece
        while waiting:
            inflate = inflate or zlib.decompressobj(_GZIP)
            try:
                yield inflate.decompress(waiting, CHUNK_BYTES)
            except zlib.error:
                _log.exception("delivery.log_damaged")
                return  # what came before it counts
            waiting = inflate.unconsumed_tail
            if inflate.eof:
                waiting, inflate = inflate.unused_data, None


def _fields(chunk: bytes) -> list[str] | None:
    """Return the names of the columns, where the text has columns."""
    for line in chunk.split(b"\n", 3)[:3]:
        if line.startswith(b"#Fields:"):
            return line.decode().removeprefix("#Fields:").split()
    return None


def _amounts(chunk: bytes, fields: list[str] | None) -> dict[billing.Hour, int]:
    lines = [found for line in chunk.splitlines() if (found := _parse(line, fields)) is not None]
    amounts = delivery.amounts_of([line.sent for line in lines if line.sent.grant])
    nameless = [line for line in lines if not line.sent.grant]
    courses = _courses(nameless)
    for line in nameless:
        hour = delivery.hour_of(line.sent, courses.get((line.sent.organization_id, line.asset_id)))
        amounts[hour] = amounts.get(hour, 0) + line.sent.bytes
    return amounts


def _parse(line: bytes, fields: list[str] | None) -> _Line | None:
    """Return what a line says was sent of a film; None where it is of something else, or sent nothing."""
    if not line or line.startswith(b"#"):
        return None
    try:
        said = json.loads(line) if fields is None else dict(zip(fields, line.decode().split("\t"), strict=True))
        if not isinstance(said, dict):
            raise TypeError("no object")
        stem = str(said["cs-uri-stem"])
        if stem.startswith("/t/"):  # as the viewer-request function leaves it
            stem = f"/media{stem}"
        if not stem.startswith("/media/t/"):
            return None
        if int(said["sc-status"]) not in delivery.SENT or said.get("cs-method", "GET") != "GET":
            return None
        path = policy.parse_path(stem)
        sent = Sent(_at(said), UUID(path.organization), _grant(said), int(said["sc-bytes"]))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, policy.Refused):
        _log.warning("delivery.line_not_understood", extra={"length": len(line)})
        return None
    return _Line(sent, UUID(path.item)) if sent.bytes > 0 else None


def _at(said: dict[str, Any]) -> datetime:
    if "timestamp(ms)" in said:
        return datetime.fromtimestamp(int(said["timestamp(ms)"]) / 1000, UTC)
    if "timestamp" in said:
        return datetime.fromtimestamp(float(said["timestamp"]), UTC)
    return datetime.fromisoformat(f"{said['date']}T{said['time']}+00:00")


def _grant(said: dict[str, Any]) -> str:
    """Return the hash of the policy that a query or, where they are logged, a cookie carried; "" where none did."""
    query = str(said.get("cs-uri-query", ""))
    found = parse_qs(query).get("Policy", [""])[0] if query not in _ABSENT else ""
    if not found:
        for cookie in unquote(str(said.get("cs(Cookie)", ""))).split(";"):
            name, _, value = cookie.strip().partition("=")
            if name == "CloudFront-Policy":
                found = value
    raw = policy.decode(found) if found else b""
    return policy.policy_hash(raw) if raw else ""


def _courses(lines: list[_Line]) -> dict[tuple[UUID, UUID], UUID]:
    """Return the course in which each film was open when these lines were written, where it was in one only."""
    if not lines:
        return {}
    first, last = min(line.sent.at for line in lines), max(line.sent.at for line in lines)
    rows = PlaybackSession.objects.filter(
        asset_id__in={line.asset_id for line in lines}, ends_at__gt=first - delivery.LOOKED_BACK, issued_at__lt=last
    )
    found: dict[tuple[UUID, UUID], set[UUID | None]] = {}
    for organization_id, asset_id, course_id in rows.values_list("organization_id", "asset_id", "course_id").distinct():
        found.setdefault((organization_id, asset_id), set()).add(course_id)
    return {key: course for key, courses in found.items() if len(courses) == 1 and (course := next(iter(courses)))}


def _identity(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _through(name: str) -> str:
    return _identity(f"{name} through")
