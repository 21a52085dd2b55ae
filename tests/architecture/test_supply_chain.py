"""What is locked is pinned, hashed, of the public registries, and not older than its last hole."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from tests.architecture.tree import ROOT

FLOORS = tomllib.loads((ROOT / "docs/security/minimum-versions.toml").read_text())


def python_lock() -> dict[str, str]:
    text = (ROOT / "requirements.lock").read_text()
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==([^ \\\n]+)", text, re.M))


def npm_lock() -> dict[str, list[str]]:
    """Return every version of each package: npm may lock several."""
    found: dict[str, list[str]] = {}
    for path, entry in json.loads((ROOT / "frontend/package-lock.json").read_text())["packages"].items():
        if path and "version" in entry:
            found.setdefault(path.rpartition("node_modules/")[2], []).append(entry["version"])
    return found


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text.partition("+")[0].split("-")[0].split(".post")[0])[:4])


def too_old(locked: dict[str, list[str]], floors: dict[str, dict[str, str]]) -> list[str]:
    return [
        f"{name} {found} is older than {floor['at_least']}: {floor['because']}"
        for name, floor in floors.items()
        for found in locked.get(name, [])
        if version(found) < version(floor["at_least"])
    ]


def test_nothing_locked_has_a_hole_that_we_know_of() -> None:
    assert too_old({name: [found] for name, found in python_lock().items()}, FLOORS["python"]) == []
    assert too_old(npm_lock(), FLOORS["npm"]) == []


def test_the_list_is_of_what_is_locked_and_says_why() -> None:
    assert set(FLOORS["python"]) <= set(python_lock())
    assert set(FLOORS["npm"]) <= set(npm_lock())
    for floor in [*FLOORS["python"].values(), *FLOORS["npm"].values()]:
        assert re.match(r"(CVE-\d{4}-\d+|GHSA-[\w-]+)", floor["because"])


@pytest.mark.parametrize(
    ("found", "old"),
    [("5.2.16", True), ("5.2.17", False), ("5.10.0", False), ("4.2.99", True), ("5.2.17.post1", False)],
)
def test_an_old_version_is_found(found: str, old: bool) -> None:
    floors = {"django": {"at_least": "5.2.17", "because": "CVE-2025-64459"}}
    assert bool(too_old({"django": [found]}, floors)) is old


def test_every_package_is_pinned_with_its_hash() -> None:
    text = (ROOT / "requirements.lock").read_text()
    blocks = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", text).strip())
    unpinned = [block.split("\n")[0] for block in blocks if "==" not in block or "--hash=sha256:" not in block]
    assert unpinned == []
    for path, entry in json.loads((ROOT / "frontend/package-lock.json").read_text())["packages"].items():
        # What only other machines would install is named without an address; npm fetches none of it here.
        fetched = path and "resolved" in entry
        assert not fetched or entry.get("integrity", "").startswith("sha512-"), path


def test_no_package_of_npm_runs_a_script_when_it_is_installed() -> None:
    """``npm ci --ignore-scripts``: a package that was taken over runs nothing on who builds."""
    assert re.search(r"npm[^\n]* ci[^\n]*--ignore-scripts", (ROOT / "scripts/frontend.sh").read_text())
