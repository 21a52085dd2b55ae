"""Health: one score of an organization, and the words for what takes points off. Pure."""

from __future__ import annotations

from dataclasses import dataclass

FINE = 100
_SLOW_SECONDS, _STUCK_SECONDS = 60, 600
_NEARLY_FULL_PERMILLE = 900


@dataclass(frozen=True, slots=True)
class Signs:
    """What health is read from.

    ``release`` is None where there is no schema; ``served`` where its people get in; ``delivery`` says what keeps the
    edge from serving its videos.
    """

    state: str
    served: bool
    release: int | None
    current_release: int | None
    queue_lag_seconds: int
    parked: int
    failed_jobs: int
    failed_steps: int
    storage_bytes: int
    limit_bytes: int | None
    delivery: str = ""


def judge(signs: Signs) -> tuple[int, list[str]]:
    """Return a score of 0..100 and what takes points off, the worst first. Nothing taken off: 100 and no words."""
    if signs.state == "deleted":
        return FINE, []
    found: list[tuple[int, str]] = []
    if signs.state == "failed":
        found.append((100, "Provisioning failed"))
    elif signs.failed_steps:
        found.append((60, "Provisioning is stuck"))
    if signs.parked:
        found.append((30, _count(signs.parked, "parked delivery", "parked deliveries")))
    if signs.served and signs.queue_lag_seconds > _STUCK_SECONDS:
        found.append((40, f"Queue {signs.queue_lag_seconds // 60} min behind"))
    elif signs.served and signs.queue_lag_seconds > _SLOW_SECONDS:
        found.append((20, f"Queue {signs.queue_lag_seconds} s behind"))
    if signs.served and signs.delivery:
        found.append((50, f"Video delivery: {signs.delivery}"))
    if signs.release is not None and signs.current_release is not None and signs.release < signs.current_release:
        found.append((20, f"Schema {signs.release}, fleet {signs.current_release}"))
    if signs.failed_jobs:
        found.append((15, _count(signs.failed_jobs, "failed job today", "failed jobs today")))
    if signs.limit_bytes and signs.storage_bytes * 1000 >= signs.limit_bytes * _NEARLY_FULL_PERMILLE:
        found.append((10, f"Storage {signs.storage_bytes * 100 // signs.limit_bytes} % full"))
    found.sort(key=lambda sign: -sign[0])
    return max(0, FINE - sum(points for points, _ in found)), [words for _, words in found]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
