"""A fleet of its own for a test: a database beside the run's, and a process that brings its organizations along."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg2

from tenants.schema import releases
from tests.support import plugin

NEWEST = releases.newest().number


class Fleet:
    """The database as its owner sees it, and the runner's process."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.link = psycopg2.connect(environment["LMS_OWNER_DATABASE_URL"])
        self.link.autocommit = True
        self._process: subprocess.Popen[str] | None = None

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement outside the product."""
        with self.link.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def ask(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Do something in a fork of the runner's process; return what came of it."""
        process = self._process or self.another()
        self._process = process
        return answer(process, what, **arguments)

    def do(self, what: str, **arguments: Any) -> Any:
        """Do something that has to go well."""
        found = self.ask(what, **arguments)
        assert "result" in found, found
        return found["result"]

    def another(self) -> subprocess.Popen[str]:
        """Start one more process that takes commands."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.support.dying_fleet"],
            cwd=plugin.ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run manage.py as the owning login."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=plugin.ROOT, env=self.environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    def schema(self, organization_id: str) -> str:
        """Return an organization's schema."""
        return str(self.sql("SELECT schema_name FROM tenants_organization WHERE id = %s", organization_id)[0][0])

    def back(self, organization_ids: Sequence[str]) -> None:
        """Put organizations back to the release before, and the release to where it waits."""
        for found in organization_ids:
            self.sql(f'ALTER TABLE "{self.schema(found)}"._tenant DROP COLUMN IF EXISTS frozen_at')
        self.sql("DELETE FROM tenants_datasteprun")
        self.sql("DELETE FROM tenants_schemaledger WHERE release_id = %s", NEWEST)
        self.sql(
            "UPDATE tenants_schemarelease SET state = 'waiting', ring = '', reason = '', started_at = NULL,"
            " finished_at = NULL, seen_at = NULL WHERE number = %s",
            NEWEST,
        )

    def is_whole(self, organization_id: str) -> bool:
        """Return whether the organization is on the newest release; schema and ledger must say the same."""
        in_schema = self.sql(
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = %s AND table_name = '_tenant'"
            " AND column_name = 'frozen_at'",
            self.schema(organization_id),
        )[0][0]
        in_ledger = self.sql(
            "SELECT count(*) FROM tenants_schemaledger WHERE organization_id = %s AND release_id = %s"
            " AND state = 'done'",
            organization_id,
            NEWEST,
        )[0][0]
        steps = self.sql("SELECT count(*) FROM tenants_datasteprun WHERE organization_id = %s", organization_id)[0][0]
        assert in_schema == in_ledger == steps, "schema, ledger and data steps come together or not at all"
        return bool(in_ledger)

    def row(self, organization_id: str) -> dict[str, Any]:
        """Return the organization's row of the newest release; empty where there is none."""
        names = ("state", "ring", "attempt", "error")
        found = self.sql(
            f"SELECT {', '.join(names)} FROM tenants_schemaledger WHERE organization_id = %s AND release_id = %s",
            organization_id,
            NEWEST,
        )
        return dict(zip(names, found[0], strict=True)) if found else {}

    def release(self) -> tuple[str, str]:
        """Return (state, reason) of the newest release."""
        state, reason = self.sql("SELECT state, reason FROM tenants_schemarelease WHERE number = %s", NEWEST)[0]
        return state, reason

    def close(self) -> None:
        """End the process and the connection."""
        if self._process:
            assert self._process.stdin
            self._process.stdin.close()
            self._process.wait(timeout=60)
        self.link.close()


def send(process: subprocess.Popen[str], what: str, **arguments: Any) -> None:
    """Ask a process for something without waiting for it."""
    assert process.stdin
    process.stdin.write(json.dumps({"do": what, **arguments}) + "\n")
    process.stdin.flush()


def answer(process: subprocess.Popen[str], what: str = "", **arguments: Any) -> dict[str, Any]:
    """Return what a process answers, after asking it for ``what`` where that is given."""
    if what:
        send(process, what, **arguments)
    assert process.stdout
    return dict(json.loads(process.stdout.readline()))


def _prepare(fleet: Fleet) -> None:
    prepared = fleet.manage("prepare_database", "--verbosity=0")
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr


@contextmanager
def running(prepare_with: Callable[[Fleet], object] | None = None) -> Iterator[Fleet]:
    """Make a database, prepare it as a deployment does (or with ``prepare_with``), and remove it at the end."""
    name = f"fleet_{uuid4().hex[:10]}"
    boss = psycopg2.connect(plugin.owner["LMS_OWNER_DATABASE_URL"])
    boss.autocommit = True
    with boss.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    environment = {
        **os.environ,
        **plugin.stack,
        **plugin.owner,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PYTHONPATH": f"{plugin.ROOT}:{plugin.ROOT / 'platform'}",
    }
    for variable in ("LMS_DATABASE_URL", "LMS_OWNER_DATABASE_URL"):
        environment[variable] = urlsplit(environment[variable])._replace(path=f"/{name}").geturl()
    fleet = Fleet(environment)
    try:
        (prepare_with or _prepare)(fleet)
        yield fleet
    finally:
        fleet.close()
        with boss.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        boss.close()
