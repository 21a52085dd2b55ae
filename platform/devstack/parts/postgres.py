"""PostgreSQL from its wheel: our own launcher, passwords from the first start on, and no root inside the server."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2

from devstack import binaries, ports
from devstack.credentials import Credentials
from devstack.part import Part, PartFailed
from devstack.parts import logins
from devstack.settings import ROOT, Settings

SUPERUSER = "postgres"
# Case and order by Unicode, the same on every system and in production.
BUILTIN_LOCALE = {"--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"}
SCHEMA_STAMP = "schema.stamp"
"""In the run dir: what the last set-up of the schema found. It says nothing about a new database."""
ARCHIVE_WAL = ROOT / "scripts" / "backup" / "archive-wal.sh"
REACHED = ROOT / "scripts" / "backup" / "reached.sql"
_INITDB_SECONDS = 120  # how long initdb may take on a very slow disk


@dataclass(frozen=True)
class Mode:
    """How the server is kept from running as root, which PostgreSQL refuses.

    ``plain``: we are not root. ``userns``: root of this machine is an ordinary user inside a namespace. ``setuid``: the
    server runs as ``nobody`` and owns its folder. The last two cannot share a data folder, so its owner decides.
    """

    name: str
    prefix: tuple[str, ...] = ()
    user: tuple[int, int] | None = None


def choose_mode(folder: Path) -> Mode:
    """The mode for this data folder: that of its owner, or for a new one the best this machine offers.

    Raises:
        PartFailed: the folder belongs to a user we cannot act for.
    """
    nobody = pwd.getpwnam("nobody")
    as_nobody = Mode("setuid", user=(nobody.pw_uid, nobody.pw_gid))
    owner = folder.stat().st_uid if folder.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            name = _name_of(owner)
            raise PartFailed(
                f"{folder} belongs to {name}. Start as {name}, or set LMS_DATA_DIR to a folder of your own."
            )
        return Mode("plain")
    in_namespace = Mode(
        "userns", prefix=("unshare", "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}")
    )
    if owner == nobody.pw_uid:
        return as_nobody
    if owner == 0:
        if not _works(in_namespace):
            raise PartFailed(
                f"{folder} was made in a user namespace, which this machine no longer allows. "
                f"`chown -R nobody {folder}` lets PostgreSQL run as nobody instead."
            )
        return in_namespace
    if owner is not None:
        raise PartFailed(
            f"{folder} belongs to {_name_of(owner)}. Start as that user, or set LMS_DATA_DIR to another folder."
        )
    return in_namespace if _works(in_namespace) else as_nobody


def _works(mode: Mode) -> bool:
    if shutil.which(mode.prefix[0]) is None:
        return False
    probe = subprocess.run(
        [*mode.prefix, str(binaries.postgres_bin() / "postgres"), "--version"], capture_output=True, check=False
    )
    return probe.returncode == 0


def _name_of(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid if uid is not None else -1).pw_name
    except KeyError:
        return f"user {uid}"


def url(settings: Settings, login: str, password: str, database: str = logins.DATABASE) -> str:
    """Address of the embedded server for one login."""
    return f"postgresql://{login}:{quote(password, safe='')}@{ports.HOST}:{settings.ports['postgres']}/{database}"


def part(settings: Settings, credentials: Credentials) -> Part:
    """PostgreSQL with its logins and an empty database, ready for ``prepare_database``."""
    folder = settings.data_dir / "postgres"
    mode = choose_mode(folder)
    server = str(binaries.postgres_bin() / "postgres")
    superuser = url(settings, SUPERUSER, credentials.pg_superuser, "postgres")
    given = options(settings)

    def prepare() -> None:
        if not folder.exists():
            _create_cluster(folder, mode, credentials, throwaway=settings.throwaway)
        if settings.pg_archive is not None:
            open_archive(settings.pg_archive, mode)
        _clear_stale_lock(folder)

    def settle() -> None:
        if logins.create_embedded(settings, credentials, superuser):
            (settings.run_dir / SCHEMA_STAMP).unlink(missing_ok=True)

    return Part(
        name="postgres",
        title="PostgreSQL",
        argv=(*mode.prefix, server, "-D", str(folder), *(f"-c{key}={value}" for key, value in given.items())),
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC", "PGTZ": "UTC"},
        port=settings.ports["postgres"],
        port_setting="LMS_PG_PORT",
        prepare=prepare,
        probe=lambda pid: _accepts(superuser),
        settle=settle,
        # "Fast": sessions are ended and everything is written. Then "immediate": the next start replays the log.
        stop_signals=(signal.SIGINT, signal.SIGQUIT),
        user=mode.user,
        ready_within_seconds=600.0,  # the replay after a crash counts as well
    )


def options(settings: Settings) -> dict[str, str]:
    """What the server is told; docker-compose.yml is held to it."""
    options = {
        "port": str(settings.ports["postgres"]),
        "listen_addresses": ports.HOST,
        "unix_socket_directories": "",
        "max_connections": "120",
        "shared_buffers": f"{settings.pg_buffers_mb}MB",
        # Some thirty files of each of the 250 organizations that a connection comes to know: fewer, and it would open
        # and close them all the time.
        "max_files_per_process": "8000",
        # After a crash the server makes sure that every file is on the disk before it begins: in a fleet of a thousand
        # these are 300,000 files, opened one by one for minutes. The file system does it in one go.
        "recovery_init_sync_method": "syncfs",
        # A transaction that makes a whole tenant schema locks each of its tables and indexes.
        "max_locks_per_transaction": "256",
        "shared_preload_libraries": "pg_stat_statements",
        "pg_stat_statements.max": "2000",
        "jit": "off",  # our statements are short; compiling them costs more than it saves
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        # Values are written into statements before they are sent, and errors repeat rows: neither belongs in a log.
        # What is slow is in pg_stat_statements, and in the log of whoever waited for it.
        "log_min_duration_statement": "-1",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "idle_in_transaction_session_timeout": "300s",
    }
    if settings.pg_archive is not None:
        options |= {
            "archive_mode": "on",
            "archive_command": f'"{ARCHIVE_WAL}" "%p" "%f" "{settings.pg_archive}"',
            "archive_timeout": f"{settings.pg_archive_seconds}s",
        }
    if settings.throwaway:
        options |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "autovacuum_naptime": "10min",
            "shared_buffers": "128MB",
        }
    return options


def open_archive(archive: Path, mode: Mode) -> None:
    """Make the folder of backups where it is missing, and let the server write into it."""
    for place in (archive, archive / "wal", archive / "base"):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if mode.user:
            os.chown(place, *mode.user)


def reached(settings: Settings, credentials: Credentials) -> tuple[bool, str]:
    """Ask a server that has just ended its recovery whether it is where it was sent to, and in words where it is."""
    link = psycopg2.connect(url(settings, SUPERUSER, credentials.pg_superuser, "postgres"))
    try:
        with link.cursor() as cursor:
            cursor.execute(REACHED.read_text())
            row = cursor.fetchone()
    finally:
        link.close()
    return (bool(row[0]), str(row[1])) if row else (False, "unknown")


def forget_restore(settings: Settings, credentials: Credentials) -> None:
    """Take what steered a restore out of the running server's configuration: another one may want another end."""
    link = psycopg2.connect(url(settings, SUPERUSER, credentials.pg_superuser, "postgres"))
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            cursor.execute("ALTER SYSTEM RESET restore_command")
            for name in ("time", "name", "timeline", "action"):
                cursor.execute(f"ALTER SYSTEM RESET recovery_target_{name}")
    finally:
        link.close()


def _create_cluster(folder: Path, mode: Mode, credentials: Credentials, *, throwaway: bool) -> None:
    """initdb beside the final place, then one rename: a start that was killed leaves nothing half-made."""
    new = folder.with_name(folder.name + ".new")
    password_file = folder.with_name(folder.name + ".password")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    password_file.touch(mode=0o600)
    password_file.write_text(credentials.pg_superuser)
    if mode.user:
        os.chown(new, *mode.user)
        os.chown(password_file, *mode.user)
    try:
        command = [*mode.prefix, str(binaries.postgres_bin() / "initdb"), "-D", str(new), "-U", SUPERUSER]
        _run(
            [
                *command,
                *sorted(BUILTIN_LOCALE),
                "--auth-local=reject",
                "--auth-host=scram-sha-256",
                f"--pwfile={password_file}",
                "--no-instructions",
                *(["--no-sync"] if throwaway else []),
            ],
            mode,
        )
    finally:
        password_file.unlink(missing_ok=True)
    new.rename(folder)


def _run(argv: Sequence[str], mode: Mode) -> None:
    result = subprocess.run(
        argv,
        capture_output=True,
        text=True,
        check=False,
        timeout=_INITDB_SECONDS,
        cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
        user=mode.user[0] if mode.user else None,
        group=mode.user[1] if mode.user else None,
        extra_groups=[] if mode.user else None,
    )
    if result.returncode != 0:
        hint = " The user nobody has to be able to reach both folders." if mode.user else ""
        raise PartFailed(f"PostgreSQL could not be set up: {result.stderr.strip()[-800:]}{hint}")


def _clear_stale_lock(folder: Path) -> None:
    """Remove the lock file of a server that is gone; its number may belong to some other program by now.

    Raises:
        PartFailed: a PostgreSQL is really running on this folder.
    """
    lock = folder / "postmaster.pid"
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    try:
        runs_here = Path(f"/proc/{pid}/cwd").resolve() == folder.resolve()
    except OSError:
        runs_here = False
    if runs_here and Path(f"/proc/{pid}").exists():
        raise PartFailed(
            f"Another PostgreSQL (process {pid}) is still running on {folder}. Stop it with `kill -INT {pid}`."
        )
    lock.unlink(missing_ok=True)


def _accepts(address: str) -> bool:
    """True once it takes writes: while a restored cluster replays its log it can already be read."""
    try:
        connection = psycopg2.connect(address, connect_timeout=2)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT NOT pg_is_in_recovery()")
                row = cursor.fetchone()
                return bool(row and row[0])
        finally:
            connection.close()
    except psycopg2.OperationalError as error:
        if "password authentication failed" in str(error):
            raise PartFailed(
                "The database refuses the password in secrets/credentials.json: the two are not of one data dir."
            ) from error
        return False
    return True
