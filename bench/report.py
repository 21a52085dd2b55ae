"""How a measured promise is printed: one JSON line a figure, and an exit status for all of them."""

from __future__ import annotations

import json
import math
import operator
from dataclasses import dataclass
from typing import Any, Literal

Op = Literal["<=", ">="]

_HOLDS = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True)
class Figure:
    """One measured number beside the bar it has to reach."""

    name: str
    value: float
    unit: str
    op: Op
    bar: float
    detail: dict[str, Any]

    @property
    def holds(self) -> bool:
        """Whether the bar is reached. A value that is not a number never holds."""
        return math.isfinite(self.value) and bool(_HOLDS[self.op](self.value, self.bar))


_figures: list[Figure] = []
_failures: list[str] = []


def figure(name: str, value: float, unit: str, op: Op, bar: float, **detail: Any) -> Figure:
    """Print the figure as one JSON line and remember it for :func:`exit_status`.

    ``detail`` carries sizes, repeats and spread: what a reader needs to judge the number.
    """
    measured = Figure(name, round(float(value), 4), unit, op, bar, detail)
    _figures.append(measured)
    line = {
        "name": measured.name,
        "value": measured.value if math.isfinite(measured.value) else None,
        "unit": unit,
        "op": op,
        "bar": bar,
        "detail": detail,
    }
    print(json.dumps(line, ensure_ascii=False, sort_keys=False, default=str), flush=True)
    return measured


def failed(module: str, reason: str) -> None:
    """Remember that a benchmark could not measure: a figure that is missing does not hold."""
    _failures.append(f"{module}: {reason}")


def failures() -> list[str]:
    """Why figures are missing, one line each."""
    return list(_failures)


def exit_status() -> int:
    """0 when at least one figure was measured and every one holds, else 1."""
    return 0 if _figures and not _failures and all(one.holds for one in _figures) else 1


def spread(samples: list[float]) -> dict[str, float]:
    """Median, extremes and p95 of the samples, rounded for reading."""
    ordered = sorted(samples)
    if not ordered:
        return {}
    rank = max(0, math.ceil(0.95 * len(ordered)) - 1)
    return {
        "min": round(ordered[0], 4),
        "median": round(ordered[len(ordered) // 2], 4),
        "p95": round(ordered[rank], 4),
        "max": round(ordered[-1], 4),
    }
