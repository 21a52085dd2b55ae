"""The plans there are: what each is called, and how much of each meter it brings."""

from __future__ import annotations

from dataclasses import dataclass

from billing.meters import DEFAULT_LIMITS, STORAGE_BYTES

_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan by its key. ``limits`` maps a meter to an amount in the meter's unit, None for no limit."""

    key: str
    name: str
    limits: dict[str, int | None]


TRIAL = "trial"
PLANS: dict[str, Plan] = {
    plan.key: plan
    for plan in (
        Plan(TRIAL, "Trial", DEFAULT_LIMITS),
        Plan("start", "Start", {STORAGE_BYTES: 50 * _GIB}),
        Plan("team", "Team", {STORAGE_BYTES: 250 * _GIB}),
        Plan("growth", "Growth", {STORAGE_BYTES: 1024 * _GIB}),
        Plan("scale", "Scale", {STORAGE_BYTES: None}),
    )
}
