"""Plain data that crosses into other packages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeatPrice:
    """What one more seat costs an organization each interval, in minor units, before tax and discounts."""

    seat_minor: int
    currency: str
    interval: str


@dataclass(frozen=True, slots=True)
class Usage:
    """One meter as it stands. ``limit`` is what was sold; None is no limit."""

    meter: str
    used: int
    reserved: int
    limit: int | None

    @property
    def free(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used - self.reserved)
