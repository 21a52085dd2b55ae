"""The audit as a file: CSV for people, JSON Lines for programs. Streamed, bound anew for each batch."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import tenancy
from apps.audit.rest.serializers import line_out
from apps.audit.selectors import Filters, Line, entries, in_batches
from core.clock import iso
from tenancy import TenantRecord

BATCH = 500
COLUMNS = ("at", "actor", "on behalf of", "act", "changes", "address", "via", "request", "entry", "digest", "seal")


def stream(organization: TenantRecord, filters: Filters, *, form: str) -> Iterator[bytes]:
    """Yield the file. Each batch binds the organization again, so that the last byte is asked for by nobody else."""
    if form == "csv":
        yield _row(COLUMNS)
    batches = in_batches(entries(filters), size=BATCH)
    while True:
        with tenancy.bind(organization):
            lines = next(batches, None)
        if lines is None:
            return
        yield b"".join(_csv(line) if form == "csv" else _json(line) for line in lines)


def _csv(line: Line) -> bytes:
    entry = line.entry
    changes = "; ".join(f"{one.words}: {_said(one.before)} → {_said(one.after)}" for one in line.changes)
    return _row(
        (
            iso(entry.at),
            line.actor,
            line.behalf or "",
            line.sentence,
            changes,
            line.ip or "",
            entry.via,
            entry.request_id,
            str(entry.id),
            entry.digest,
            str(entry.seal_no or ""),
        )
    )


def _json(line: Line) -> bytes:
    return json.dumps(line_out(line), ensure_ascii=False).encode() + b"\n"


def _row(values: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([_inert(value) for value in values])
    return out.getvalue().encode()


def _inert(value: str) -> str:
    """A name that begins like a formula must stay a name in a spreadsheet."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _said(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or "–"
    return str(value)
