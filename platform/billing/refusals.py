"""The words of a refusal for want of room: what is missing, and how much of it there is."""

from __future__ import annotations

from decimal import Decimal

from billing.features import DOMAINS, SEATS, STORAGE_BYTES, TRANSCODE_SECONDS

_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def no_room(meter: str, *, needed: int, free: int, limit: int | None) -> str | None:
    """Return the sentence for an organization that has ``free`` of ``limit`` left; None where there is none to say."""
    has = limit or 0
    if meter == SEATS and free:
        return f"{free:,} of {has:,} seats are free: {needed:,} are needed."
    if meter == SEATS:
        return f"All {has:,} seats are taken."
    if meter == DOMAINS:
        return f"The plan has room for {_domains(has)}."
    if meter == STORAGE_BYTES:
        return f"There is no room for it: it needs {size(needed)}, and {size(free)} of {size(has)} are free."
    if meter == TRANSCODE_SECONDS:
        return (
            f"It has {_minutes(needed)} to be encoded, and {_minutes(free)} of this month's {_minutes(has)} are left."
        )
    return None


def seats_asked(*, asked: int, free: int) -> str:
    """Return the sentence for an organization whose plan is being bought or changed, with so many seats."""
    return (
        f"A plan with {asked:,} seats is being bought or changed right now, and {free:,} of them are free. "
        "Ask for more seats there, or try again when that is done: within the hour."
    )


def size(value: int) -> str:
    """Return bytes as people read them: ``1.5 GB``, ``463 kB``."""
    for unit, name in _UNITS:
        if value >= unit:
            shown = (Decimal(value) / unit).quantize(Decimal("0.1"))
            return f"{shown.normalize():,f} {name}"
    return f"{value} B"


def _domains(limit: int) -> str:
    return {0: "no domain of your own", 1: "one domain of your own"}.get(limit, f"{limit:,} domains of your own")


def _minutes(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return "1 minute" if minutes == 1 else f"{minutes:,} minutes"
