"""The plans there are, by key, as the newest version of each is: for lists, choices and names."""

from __future__ import annotations

from dataclasses import dataclass

from billing.catalog import CATALOG, TRIAL

__all__ = ["PLANS", "TRIAL", "Plan"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan by its key. ``is_sold`` says whether owners may choose it themselves."""

    key: str
    name: str
    rank: int
    is_sold: bool


PLANS: dict[str, Plan] = {
    entry.key: Plan(entry.key, entry.name, entry.rank, entry.state == "sold") for entry in CATALOG
}
