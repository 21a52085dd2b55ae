"""The code of the release before, out of the repository's history: as it was before the newest release came."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from tests.support.plugin import ROOT

PARTS = ("platform", "tenants", "apps", "tests", "manage.py")


class NoHistory(RuntimeError):
    """There is no repository here, or not enough of it: a plain copy of the source, a shallow clone."""


def before_the_newest_release() -> str:
    """Return the commit before the one that brought the newest release file.

    Raises:
        NoHistory: the repository does not say.
    """
    newest = max((ROOT / "tenants/schema/releases").glob("[0-9]*.sql"))
    came = _git("log", "--diff-filter=A", "--format=%H", "--", str(newest.relative_to(ROOT))).split()
    if not came:
        raise NoHistory(f"no commit brought {newest.name}")
    return _git("rev-parse", f"{came[-1]}^").strip()


def check_out(commit: str, folder: Path, parts: Sequence[str] = PARTS) -> None:
    """Write the product's source of ``commit``, or other parts of the repository, into ``folder``."""
    done = subprocess.run(["git", "archive", commit, *parts], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as missing:
        raise NoHistory(str(missing)) from missing
    return done.stdout
