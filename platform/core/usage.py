"""A meter as people read it: how much of something an organization uses, of how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["bytes", "count", "minutes"]


@dataclass(frozen=True, slots=True)
class Meter:
    """One line of an organization's usage. ``limit`` None is no limit; ``used`` None is not measured yet.

    ``words`` says what happens at the limit, or why there is no figure.
    """

    key: str
    unit: Unit
    used: int | None
    reserved: int = 0
    limit: int | None = None
    words: str = ""
