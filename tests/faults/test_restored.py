"""Two organizations, the cluster destroyed, one command: every table of both as it was."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from devstack import embedded
from devstack.settings import ROOT
from tests.faults.campaign import digests


@pytest.fixture
def folder() -> Iterator[Path]:
    found = Path(tempfile.mkdtemp(prefix="lms-restored-"))
    found.chmod(0o711)
    yield found
    shutil.rmtree(found, ignore_errors=True)


def _run(stack: embedded.StackEnvironment, folder: Path, *words: str, data_dir: str = "first") -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LMS_")}
    places = {"LMS_DATA_DIR": str(folder / data_dir), "LMS_PG_ARCHIVE": str(folder / "archive")}
    environ = {**kept, **stack, **stack.owner, **places, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    environ |= {"LMS_SMTP_URL": "smtp://127.0.0.1:1"}
    # These would say that the database is somebody else's.
    if words[0] == "devstack":
        environ = {**kept, **places, "LMS_PG_PORT": str(stack.settings.ports["postgres"])}
        words = ("-m", *words)
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_organizations_come_back_table_by_table(folder: Path) -> None:
    extra = {"LMS_PG_ARCHIVE": str(folder / "archive"), "LMS_PG_ARCHIVE_SECONDS": "1"}
    with embedded.running({"postgres", "valkey"}, data_dir=folder / "first", extra_env=extra) as stack:
        _run(stack, folder, "manage.py", "prepare_database", "--verbosity=0")
        people = ("Olga Owner", "olga@reef.example", "olga@dune.example")
        _run(stack, folder, "-m", "tests.support.organizations", "reef", "Reef School", people[1], people[0])
        _run(stack, folder, "devstack", "backup")
        # The second one is in no base backup: it comes back from the log alone.
        _run(stack, folder, "-m", "tests.support.organizations", "dune", "Dune School", people[2], people[0])
        before = digests.of(stack.superuser_url)
        assert len({schema for schema, _ in before}) == 3
        link = psycopg2.connect(stack.superuser_url)
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute("SELECT pg_create_restore_point('drill')")
            cursor.execute("SELECT pg_walfile_name(pg_switch_wal())")
            (segment,) = cursor.fetchone()
            deadline = time.monotonic() + 60
            archived = ""
            while archived < segment and time.monotonic() < deadline:
                time.sleep(0.1)
                cursor.execute("SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver")
                (archived,) = cursor.fetchone()
        link.close()
        os.kill(stack.state()["parts"]["postgres"]["pid"], signal.SIGKILL)
        os.kill(stack.state()["supervisor_pid"], signal.SIGKILL)
        shutil.rmtree(folder / "first" / "postgres")
        while embedded.state.is_locked(folder / "first" / "run"):
            time.sleep(0.05)
        _run(stack, folder, "devstack", "restore-cluster", "--point", "drill")
    with embedded.running({"postgres"}, data_dir=folder / "first", extra_env=extra) as stack:
        assert digests.differ(before, digests.of(stack.superuser_url)) == []
