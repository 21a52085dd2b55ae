"""The one clock. Everything that asks for the time asks here, so that tests can move it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the clock


def iso(instant: datetime) -> str:
    """Return ``instant`` as ISO 8601 with ``Z``, the form of every time in the API."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
