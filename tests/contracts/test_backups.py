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
def server(folder: Path, name: str = "first", *others: str) -> Iterator[embedded.StackEnvironment]:
    extra = {"LMS_PG_ARCHIVE": str(folder / "archive"), "LMS_PG_ARCHIVE_SECONDS": "1"}
    with embedded.running({"postgres", *others}, data_dir=folder / name, extra_env=extra) as stack:
        yield stack


def devstack(folder: Path, name: str, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """A command of the embedded default on one of the data dirs."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LMS_")}
    environ = {**kept, "LMS_DATA_DIR": str(folder / name), "LMS_PG_ARCHIVE": str(folder / "archive"), **extra}
    return subprocess.run(
        [sys.executable, "-m", "devstack", *words], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=300
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
    deadline = time.monotonic() + 90  # of a disk that others keep busy
    while (ask(stack, "SELECT last_archived_wal FROM pg_stat_archiver")[0][0] or "") < segment:
        assert time.monotonic() < deadline, "the log does not reach the archive"
        time.sleep(0.1)


def port_of(stack: embedded.StackEnvironment) -> dict[str, str]:
    return {"LMS_PG_PORT": str(stack.settings.ports["postgres"])}


def restored(folder: Path, name: str, *until: str) -> str:
    """Bring the cluster back into a data dir of its own; return what was said."""
    (folder / name).mkdir()
    shutil.copytree(folder / "first" / "secrets", folder / name / "secrets")
    back = devstack(folder, name, "restore-cluster", *until)
    assert back.returncode == 0, back.stdout + back.stderr
    return back.stdout


def test_one_archive_brings_back_every_moment_of_every_timeline(folder: Path) -> None:
    with server(folder) as stack:
        ask(stack, "CREATE TABLE kept (n int)")
        made = devstack(folder, "first", "backup", **port_of(stack))
        assert made.returncode == 0, made.stderr
        ask(stack, "INSERT INTO kept SELECT generate_series(1, 1000)")
        early = ask(stack, "SELECT clock_timestamp()")[0][0].isoformat()
        time.sleep(0.05)
        ask(stack, "INSERT INTO kept VALUES (1500)")
        later = ask(stack, "SELECT clock_timestamp()")[0][0].isoformat()
        time.sleep(1.1)  # they are named by the second
        # Of the timeline that the restores below leave: none of theirs can begin with it.
        assert devstack(folder, "first", "backup", **port_of(stack)).returncode == 0
        ask(stack, "INSERT INTO kept VALUES (2000)")
        ask(stack, "SELECT pg_create_restore_point('before the mistake')")
        ask(stack, "DELETE FROM kept")
        ask(stack, "INSERT INTO kept VALUES (3000)")
        archived(stack)
        os.kill(stack.state()["parts"]["postgres"]["pid"], signal.SIGKILL)
        os.kill(stack.state()["supervisor_pid"], signal.SIGKILL)
    shutil.rmtree(folder / "first" / "postgres")
    first = [(count,) for count in range(1, 1001)]
    wanted = {
        "early": (("--to", early), first),
        "later": (("--to", later), [*first, (1500,)]),
        "point": (("--point", "before the mistake"), [*first, (1500,), (2000,)]),
        "end": ((), [(3000,)]),
    }
    for timeline, (name, (until, rows)) in enumerate(wanted.items(), 2):
        said = restored(folder, name, *until)
        assert "Restored: base backup 2" in said
        assert f"from timeline 1, now timeline {timeline}" in said
        with server(folder, name) as stack:
            assert ask(stack, "SELECT n FROM kept ORDER BY n") == rows
            assert ask(stack, "SHOW restore_command") == [("",)]
            assert ask(stack, "SHOW recovery_target_timeline") == [("latest",)]
            ask(stack, f"INSERT INTO kept VALUES ({9000 + timeline})")
            archived(stack)
    # The newest state was brought back, and from there it went on: that is what is newest now. The past is as it was.
    assert "from timeline 1, now timeline 6" in restored(folder, "past again", "--to", later)
    assert "from timeline 5, now timeline 7" in restored(folder, "end again")
    with server(folder, "end again") as stack:
        assert ask(stack, "SELECT n FROM kept ORDER BY n") == [(3000,), (9005,)]
    assert "from timeline 3, now timeline 8" in restored(folder, "told", "--timeline", "3")
    with server(folder, "told") as stack:
        assert ask(stack, "SELECT n FROM kept ORDER BY n") == [*first, (1500,), (9003,)]
    # Until somebody is let in, what was there before is the newest, and not what was only looked at.
    assert (folder / "archive" / "before-restore").read_text() == "7\n"
    for until, words in {
        ("--to", later, "--timeline", "2"): "later than that, with a restore to the past",
        ("--timeline", "12"): "there is no timeline 12",
        ("--to", "2099-01-01 00:00:00 UTC"): "recovery ended before configured recovery target was reached",
    }.items():
        shutil.rmtree(folder / "told" / "postgres", ignore_errors=True)
        refused = devstack(folder, "told", "restore-cluster", *until)
        assert (refused.returncode, words in refused.stderr) == (1, True), refused.stderr


def test_what_people_are_let_into_is_the_newest_from_then_on(folder: Path) -> None:
    note = folder / "archive" / "before-restore"
    with server(folder):
        note.write_text("1\n")
    with server(folder):
        assert note.exists(), "somebody looks at it"
    with server(folder, "first", "front"):
        deadline = time.monotonic() + 90
        while note.exists():
            assert time.monotonic() < deadline, "the front door is open"
            time.sleep(0.1)
    note.write_text("1\n")
    with server(folder) as stack:
        assert devstack(folder, "first", "backup", **port_of(stack)).returncode == 0
    assert not note.exists(), "it has a base backup of its own"


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
            deadline = time.monotonic() + 90
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
        # Before anything is written into it: from then on the server may turn to the next at any moment.
        (segment,) = ask(stack, "SELECT pg_walfile_name(pg_current_wal_lsn() + 1)")[0]
        in_the_way = folder / "archive" / "wal" / f"{segment}.gz"
        in_the_way.write_bytes(gzip.compress(b"another server's"))
        ask(stack, "SELECT pg_logical_emit_message(false, 'backups', 'of the segment that cannot be archived')")
        ask(stack, "SELECT pg_switch_wal()")
        deadline = time.monotonic() + 90
        while not ask(stack, activity.ARCHIVING)[0][1]:
            assert time.monotonic() < deadline, "nobody tried to archive"
            time.sleep(0.1)
        login = {
            "PGHOST": "127.0.0.1", "PGPORT": port_of(stack)["LMS_PG_PORT"], "PGUSER": postgres.SUPERUSER,
            "PGPASSWORD": urlsplit(stack.superuser_url).password or "", "ARCHIVED_WITHIN": "1",
        }  # fmt: skip
        mode = postgres.choose_mode(folder / "first" / "postgres")
        with pytest.raises(PartFailed, match="does not reach"):
            backup._script(["base-backup.sh", str(folder / "archive"), "1", "0"], login, mode.user)
        first, second = sorted(found.name for found in (folder / "archive" / "base").iterdir())
        assert (folder / "archive" / "wal").joinpath(f"{_begins(folder, first)}.gz").exists(), "nothing is pruned"
        time.sleep(1)
        with pytest.raises(PartFailed, match="does not reach"):
            backup._script(["base-backup.sh", str(folder / "archive"), "1", "0"], login, mode.user)
        left = sorted(found.name for found in (folder / "archive" / "base").iterdir())
        assert (left[0], len(left), second in left) == (first, 2, False), "of those without a log the newest is kept"
        in_the_way.unlink()
        archived(stack)
        age, is_failing = ask(stack, activity.ARCHIVING)[0]
        assert (age < 60, is_failing) == (True, False)


def _begins(folder: Path, base: str) -> str:
    """Return the segment with which a base backup begins."""
    return (folder / "archive" / "base" / base / "backup_label").read_text().split("(file ")[1].split(")")[0]


def test_backups_stay_by_their_number_and_by_their_age_and_the_log_that_they_need(folder: Path) -> None:
    bases = folder / "archive" / "base"
    with server(folder) as stack:
        for keep, days in (("2", "1"), ("2", "1"), ("2", "1"), ("2", "0")):
            before = {found.name for found in bases.glob("2*")}
            made = devstack(folder, "first", "backup", f"--keep={keep}", f"--days={days}", **port_of(stack))
            assert made.returncode == 0, made.stderr
            if days == "1":
                assert before < {found.name for found in bases.iterdir()}, "none of them is old"
            time.sleep(1)  # they are named by the second
        left = sorted(found.name for found in bases.iterdir())
        assert len(left) == 2
        first = min(found.name for found in (folder / "archive" / "wal").iterdir())
        assert first.startswith(_begins(folder, left[0]))
