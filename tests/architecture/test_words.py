"""The repository speaks of the product: no path or mirror of somebody's machine, and nothing left for later."""

from __future__ import annotations

import re
import subprocess

from tests.architecture.tree import ROOT, name_of, python_files

TRACKED = (
    subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    .stdout.decode()
    .split("\0")
)
_TEXT = re.compile(
    r"\.(py|md|toml|ya?ml|json|ts|tsx|css|html|sh|sql|txt|lock|cfg|ini|example)$|(^|/)(Makefile|Dockerfile|run)$"
)
# Written so that this file does not match itself.
_PLACES = re.compile(r"(?<![\w.-])(/[w]ork/|/[r]oot/|/home/[a-z]+/|\.\./[s]hared|/tmp/[b]rief)")
_UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b")


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    texts = [ROOT / name for name in TRACKED if name and _TEXT.search(name)]
    found = {
        name_of(path): _PLACES.findall(path.read_text(errors="replace"))
        for path in texts
        if path.is_file() and path.stat().st_size < 2_000_000
    }
    assert {name: places for name, places in found.items() if places} == {}


def test_nothing_is_left_for_later_in_the_code() -> None:
    found = [
        f"{name_of(path)}: {match.group()}"
        for path in python_files("platform", "tenants", "apps", "tests", "bench", tests=True)
        for match in _UNFINISHED.finditer(path.read_text())
    ]
    assert found == []


def test_the_locks_name_the_public_registries_only() -> None:
    python = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"^\s*(-i|--index-url|--extra-index-url|--find-links|--trusted-host)\b", python, re.M)
    assert "--hash=sha256:" in python
    for lock in ROOT.glob("frontend/package-lock.json"):
        hosts = set(re.findall(r'"resolved": "(https?://[^/"]+)', lock.read_text()))
        assert hosts <= {"https://registry.npmjs.org"}


def test_the_decisions_and_the_glossary_are_there() -> None:
    assert list((ROOT / "docs" / "decisions").glob("0*.md"))
    assert (ROOT / "docs" / "glossary.md").exists()
