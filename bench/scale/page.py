"""The page about scale: tables from the simulation, words around them."""

from __future__ import annotations

import copy
import importlib.util
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from string import Template
from types import ModuleType
from typing import Any

from bench.product import ROOT
from bench.scale import cells
from bench.scale.cells import Need

PAGE = ROOT / "docs" / "operations" / "scale.md"
TEMPLATE = Path(__file__).with_name("page.template.md")
STEPS = ((100, 10_000), (1_000, 100_000), (3_000, 300_000), (10_000, 1_000_000))
_WHAT_IF = (
    ("as measured", {}),
    ("connections renewed after 50 organizations", {("cell", "conn_tenants"): 50}),
    ("connections never renewed by organizations", {("cell", "conn_tenants"): 100_000}),
    ("twice the CPU a request", {("request", "own_ms"): 2.0, ("request", "postgres_ms"): 2.0}),
    ("learners ask three times as often", {("people", "seconds_a_request"): 1 / 3}),
)


def text() -> str:
    """Return the page as it should be."""
    sheet, units = _sheet(), cells.read_units()
    prices, load = sheet.read()
    classes = prices["rds"]["classes"]
    needs = {step: _needs(units, *step, classes) for step in STEPS}
    whole = needs[STEPS[-1]]
    values = {
        "steps": _table(
            ("organizations", "learners", "cells", "requests/s", "web tasks", "databases", "USD a month"),
            (_step(step, found, classes, units, sheet, prices, load) for step, found in needs.items()),
        ),
        "cell": _table(("of one cell", "mean", "busiest"), _cell(whole)),
        "used": _table(("of the largest to be had", "busiest cell"), _used(whole)),
        "what_if": _table(
            ("if", "organizations a cell", "what runs out first"),
            (_what_if(units, classes[-1], *one) for one in _WHAT_IF),
        ),
        "database": classes[-1]["name"],
        "seed": cells.SEED,
        **{f"{group}_{name}": value for group, found in units.items() for name, value in found.items()},
    }
    return Template(TEMPLATE.read_text()).substitute(values)


def _needs(units: dict[str, Any], organizations: int, learners: int, classes: list[dict[str, Any]]) -> list[Need]:
    units = copy.deepcopy(units)
    units["people"] |= {"organizations": organizations, "learners": learners}
    placed = cells.placed(cells.drawn(units), units["cell"]["most_organizations"])
    return [cells.need(cell, units, classes[-1]) for cell in placed]


def _step(
    step: tuple[int, int],
    found: list[Need],
    classes: list[dict[str, Any]],
    units: dict[str, Any],
    sheet: ModuleType,
    prices: dict[str, Any],
    load: dict[str, Any],
) -> tuple[str, ...]:
    chosen = [cells.fitting(classes, one, units) for one in found]
    names = Counter(one["name"] if one else "none is large enough" for one in chosen)
    load = copy.deepcopy(load)
    load["organization"]["learners"] = step[1] / step[0]
    cost = sum(sheet.work_out(one.organizations, prices, load).total for one in found)
    return (
        f"{step[0]:,}",
        f"{step[1]:,}",
        str(len(found)),
        f"{sum(one.requests for one in found):,.0f}",
        str(sum(one.web_tasks for one in found)),
        ", ".join(f"{count} x {name}" for name, count in sorted(names.items())),
        f"{cost:,.0f}",
    )


def _cell(found: list[Need]) -> Iterable[tuple[str, ...]]:
    shown = (
        ("learners", "learners", ",.0f", ""),
        ("requests a second", "requests", ",.0f", ""),
        ("cores of the web", "web_cores", ".1f", ""),
        ("cores of the database", "database_cores", ".1f", ""),
        ("memory of the database", "database_memory_gb", ".1f", " GB"),
        ("disk after a year", "database_disk_gb", ",.0f", " GB"),
        ("write-ahead log a second", "wal_mb", ".2f", " MB"),
        ("connections", "connections", ",.0f", ""),
        ("organizations that a connection knows", "known", ",.0f", ""),
        ("requests that are an organization's first on a connection", "first_touch", ".0%", ""),
    )
    for words, name, form, unit in shown:
        values = [getattr(one, name) for one in found]
        yield words, f"{sum(values) / len(values):{form}}{unit}", f"{max(values):{form}}{unit}"


def _used(found: list[Need]) -> Iterable[tuple[str, ...]]:
    for name in found[0].used:
        yield name, f"{max(one.used[name] for one in found):.0%}"


def _what_if(
    units: dict[str, Any], largest: dict[str, Any], words: str, changes: dict[tuple[str, str], float]
) -> tuple[str, ...]:
    units = copy.deepcopy(units)
    for (group, name), change in changes.items():
        # Settings are put in their place, measured and assumed figures are multiplied.
        units[group][name] = change if group == "cell" else units[group][name] * change
    most = cells.largest_cell(units, largest)
    people = units["people"]
    average = round(people["learners"] / people["organizations"])
    found = cells.need([average] * (most + 250), units, largest)
    return words, f"{most:,}", max((n for n in found.used if n != "organizations"), key=lambda n: found.used[n])


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---", *("---:" for _ in head[1:])), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _sheet() -> ModuleType:
    """The cost sheet: a script beside the infrastructure, in no package."""
    path = ROOT / "infra" / "cost" / "sheet.py"
    spec = importlib.util.spec_from_file_location("cost_sheet", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
