"""Doors of shared tables while organizations are served: what stands is left alone, what differs is put right."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest

from tenancy import doors
from tests.support import fleet as fleets
from tests.support.fleet import Fleet
from tests.support.plugin import ROOT

TABLES = sorted(model._meta.db_table for model in doors.shared_models())
HELD = "events_outboxdelivery"
PATIENCE_SECONDS = 60.0
STANDS = """
SELECT c.relname, array(SELECT unnest(c.relacl)::text ORDER BY 1), c.relrowsecurity, c.relforcerowsecurity,
  array(SELECT a.attname || unnest(a.attacl)::text FROM pg_attribute a WHERE a.attrelid = c.oid ORDER BY 1),
  array(SELECT (p.policyname, p.roles, p.cmd, p.qual, p.with_check)::text FROM pg_policies p
        WHERE p.schemaname = 'public' AND p.tablename = c.relname ORDER BY 1),
  array(SELECT t.tgenabled::text || t.tgname FROM pg_trigger t
        WHERE t.tgrelid = c.oid AND NOT t.tgisinternal ORDER BY 1)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1
"""


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with fleets.running() as found:
        yield found


@contextmanager
def _reading(fleet: Fleet, *tables: str) -> Iterator[Any]:
    """A transaction that has read these tables and goes on: nobody can have one of them for themselves."""
    link = psycopg2.connect(fleet.environment["LMS_OWNER_DATABASE_URL"])
    try:
        with link.cursor() as cursor:
            for table in tables:
                cursor.execute(f"SELECT 1 FROM public.{table} LIMIT 1")
            yield link
    finally:
        link.close()


def _standing(fleet: Fleet) -> dict[str, list[Any]]:
    return {table: stands for table, *stands in fleet.sql(STANDS)}


def _prepare(fleet: Fleet) -> None:
    done = fleet.manage("prepare_database", "--verbosity=0")
    assert done.returncode == 0, done.stdout + done.stderr


def test_where_nothing_differs_nobody_is_waited_for(fleet: Fleet) -> None:
    before = _standing(fleet)
    with _reading(fleet, *TABLES):
        _prepare(fleet)
    assert _standing(fleet) == before


def test_what_was_changed_by_hand_is_put_right(fleet: Fleet) -> None:
    """Each change on a table of its own: one that is put right for another's sake would hide that it was not seen."""
    walled = iter(sorted(model._meta.db_table for model in doors.shared_models() if model.tenant_door == "own_rows"))
    changes = [
        "GRANT DELETE ON events_outboxmessage TO tenant_any",
        "REVOKE SELECT ON media_edgebinding FROM lms_edge",
        f"GRANT UPDATE (id) ON {next(walled)} TO tenant_any",
        f"DROP POLICY own ON {next(walled)}",
        f"ALTER POLICY own ON {next(walled)} USING (true)",
        f"ALTER TABLE {next(walled)} DISABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {next(walled)} NO FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY more ON {next(walled)} TO tenant_any USING (true)",
        "ALTER TABLE tenants_organization DISABLE TRIGGER moving_wall",
    ]
    before = _standing(fleet)
    for change in changes:
        fleet.sql(change)
    differs = {table for table, stands in _standing(fleet).items() if stands != before[table]}
    assert len(differs) == len(changes)
    _prepare(fleet)
    after = _standing(fleet)
    assert {table: stands for table, stands in after.items() if stands != before[table]} == {}


def test_a_table_that_is_in_use_is_waited_for_and_nobody_waits_behind(fleet: Fleet) -> None:
    before = _standing(fleet)
    fleet.sql(f"DROP POLICY own ON {HELD}")
    with _reading(fleet, HELD) as held:
        preparing = subprocess.Popen(
            [sys.executable, "manage.py", "prepare_database", "--verbosity=0"], cwd=ROOT, env=fleet.environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        for _ in range(3):
            _until_somebody_waits_for(fleet, HELD)
            # Longer than whoever wants the table for itself may wait, much shorter than it is held.
            fleet.sql(f"SET lock_timeout = '30s'; SELECT 1 FROM {HELD} LIMIT 1; RESET lock_timeout")
        assert preparing.poll() is None
        held.rollback()
        said, _ = preparing.communicate(timeout=3 * PATIENCE_SECONDS)
    assert preparing.returncode == 0, said
    assert _standing(fleet) == before


def _until_somebody_waits_for(fleet: Fleet, table: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    waits = "SELECT count(*) FROM pg_locks WHERE relation = %s::regclass AND NOT granted"
    while not fleet.sql(waits, table)[0][0]:
        assert time.monotonic() < deadline, f"nobody wants {table}"
        time.sleep(0.02)
