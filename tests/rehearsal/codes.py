"""Two releases of the product's code, each with files, a Python environment and a built application of its own."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from tests.support import other_code
from tests.support.plugin import ROOT

CODE = ("platform", "tenants", "apps", "manage.py")
FROM = "LMS_REHEARSAL_FROM"
_LOCK = "requirements-image.lock"
# What decides which tables there are: the newest code that had others is the most telling release before.
_TABLES = (":(glob)platform/*/migrations/*.py", ":(glob)tenants/migrations/*.py", "tenants/schema/releases")
_ADDED = "rehearsed_at timestamp with time zone"
_TABLE = "courses_course"


class NotPossible(Exception):
    """There is no release before, or no environment can be made for it. The text says what is missing."""


@dataclass(frozen=True)
class Code:
    """One release. ``image`` is what the scripts call it, and what its processes say they are."""

    image: str
    commit: str
    folder: Path
    python: Path
    frontend: Path


def chosen(given: str = "") -> str:
    """Return the commit of the release before: the one that was asked for, else the newest tag behind this commit, else
    the newest commit whose database had other tables, and whose migrations say in which order they come.

    Raises:
        NotPossible: the history does not say.
    """
    try:
        if given := given or os.environ.get(FROM, ""):
            return _git("rev-parse", "--verify", f"{given}^{{commit}}")
        if tags := _git("tag", "--merged", "HEAD^", "--sort=-creatordate").split():
            return _git("rev-parse", f"{tags[0]}^{{commit}}")
        for changed in _git("log", "-20", "--format=%H", "--", *_TABLES).split():
            if _has_one_way(commit := _git("rev-parse", f"{changed}^")):
                return commit
    except subprocess.CalledProcessError as missing:
        raise NotPossible(f"The release before is not in this history: {missing.stderr.strip()}") from missing
    raise NotPossible(f"Nothing in this history says which release was before. Name its commit: {FROM}=…")


def _has_one_way(commit: str) -> bool:
    """Return whether each package's migrations end in one: two that were written side by side are no release."""
    last: dict[str, set[str]] = {}
    for path in _git("ls-tree", "-r", "--name-only", commit, "--", "platform", "tenants").splitlines():
        folder, _, name = path.rpartition("/")
        if folder.endswith("/migrations") and re.match(r"\d{4}_", name):
            last.setdefault(folder, set()).add(name.removesuffix(".py"))
    for folder, names in last.items():
        if len(names) == 1:
            continue
        for mentioned in _git("grep", "-h", "-oE", "[0-9]{4}_[a-z0-9_]+", commit, "--", folder).split():
            names.discard(mentioned)
    return all(len(names) == 1 for names in last.values())


def before(commit: str, folder: Path) -> Code:
    """Take the release of ``commit`` out of the history.

    Raises:
        NotPossible: its packages cannot be installed, or its application not be built.
    """
    other_code.check_out(commit, folder)
    python = _environment(folder, _git("show", f"{commit}:{_LOCK}"))
    return Code("lms:before", commit, folder, python, _application_of(commit, folder))


def now(folder: Path) -> Code:
    """Copy this tree as it is, committed or not."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *CODE]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    python = _environment(folder, (ROOT / _LOCK).read_text())
    return Code("lms:now", _git("rev-parse", "HEAD"), folder, python, ROOT / "frontend/dist")


def schema_release(code: Code) -> int:
    """Return the newest release of the organization schema that this code knows."""
    return max(int(path.name[:4]) for path in (code.folder / "tenants/schema/releases").glob("[0-9]*.sql"))


def expand(code: Code) -> None:
    """Give this copy a release of the organization schema that the code does not need yet: a column on a busy table.

    For a rehearsal between two releases whose organizations have the same tables: without one, the steps of the
    release would have nothing to do. It is the first half of any change that expands before it contracts.
    """
    schema = code.folder / "tenants/schema"
    number = schema_release(code)
    template = (schema / "template.sql").read_text()
    begins = f"CREATE TABLE tenant_template_schema.{_TABLE} (\n"
    head, found, tail = template.partition(begins)
    columns, constraint, rest = tail.partition("    CONSTRAINT ")
    if not (found and constraint):
        raise NotPossible(f"{_TABLE} is not in the template as pg_dump writes it.")
    after = f"{head}{found}{columns}    {_ADDED},\n{constraint}{rest}"
    (schema / "releases/previous.sql").write_text(template)
    (schema / "template.sql").write_text(after)
    (schema / f"releases/{number + 1:04}_rehearsed.sql").write_text(
        f"-- release: {number + 1}\n-- from-template: {_sha256(template)}\n-- to-template: {_sha256(after)}\n"
        f"-- migrations: none\n-- min-code: {number}\n"
        f"ALTER TABLE tenant_template_schema.{_TABLE} ADD COLUMN {_ADDED};\n"
    )


def _environment(folder: Path, lock: str) -> Path:
    """Make a Python environment for the code in ``folder``; return its interpreter.

    With the packages of this one where the lock is the same, else with those that ``lock`` names.
    """
    home = folder / ".venv"
    venv.EnvBuilder(with_pip=False, symlinks=True).create(home)
    python = home / "bin/python"
    inside = home / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    paths = [folder, folder / "platform"]
    if lock == (ROOT / _LOCK).read_text():
        paths.append(Path(sys.prefix) / inside.relative_to(home))
        _share_programs(home / "bin", python)
    else:
        (folder / _LOCK).write_text(lock)
        install = ["install", "--quiet", "--require-hashes", "--requirement", str(folder / _LOCK)]
        done = subprocess.run(
            [sys.executable, "-m", "pip", "--python", python, *install], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise NotPossible(f"The packages of the release before cannot be installed:\n{done.stderr[-2000:]}")
    (inside / "_code.pth").write_text("".join(f"{path}\n" for path in paths))
    return python


def _share_programs(folder: Path, python: Path) -> None:
    """Put this environment's programs into ``folder``; scripts are told the other interpreter."""
    for program in (Path(sys.prefix) / "bin").iterdir():
        there = folder / program.name
        if there.exists() or not program.is_file():
            continue
        with program.open("rb") as found:
            is_script = found.readline(200).startswith(b"#!/") and b"python" in program.read_bytes()[:200]
        if is_script:
            there.write_text("\n".join([f"#!{python}", *program.read_text().splitlines()[1:], ""]))
            there.chmod(0o755)
        else:
            there.symlink_to(program)


def _application_of(commit: str, folder: Path) -> Path:
    """Return the built application of ``commit``: this tree's where nothing of it has changed since."""
    ours = ROOT / "frontend"
    unchanged = subprocess.run(["git", "diff", "--quiet", commit, "--", "frontend"], cwd=ROOT, check=False)
    if unchanged.returncode == 0:
        return ours / "dist"
    other_code.check_out(commit, folder / "source", ("frontend",))
    theirs = folder / "source/frontend"
    if (theirs / "package-lock.json").read_bytes() == (ours / "package-lock.json").read_bytes():
        (theirs / "node_modules").symlink_to(ours / "node_modules")
    else:
        _npm(theirs, "ci", "--no-audit", "--no-fund")
    _npm(theirs, "run", "build")
    return theirs / "dist"


def _npm(folder: Path, *words: str) -> None:
    done = subprocess.run(["npm", *words], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotPossible(f"npm {words[0]} of the release before: {(done.stdout + done.stderr)[-2000:]}")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout if words[0] == "show" else done.stdout.strip()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
