"""The way back on AWS is a page: its blocks are run as they stand, before an RDS that takes its time as AWS's own."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.architecture.tree import ROOT
from tests.infra import rds

CELL, MOMENT = "lms-production", "2026-11-29T10:30:00Z"
SECTION = re.search(
    r"^## Back to a moment$(.*?)^## ", (ROOT / "docs/operations/deployment.md").read_text(), re.S | re.M
)
assert SECTION
BLOCKS = re.findall(r"^```\n(.*?)^```$", SECTION[1], re.S | re.M)
SCRIPT = "".join(BLOCKS)


def _follow(
    folder: Path, script: str, erased: int = len(rds.ERASED), **instances: str
) -> tuple[int, dict[str, Any], str]:
    """Run what the page says; return the status, what there is now, and what was said."""
    place, programs = folder / "rds.json", folder / "bin"
    programs.mkdir()
    for name in ("aws", "terraform", "task", "sleep"):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {rds.__file__} {place} {name} "$@"\n')
        program.chmod(0o755)
    standing = {
        name: {"status": "available", "left": 0, "is": what, "secret": True}
        for name, what in ({CELL: "the newest state"} | instances).items()
    }
    place.write_text(json.dumps({"cell": CELL, "instances": standing, "asked": [], "erased": erased}))
    environ = {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=environ, capture_output=True, text=True, timeout=120
    )
    return done.returncode, json.loads(place.read_text()), done.stdout + done.stderr


def test_followed_from_top_to_bottom_it_ends_where_it_says(tmp_path: Path) -> None:
    status, there, said = _follow(tmp_path, SCRIPT)
    assert status == 0, said
    found = {name: (one["is"], one["status"], one["secret"]) for name, one in there["instances"].items()}
    assert found == {
        CELL: (f"the newest state at {MOMENT}", "available", True),
        f"{CELL}-before": ("the newest state", "available", True),
    }
    assert there["instances"][CELL]["erased"] == rds.ERASED, "read from the one that was put back"
    asked = there["asked"]
    # Nobody writes behind the ledger's back, and nobody is let in.
    assert asked[:2] == ["terraform apply -var serving=false", f"task manage erasures --since {MOMENT}"]
    assert {one for one in asked if one.startswith("terraform apply")} == {"terraform apply -var serving=false"}
    [tables] = [number for number, one in enumerate(asked) if one == "task migrate"]
    assert asked[tables + 1 :] == ['task administer erasures --again {"id":'] * 3, "as the code's tables want it"


def test_where_nobody_was_erased_each_part_ends_well_too(tmp_path: Path) -> None:
    """Run as a script it would stop at the first part that does not; by hand its last status is looked at."""
    status, there, said = _follow(tmp_path, f"{SCRIPT}echo followed to its end\n", erased=0)
    assert (status, "followed to its end" in said) == (0, True), said
    assert there["instances"][CELL]["is"] == f"the newest state at {MOMENT}"
    assert not [one for one in there["asked"] if one.startswith("task administer")]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("part.")]
    by_hand = subprocess.run(["bash", "-c", BLOCKS[-1][BLOCKS[-1].index("rm -f part") :]], cwd=tmp_path, check=False)
    assert by_hand.returncode == 0


@pytest.mark.parametrize(
    ("left_out", "error"),
    [
        (r'^stands "\$cell-back"\n', "InvalidDBInstanceState"),
        (r'^stands "\$aside"\n', "DBInstanceAlreadyExists"),
        (r'^stands "\$cell"\nuntil .*\n', "DBInstanceNotFound|InvalidDBInstanceState|Invalid index"),
        (r" \\\n *--manage-master-user-password.*", "timed out"),
    ],
)
def test_none_of_its_waits_can_be_left_out(tmp_path: Path, left_out: str, error: str) -> None:
    shorter, count = re.subn(left_out, "", SCRIPT, flags=re.M)
    assert count == 1
    # What is waited for, and never comes, is waited for without an end: here for a while.
    shorter = (
        f"sleep() {{ command sleep; [ $((++slept)) -lt 20 ] || {{ echo timed out; exit 1; }}; }}; slept=0\n{shorter}"
    )
    status, _, said = _follow(tmp_path, shorter)
    assert status != 0
    assert re.search(error, said), said


def test_a_ledger_that_is_not_whole_ends_it_before_anything_is_restored(tmp_path: Path) -> None:
    cut = SCRIPT.replace("| grep -E", "| sed -n 1,20p | grep -E")
    assert cut != SCRIPT
    status, there, said = _follow(tmp_path, cut)
    assert (status, "not whole" in said) == (1, True), said
    assert not [one for one in there["asked"] if one.startswith("aws")]


def test_where_nobody_answers_the_newest_state_is_asked_and_the_first_one_restored_again(tmp_path: Path) -> None:
    """The second round of the page's last paragraph: what came back of the newest state has the name by now."""
    again = SCRIPT.replace("from=$cell aside=$cell-before", "from=$cell-before aside=$cell-newest")
    assert again != SCRIPT
    assert "`from=$cell-before aside=$cell-newest`" in SECTION[1]  # type: ignore[index]
    status, there, said = _follow(tmp_path, again, **{f"{CELL}-before": "what answers nobody"})
    assert status == 0, said
    assert {name: one["is"] for name, one in there["instances"].items()} == {
        CELL: f"what answers nobody at {MOMENT}",
        f"{CELL}-before": "what answers nobody",
        f"{CELL}-newest": "the newest state",
    }
    assert there["instances"][CELL]["erased"] == rds.ERASED


def test_what_is_asked_of_rds_is_what_it_takes() -> None:
    """Each option is a parameter of the service's own model."""
    model = boto3.client("rds", region_name="eu-central-1").meta.service_model
    operations = {
        re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name.replace("DB", "Db")).lower(): name for name in model.operation_names
    }
    calls = re.findall(r"\baws rds (?!wait)(.*?)(?<!\\)$", SCRIPT, re.S | re.M)
    assert len(calls) == 4
    for call in calls:
        name, *words = shlex.split(call.replace("\\\n", " ").rstrip(";} \n"))
        members = {one.lower() for one in model.operation_model(operations[name]).input_shape.members}
        for option in (word for word in words if word.startswith("--") and word not in ("--output", "--query")):
            bare = option.removeprefix("--")
            known = {bare.replace("-", ""), bare.removeprefix("no-").replace("-", "")} & members
            assert known, f"{name} {option}"
