"""Duties: periodic work, of the platform and of each organization, run by the one dispatcher."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Run = Callable[[], object]


@dataclass(frozen=True)
class Duty:
    """Work that is due every ``period_seconds``. It must be safe to run twice and return soon."""

    name: str
    period_seconds: float
    run: Run


_duties: dict[str, Duty] = {}
_tenant_duties: dict[str, Duty] = {}


def duty(name: str, *, period_seconds: float) -> Callable[[Run], Run]:
    """Register a periodic duty of the platform; the dispatcher runs it on the shared schema (``tenancy.platform``)."""
    return _registering(_duties, name, period_seconds)


def tenant_duty(name: str, *, period_seconds: int) -> Callable[[Run], Run]:
    """Register a periodic duty of every organization; a worker runs it bound to the organization.

    Each organization has its own turn in the period, so a thousand of them do not come at once. The name is kept in the
    database: under another one it is another duty, which waits for its turn.
    """
    return _registering(_tenant_duties, name, period_seconds)


def _registering(registry: dict[str, Duty], name: str, period_seconds: float) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        if name in registry:
            raise ValueError(f"two duties are called {name}")
        registry[name] = Duty(name, period_seconds, run)
        return run

    return register


def all_duties() -> list[Duty]:
    """Return every registered duty of the platform."""
    return list(_duties.values())


def tenant_duties() -> list[Duty]:
    """Return every registered duty of organizations."""
    return list(_tenant_duties.values())
