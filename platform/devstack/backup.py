"""Backups of the embedded cluster: a base backup beside its archived log, and the way back from the two.

The work is done by the scripts under ``scripts/backup``, which a single host with Docker runs as they are; here they
get the server's place, its password and the user it runs as. docs/operations/backups.md says what is kept for how long.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from devstack import binaries, logs, ports, process
from devstack.credentials import Credentials
from devstack.part import Part, PartFailed
from devstack.parts import postgres
from devstack.settings import ROOT, Settings

SCRIPTS = ROOT / "scripts" / "backup"
STOP_SECONDS = 60.0


def archive_of(settings: Settings) -> Path:
    """The folder of backups.

    Raises:
        PartFailed: none is set, or the database is not ours to back up.
    """
    if "LMS_DATABASE_URL" in settings.external:
        raise PartFailed("The database is not the embedded one: its own service makes the backups.")
    if settings.pg_archive is None:
        raise PartFailed("There is no folder for backups. Set LMS_PG_ARCHIVE, best to a folder on another disk.")
    return settings.pg_archive


def take(settings: Settings, credentials: Credentials, *, keep: int, days: int) -> str:
    """Make a base backup of the running server, verify it, and return where it lies.

    The newest ``keep`` stay, and whatever is younger than ``days``.

    Raises:
        PartFailed: with the words of what failed.
    """
    archive = archive_of(settings)
    mode = postgres.choose_mode(settings.data_dir / "postgres")
    postgres.open_archive(archive, mode)
    login = {
        "PGHOST": ports.HOST,
        "PGPORT": str(settings.ports["postgres"]),
        "PGUSER": postgres.SUPERUSER,
        "PGPASSWORD": credentials.pg_superuser,
    }
    return _script(["base-backup.sh", str(archive), str(keep), str(days)], login, mode.user)


def restore(settings: Settings, credentials: Credentials, *, until: Sequence[str] = ()) -> str:
    """Bring the cluster back from a base backup and the log; return in words up to when.

    ``until`` is what ``restore-cluster.sh`` is asked for: a moment, a point, a timeline, or nothing for the newest
    state. The log is replayed here and not at the next start, so that a restore which cannot be finished says so. The
    server is stopped again.

    Raises:
        PartFailed: there is a cluster already, no backup leads there, the log cannot be replayed, or what it came to is
            not what was asked for.
    """
    archive = archive_of(settings)
    folder = settings.data_dir / "postgres"
    if folder.exists():
        raise PartFailed(f"{folder} is there. Move it away first: a restore overwrites nothing.")
    # The owner of the backup decides who runs the server: the two modes cannot share a folder.
    mode = postgres.choose_mode(archive / "base")
    chosen = _script(["restore-cluster.sh", str(archive), str(folder), *until], {}).partition(",")[0]
    if mode.user:
        for place in (folder, *folder.rglob("*")):
            os.chown(place, *mode.user, follow_symlinks=False)
    began = time.monotonic()
    told = _replay(settings, postgres.part(settings, credentials), credentials)
    if not until:
        let_in(settings)
    return f"base backup {chosen}, {told}, replayed in {time.monotonic() - began:.1f} s"


def let_in(settings: Settings) -> None:
    """Note that people work on the database as it is: from now on it is what a restore without a moment brings back."""
    if settings.pg_archive is not None:
        (settings.pg_archive / "before-restore").unlink(missing_ok=True)


def _replay(settings: Settings, part: Part, credentials: Credentials) -> str:
    """Run the server until it has replayed the log and takes writes, ask where it stopped, then stop it."""
    if part.prepare is not None:
        part.prepare()
    with logs.open_for(settings.log_dir, part.name) as log:
        server = process.spawn(
            part.argv, env=part.env, log=log, cwd=settings.data_dir, user=part.user, end_with_parent=signal.SIGINT
        )
    try:
        deadline = time.monotonic() + part.ready_within_seconds
        while not (part.probe is not None and part.probe(server.pid)):
            if server.poll() is not None or time.monotonic() > deadline:
                tail = logs.tail(settings.log_dir, part.name)
                raise PartFailed(f"The log could not be replayed. The end of what PostgreSQL says:\n\n{tail}")
            time.sleep(0.05)
        is_right, words = postgres.reached(settings, credentials)
        if not is_right:
            raise PartFailed(f"What came back is not what was asked for. It is {words}.")
        postgres.forget_restore(settings, credentials)
    finally:
        server.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(STOP_SECONDS)
        process.kill_group(server.pid)
    return words


def _script(words: Sequence[str], more: Mapping[str, str], user: tuple[int, int] | None = None) -> str:
    name, *arguments = words
    path = f"{binaries.postgres_bin()}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        ["/bin/sh", str(SCRIPTS / name), *arguments],
        env={"PATH": path, "LC_ALL": "C", "TZ": "UTC", **more},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        user=user[0] if user else None,
        group=user[1] if user else None,
        extra_groups=[] if user else None,
    )
    if done.returncode != 0:
        raise PartFailed(f"{name}: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout.strip().splitlines()[-1]
