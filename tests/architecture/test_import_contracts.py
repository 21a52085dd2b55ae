"""The import contracts hold, and each catches the violation that it is there for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

LINT = Path(sys.executable).with_name("lint-imports")


def _lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache"],
        cwd=root,
        env={"PYTHONPATH": f"{root}:{root / 'platform'}", "PATH": "/usr/bin:/bin", "COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_every_contract_is_kept() -> None:
    said = _lint(ROOT)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "0 broken" in said.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the Python sources, small enough to lint again and again."""
    root = tmp_path_factory.mktemp("seeded")
    for folder in ("platform", "tenants", "apps", "tests/architecture"):
        shutil.copytree(
            ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "node_modules", "*.sql")
        )
    shutil.copy(ROOT / "tests/__init__.py", root / "tests/__init__.py")
    shutil.copy(ROOT / "pyproject.toml", root / "pyproject.toml")
    return root


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("tenants/seeded.py", "from apps.courses import api", "The stack"),
        ("apps/library/seeded.py", "from apps.courses import api", "Tenant apps are stacked"),
        ("apps/courses/models/seeded.py", "from apps.courses import services", "Inside an app"),
        ("apps/courses/seeded.py", "from apps.accounts import services", "entered through their public doors"),
        ("apps/courses/seeded.py", "from apps.accounts.tests import factories", "entered through their public doors"),
        ("platform/devstack/seeded.py", "from tenancy import binding", "embedded default stands beside"),
        ("platform/media/seeded.py", "import devstack.ports", "Nobody imports the embedded default"),
        ("apps/courses/seeded.py", "import config.env", "Nobody imports the composition root"),
        ("apps/courses/seeded.py", "import boto3", "One module per vendor"),
    ],
)
def test_a_seeded_violation_is_caught(copy: Path, file: str, line: str, contract: str) -> None:
    seed = copy / file
    if not seed.parent.exists():  # models are one module in a small app
        seed = copy / f"{seed.parent.as_posix().removeprefix(copy.as_posix() + '/')}.py"
    before = seed.read_text() if seed.exists() else None
    seed.write_text(f"{before or ''}\n{line}\n")
    try:
        said = _lint(copy)
    finally:
        seed.unlink() if before is None else seed.write_text(before)
    broken = [row for row in said.stdout.splitlines() if row.rstrip().endswith("BROKEN")]
    assert any(contract in row for row in broken), said.stdout[-3000:] + said.stderr[-2000:]
