"""The database's backups: what was written comes back to the byte, up to the end, to a point or to a moment."""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest

from devstack import backup, embedded
from devstack.part import PartFailed
from devstack.parts import postgres
from devstack.settings import ROOT
from tenancy.postgresql import activity

BACKUP = ROOT / "scripts" / "backup"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL can reach even where it runs as nobody."""
    found = Path(tempfile.mkdtemp(prefix="lms-backups-"))
    found.chmod(0o711)
    yield found
    shutil.rmtree(found, ignore_errors=True)


@contextlib.contextmanager
def server(folder: Path, name: str = "first") -> Iterator[embedded.StackEnvironment]:
    extra = {"LMS_PG_ARCHIVE": str(folder / "archive"), "LMS_PG_ARCHIVE_SECONDS": "1"}
    with embedded.running({"postgres"}, data_dir=folder / name, extra_env=extra) as stack:
        yield stack


def devstack(folder: Path, name: str, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """A command of the embedded default on one of the data dirs."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LMS_")}
    environ = {**kept, "LMS_DATA_DIR": str(folder / name), "LMS_PG_ARCHIVE": str(folder / "archive"), **extra}
    return subprocess.run(
        [sys.executable, "-m", "devstack", *words], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=120
    )


def ask(stack: embedded.StackEnvironment, statement: str) -> list[tuple[Any, ...]]:
    link = psycopg2.connect(stack.superuser_url)
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        link.close()


def archived(stack: embedded.StackEnvironment) -> None:
    """Wait until everything that was written is in the archive."""
    ask(stack, "SELECT pg_logical_emit_message(false, 'backups', 'so that there is something to switch from')")
    (segment,) = ask(stack, "SELECT pg_walfile_name(pg_switch_wal())")[0]
    deadline = time.monotonic() + 30
    while (ask(stack, "SELECT last_archived_wal FROM pg_stat_archiver")[0][0] or "") < segment:
        assert time.monotonic() < deadline, "the log does not reach the archive"
        time.sleep(0.1)


def port_of(stack: embedded.StackEnvironment) -> dict[str, str]:
    return {"LMS_PG_PORT": str(stack.settings.ports["postgres"])}


def test_a_cluster_that_is_gone_comes_back_to_the_end_to_a_point_and_to_a_moment(folder: Path) -> None:
    with server(folder) as stack:
        ask(stack, "CREATE TABLE kept (n int)")
        made = devstack(folder, "first", "backup", **port_of(stack))
        assert made.returncode == 0, made.stderr
        ask(stack, "INSERT INTO kept SELECT generate_series(1, 1000)")
        moment = ask(stack, "SELECT clock_timestamp()")[0][0]
        time.sleep(0.05)
        ask(stack, "INSERT INTO kept VALUES (2000)")
        ask(stack, "SELECT pg_create_restore_point('before the mistake')")
        ask(stack, "DELETE FROM kept")
        ask(stack, "INSERT INTO kept VALUES (3000)")
        archived(stack)
        os.kill(stack.state()["parts"]["postgres"]["pid"], signal.SIGKILL)
        os.kill(stack.state()["supervisor_pid"], signal.SIGKILL)
    shutil.rmtree(folder / "first" / "postgres")
    wanted = {
        "end": ((), [(3000,)]),
        "point": (("--point", "before the mistake"), [(count,) for count in (*range(1, 1001), 2000)]),
        "moment": (("--to", moment.isoformat()), [(count,) for count in range(1, 1001)]),
    }
    for name, (until, rows) in wanted.items():
        (folder / name).mkdir()
        shutil.copytree(folder / "first" / "secrets", folder / name / "secrets")
        # Restores to the past first look at a copy of the archive: a cluster that came back writes on in its own.
        shutil.rmtree(folder / "archive-before", ignore_errors=True)
        shutil.copytree(folder / "archive", folder / "archive-before", symlinks=True)
        back = devstack(folder, name, "restore-cluster", *until)
        assert back.returncode == 0, back.stdout + back.stderr
        assert "Restored: base backup 2" in back.stdout
        assert "timeline 2" in back.stdout
        with server(folder, name) as stack:
            assert ask(stack, "SELECT n FROM kept ORDER BY n") == rows
            assert ask(stack, "SHOW restore_command") == [("",)]
        shutil.rmtree(folder / "archive")
        (folder / "archive-before").rename(folder / "archive")


def test_what_is_damaged_missing_or_in_the_way_is_refused_in_words(folder: Path) -> None:
    with server(folder) as stack:
        running = devstack(folder, "first", "restore-cluster")
        assert (running.returncode, "already running" in running.stderr) == (1, True)
        assert devstack(folder, "first", "backup", **port_of(stack)).returncode == 0
        ask(stack, "CREATE TABLE kept (n int)")
        archived(stack)
    there = devstack(folder, "first", "restore-cluster")
    assert (there.returncode, "Move it away first" in there.stderr) == (1, True)

    (folder / "new").mkdir()
    without_keys = devstack(folder, "new", "restore-cluster")
    assert (without_keys.returncode, "Put it back first" in without_keys.stderr) == (1, True)

    shutil.copytree(folder / "first" / "secrets", folder / "new" / "secrets")
    too_early = devstack(folder, "new", "restore-cluster", "--to", "2020-01-01 00:00:00 UTC")
    assert (too_early.returncode, "no base backup" in too_early.stderr) == (1, True)

    newest = max((folder / "archive" / "wal").glob("0*.gz"))
    newest.write_bytes(newest.read_bytes()[:200])
    damaged = devstack(folder, "new", "restore-cluster")
    assert damaged.returncode == 1
    assert "is damaged" in damaged.stderr


def test_a_segment_is_archived_once_whole_and_never_overwritten(tmp_path: Path) -> None:
    segment = tmp_path / "000000010000000000000007"

    def archive() -> subprocess.CompletedProcess[str]:
        words = [BACKUP / "archive-wal.sh", segment, segment.name, tmp_path / "archive"]
        return subprocess.run(words, capture_output=True, text=True)

    of_one_cluster = b"\x00" * 24 + (7).to_bytes(8, sys.byteorder)
    segment.write_bytes(of_one_cluster + b"one" * 1000)
    assert archive().returncode == 0
    assert archive().returncode == 0  # asked again after a crash
    segment.write_bytes(of_one_cluster + b"two" * 1000)
    other = archive()
    assert other.returncode == 1
    assert "two servers share this folder" in other.stderr
    again = tmp_path / "again"
    restore = [BACKUP / "restore-wal.sh", segment.name, again, tmp_path / "archive"]
    assert subprocess.run(restore).returncode == 0
    assert again.read_bytes() == of_one_cluster + b"one" * 1000
    assert subprocess.run([restore[0], "000000010000000000000008", *restore[2:]]).returncode == 1
    assert sorted(found.name for found in (tmp_path / "archive" / "wal").iterdir()) == [f"{segment.name}.gz"]


def test_another_cluster_can_put_nothing_into_the_folder(folder: Path) -> None:
    with server(folder) as stack:
        assert devstack(folder, "first", "backup", **port_of(stack)).returncode == 0
        archived(stack)
        identifier = ask(stack, "SELECT system_identifier FROM pg_control_system()")[0][0]
    known = folder / "archive" / "system-id"
    assert known.read_text() == f"{identifier}\n"
    bases = sorted((folder / "archive" / "base").iterdir())
    segments = sorted((folder / "archive" / "wal").iterdir())
    for is_known in (True, False):
        if not is_known:
            known.unlink()  # a folder of before there was such a file
        with server(folder, f"empty-{is_known}") as stack:
            refused = devstack(folder, f"empty-{is_known}", "backup", **port_of(stack))
            assert (refused.returncode, "two servers share this folder" in refused.stderr) == (1, True), refused.stderr
            ask(stack, "SELECT pg_switch_wal()")
            deadline = time.monotonic() + 30
            while not ask(stack, "SELECT failed_count FROM pg_stat_archiver WHERE archived_count = 0")[0][0]:
                assert time.monotonic() < deadline, "nobody tried to archive"
                time.sleep(0.1)
        assert sorted((folder / "archive" / "base").iterdir()) == bases
        assert sorted((folder / "archive" / "wal").iterdir()) == segments
        assert known.read_text() == f"{identifier}\n"


def test_a_backup_whose_log_stays_on_the_machine_is_no_success(folder: Path) -> None:
    with server(folder) as stack:
        assert devstack(folder, "first", "backup", **port_of(stack)).returncode == 0
        archived(stack)
        time.sleep(1)  # they are named by the second
        ask(stack, "SELECT pg_logical_emit_message(false, 'backups', 'of the segment that cannot be archived')")
        (segment,) = ask(stack, "SELECT pg_walfile_name(pg_current_wal_lsn())")[0]
        in_the_way = folder / "archive" / "wal" / f"{segment}.gz"
        in_the_way.write_bytes(gzip.compress(b"another server's"))
        ask(stack, "SELECT pg_switch_wal()")
        deadline = time.monotonic() + 30
        while not ask(stack, activity.ARCHIVING)[0][1]:
            assert time.monotonic() < deadline, "nobody tried to archive"
            time.sleep(0.1)
        login = {
            "PGHOST": "127.0.0.1", "PGPORT": port_of(stack)["LMS_PG_PORT"], "PGUSER": postgres.SUPERUSER,
            "PGPASSWORD": urlsplit(stack.superuser_url).password or "", "ARCHIVED_WITHIN": "1",
        }  # fmt: skip
        mode = postgres.choose_mode(folder / "first" / "postgres")
        with pytest.raises(PartFailed, match="does not reach"):
            backup._script(["base-backup.sh", str(folder / "archive")], login, mode.user)
        assert len(list((folder / "archive" / "base").iterdir())) == 2, "what was made is kept"
        in_the_way.unlink()
        archived(stack)
        age, is_failing = ask(stack, activity.ARCHIVING)[0]
        assert (age < 60, is_failing) == (True, False)


def test_only_the_newest_backups_stay_and_the_log_that_they_need(folder: Path) -> None:
    with server(folder) as stack:
        for _ in range(3):
            made = devstack(folder, "first", "backup", "--keep=2", **port_of(stack))
            assert made.returncode == 0, made.stderr
            archived(stack)
            time.sleep(1)  # they are named by the second
        bases = sorted(found.name for found in (folder / "archive" / "base").iterdir())
        assert len(bases) == 2
        label = (folder / "archive" / "base" / bases[0] / "backup_label").read_text()
        first = min(found.name for found in (folder / "archive" / "wal").iterdir())
        assert first.startswith(label.split("(file ")[1].split(")")[0])
