"""Every test file in the tree is one that pytest collects: a test that nobody runs promises nothing."""

from __future__ import annotations

import subprocess
import sys

from tests.architecture.tree import ROOT


def test_every_test_file_is_collected() -> None:
    skipped = {"node_modules", ".venv", ".local", ".git"}
    in_tree = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("test_*.py")
        if skipped.isdisjoint(path.relative_to(ROOT).parts)
    }
    listing = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-p", "no:cacheprovider"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    collected = {line.split("::")[0].split(": ")[0] for line in listing.stdout.splitlines() if ".py" in line}
    assert listing.returncode == 0, listing.stdout[-4000:] + listing.stderr[-2000:]
    assert in_tree - collected == set()


def test_files_that_hold_tests_are_called_so() -> None:
    holding = [
        path.relative_to(ROOT).as_posix()
        for folder in ("platform", "tenants", "apps", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if not path.name.startswith("test_") and "\ndef test_" in path.read_text()
    ]
    assert holding == []
