"""The two sheets of docs/security are held to the tests that they name: attacks, and OWASP ASVS 5.0."""

from __future__ import annotations

import ast
import csv
import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, parsed

SHEETS = ROOT / "docs/security"
# How many requirements each chapter of ASVS 5.0.0 has on levels 1 and 2 together.
LEVEL_2 = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13}
LEVEL_2 |= {16: 16, 17: 7}
VERDICTS = {"met", "partly", "not_applicable", "open"}


@cache
def names_in(name: str) -> frozenset[str]:
    path = ROOT / name
    if not path.is_file() or path.suffix != ".py":
        return frozenset()
    nodes = (node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef))
    return frozenset(node.name for node in nodes if node.name.startswith("test_"))


@cache
def attack_tests() -> dict[tuple[int, str], int]:
    """Return how many tests each row has in each file."""
    found: dict[tuple[int, str], int] = {}
    for folder in ("platform", "tenants", "apps", "tests"):
        for path in (ROOT / folder).rglob("test_*.py"):
            if "tests" not in path.parts:
                continue
            name = path.relative_to(ROOT).as_posix()
            for number in re.findall(r"^\s*def test_attack_(\d+)_", path.read_text(), re.M):
                key = (int(number), name)
                found[key] = found.get(key, 0) + 1
    return found


def rows(name: str, folder: Path = SHEETS) -> list[dict[str, str]]:
    with (folder / name).open(newline="") as sheet:
        return list(csv.DictReader(sheet))


def test_every_attack_is_tested_or_says_why_not() -> None:
    wrong = []
    for row in rows("attacks.csv"):
        number, places = int(row["row"]), row["evidence"].split()
        if row["verdict"] == "tested":
            wrong += [f"{number}: no test in {place}" for place in places if (number, place) not in attack_tests()]
        elif row["verdict"] != "not_built" or len(places) < 3:
            wrong.append(f"{number}: {row['verdict']} {row['evidence']}")
    assert wrong == []


def test_every_test_of_an_attack_is_in_the_sheet() -> None:
    listed = {(int(row["row"]), place) for row in rows("attacks.csv") for place in row["evidence"].split()}
    assert set(attack_tests()) - listed == set()


def test_no_attack_is_listed_twice() -> None:
    numbers = [int(row["row"]) for row in rows("attacks.csv")]
    assert numbers == sorted(set(numbers))


def faults_of(sheet: list[dict[str, str]]) -> list[str]:
    """Return what is wrong with a sheet of ASVS."""
    wrong = []
    for row in sheet:
        name, evidence = row["req_id"], row["evidence"].split()
        if row["verdict"] not in VERDICTS or row["level"] not in ("1", "2", "3"):
            wrong.append(f"{name}: {row['verdict']} {row['level']}")
        if not row["note"].strip():
            wrong.append(f"{name}: says nothing")
        if row["verdict"] == "met" and not evidence:
            wrong.append(f"{name}: met by nothing")
        for place in evidence:
            file, _, test = place.partition("::")
            there = test in names_in(file) if test else (ROOT / file).exists()
            if not there:
                wrong.append(f"{name}: there is no {place}")
    names = [row["req_id"] for row in sheet]
    wrong += [f"{name} twice" for name in set(names) if names.count(name) > 1]
    for chapter, count in LEVEL_2.items():
        held = sum(
            name.startswith(f"V{chapter}.") and row["level"] != "3" for name, row in zip(names, sheet, strict=True)
        )
        if held != count:
            wrong.append(f"V{chapter} has {held} of {count}")
    return wrong


def test_every_requirement_has_a_verdict_and_what_is_met_has_its_evidence() -> None:
    assert faults_of(rows("asvs.csv")) == []


@pytest.mark.parametrize("break_it", ["missing", "twice", "gone", "empty", "word"])
def test_a_sheet_that_is_wrong_is_found(break_it: str) -> None:
    sheet = [dict(row) for row in rows("asvs.csv")]
    met = next(row for row in sheet if "::" in row["evidence"])
    if break_it == "missing":
        sheet.remove(met)
    elif break_it == "twice":
        sheet.append(dict(met))
    elif break_it == "gone":
        met["evidence"] = "tests/architecture/test_bans.py::test_that_nobody_wrote"
    elif break_it == "empty":
        met["evidence"], met["verdict"] = "", "met"
    else:
        met["verdict"] = "surely"
    assert faults_of(sheet)
