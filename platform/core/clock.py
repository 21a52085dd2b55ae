"""The one clock. Everything that asks for the time asks here, so that tests can move it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the clock


def day(instant: datetime) -> str:
    """Return the day of ``instant`` (UTC) as pages and mails write it: ``23 December 2026``."""
    utc = instant.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y}"


def iso(instant: datetime) -> str:
    """Return ``instant`` as ISO 8601 with ``Z``, the form of every time in the API."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
