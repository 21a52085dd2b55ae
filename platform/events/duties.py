"""Duties: periodic work of the platform, run by the one dispatcher."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Duty:
    """Work that is due every ``period_seconds``. It must be safe to run twice and return soon."""

    name: str
    period_seconds: float
    run: Callable[[], object]


_duties: dict[str, Duty] = {}


def duty(name: str, *, period_seconds: float) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a periodic duty; it runs on the shared schema (``tenancy.platform``)."""

    def register(run: Callable[[], object]) -> Callable[[], object]:
        if name in _duties:
            raise ValueError(f"two duties are called {name}")
        _duties[name] = Duty(name, period_seconds, run)
        return run

    return register


def all_duties() -> list[Duty]:
    """Return every registered duty."""
    return list(_duties.values())
