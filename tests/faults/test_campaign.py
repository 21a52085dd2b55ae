"""The quick part of the fault campaign: promises are kept under real faults, and a planted loss is found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.campaign import all_scenarios, page
from tests.support import plugin


@pytest.mark.stack
def test_promises_hold_and_what_is_planted_is_found(tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.campaign", "--small", f"--lines={lines}"],
        cwd=plugin.ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-4000:]
    found = {line["id"]: line for line in map(json.loads, lines.read_text().splitlines())}
    assert set(found) == {one.id for one in all_scenarios() if one.small}
    assert {name for name, line in found.items() if line["verdict"] == "broken"} == {
        "self-check-loss",
        "self-check-twice",
    }
    for line in found.values():
        assert line["acked"] > 20, line  # enough was written for a loss to show


def test_every_row_of_the_fault_table_has_a_scenario_and_the_page_names_what_is_there() -> None:
    known = {one.id: one for one in all_scenarios()}
    assert set(page.ROWS) == {row for one in known.values() for row in one.rows}
    named = {one for cells in page.MATRIX.values() for _, ids in cells.values() for one in ids}
    assert named <= set(known)
    assert {part for cells in page.MATRIX.values() for part in cells} <= set(page.PARTS)


def test_what_one_seed_broke_no_other_seed_mends(tmp_path: Path) -> None:
    lines, page_file = tmp_path / "lines.jsonl", tmp_path / "page.md"
    line = {
        "id": "redis-killed", "rows": ["F3"], "part": "Redis", "fault": "kill", "promise": "goes on",
        "planted": False, "broken": [],
    }  # fmt: skip
    runs = [(7, "broken", "05"), (8, "kept", "06")]
    lines.write_text("".join(json.dumps({**line, "seed": s, "verdict": v, "at": f"T{at}"}) + "\n" for s, v, at in runs))
    page.write(page_file, lines)
    assert "| F3 | **broken** |" in page_file.read_text()
    with lines.open("a") as file:
        file.write(json.dumps({**line, "seed": 7, "verdict": "kept", "at": "T07"}) + "\n")
    page.write(page_file, lines)
    assert "| F3 | kept |" in page_file.read_text()
    assert len(lines.read_text().splitlines()) == 1


def test_the_page_says_broken_and_not_run(tmp_path: Path) -> None:
    line = {
        "id": "redis-killed", "seed": 7, "rows": ["F3"], "part": "Redis", "fault": "kill", "promise": "goes on",
        "planted": False, "at": "2026-11-29T05:00:00+00:00", "acked": 5, "lost": 1, "recovery_s": 2.0,
    }  # fmt: skip
    for verdict, words in (("kept", []), ("broken", ["1 acknowledged writes are lost"])):
        page.write(tmp_path / "page.md", [{**line, "verdict": verdict, "broken": words}])
        text = (tmp_path / "page.md").read_text()
        assert ("goes on: **broken**" in text) == (verdict == "broken")
        assert ("1 acknowledged writes are lost" in text) == (verdict == "broken")
        assert f"| F3 | {'**broken**' if words else 'kept'} | redis-killed |" in text
        assert "| F1 | not run |" in text
