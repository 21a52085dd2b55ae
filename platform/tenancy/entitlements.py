"""What an organization has, as product code asks for it: compiled when its record is read, so asking costs no query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.clock import now


@dataclass(frozen=True, slots=True)
class Span:
    """What is in force until a moment (None: until something is changed): a plan, and the value of each feature.

    A value is how many, None for as many as one likes; of a switch 1 or 0.
    """

    until: datetime | None = None
    plan: str = ""
    values: Mapping[str, int | None] = field(default_factory=dict)


_NOTHING = Span()


@dataclass(frozen=True, slots=True)
class Entitlements:
    """What is in force now and, where an end is known, afterwards: right at any moment without being read again."""

    version: int = 0
    spans: tuple[Span, ...] = ()

    def now(self) -> Span:
        """Return what is in force at this moment."""
        if len(self.spans) > 1:
            moment = now()
            for span in self.spans[:-1]:
                if span.until is not None and moment < span.until:
                    return span
        return self.spans[-1] if self.spans else _NOTHING

    @property
    def plan(self) -> str:
        """Return the key of the plan in force; empty where nobody says."""
        return self.now().plan

    @property
    def is_past_a_change(self) -> bool:
        """Whether something ended since this was compiled: limits in the database may not have followed yet."""
        return len(self.spans) > 1 and self.now() is not self.spans[0]

    def value(self, feature: str) -> int | None:
        """Return how much there is of ``feature``: None without end, 0 where it is not there."""
        return self.now().values.get(feature, 0)

    def has(self, feature: str) -> bool:
        """Return whether there is anything of ``feature``."""
        return self.value(feature) != 0


NOTHING = Entitlements()
