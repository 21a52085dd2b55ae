"""The step that brings roles, grants and shared tables up to date, and when it can be left out."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from devstack import environment
from devstack.credentials import Credentials
from devstack.part import Part
from devstack.parts import logins, postgres
from devstack.settings import ROOT, Settings

# Everything that decides what the step does. Its own start costs seconds of processor time, a look at these files none.
_DECIDING = ("requirements.lock", "platform/config", "platform/core", "platform/tenancy", "platform/events",
             "platform/billing", "platform/media", "platform/staff", "tenants", "apps")  # fmt: skip
_SUFFIXES = (".py", ".sql", ".lock")


def part(settings: Settings, credentials: Credentials) -> Part:
    """``prepare_database`` by the owner's login, then every organization's schema.

    Left out where nothing has changed since its success.
    """
    given = settings.external.get("LMS_DATABASE_URL")
    stamp = settings.run_dir / postgres.SCHEMA_STAMP

    def unchanged() -> bool:
        return given is None and stamp.exists() and stamp.read_text() == fingerprint(settings)

    return Part(
        name="schema",
        title="Database schema",
        argv=(sys.executable, str(ROOT / "manage.py"), "prepare_database", "--fleet"),
        env=environment.for_product(settings, credentials, owner=True),
        after=("postgres", "valkey"),
        skip=unchanged,
        prepare=(lambda: logins.create_external(credentials, given)) if given else None,
        settle=lambda: _note(stamp, settings),
        one_shot=True,
        ready_within_seconds=600.0,
    )


def fingerprint(settings: Settings) -> str:
    """One hash of the deciding files' names, sizes and times, and of which database cluster this is."""
    total = hashlib.sha256()
    for name in _DECIDING:
        start = ROOT / name
        for file in sorted(start.rglob("*")) if start.is_dir() else [start]:
            if file.suffix in _SUFFIXES and "tests" not in file.parts:
                found = file.stat()
                total.update(f"{file}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    cluster = settings.data_dir / "postgres" / "PG_VERSION"
    if cluster.exists():
        total.update(f"{cluster.stat().st_ino}\0{cluster.stat().st_mtime_ns}".encode())
    return total.hexdigest()


def _note(stamp: Path, settings: Settings) -> None:
    stamp.write_text(fingerprint(settings))
