"""When things go wrong with the embedded default: nothing is left behind, nothing is lost, messages name the cause."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from devstack import embedded, ports, process
from devstack.console import Console
from devstack.part import Part
from devstack.settings import PORTS, ROOT, Settings, SettingsError
from devstack.supervisor import Supervisor

SERVERS = frozenset({"postgres", "valkey", "s3", "mailbox"})
GONE_SECONDS = 60.0


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that PostgreSQL can reach even where it runs as nobody: pytest's own are closed to other users."""
    folder = Path(tempfile.mkdtemp(prefix="lms-faults-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _up(data_dir: Path, parts: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """``up`` that is expected to end by itself."""
    base = ports.free_base()
    numbers = {variable: str(base + distance) for variable, distance in PORTS.values()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LMS_")}
    return subprocess.run(
        [sys.executable, "-m", "devstack", "up", f"--parts={parts}"],
        env={**kept, **numbers, "LMS_DATA_DIR": str(data_dir), "LMS_THROWAWAY": "1", **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
    )


def _family(pid: int) -> dict[int, str]:
    """Every descendant of a process, with the moment it started: a number alone may be given again."""
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        with contextlib.suppress(OSError):
            found[current] = _started(current)
            waiting += process.children_of(current)
    return found


def _started(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def _survivors(family: dict[int, str]) -> list[int]:
    alive = []
    for pid, started in family.items():
        with contextlib.suppress(OSError):
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            if _started(pid) == started and state != "Z":
                alive.append(pid)
    return alive


def _eventually(holds: Callable[[], object], seconds: float = GONE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(0.05)


def test_a_taken_port_is_refused_by_the_name_of_its_setting(data_dir: Path) -> None:
    with socket.create_server((ports.HOST, 0)) as other:
        port = other.getsockname()[1]
        refused = _up(data_dir, "valkey,mailbox", LMS_SMTP_PORT=str(port))

    assert refused.returncode == 1
    assert f"Port {port}, wanted by Mailbox, is taken by" in refused.stdout
    assert f"(process {os.getpid()})" in refused.stdout
    assert "Set LMS_SMTP_PORT" in refused.stdout


def test_a_second_start_on_the_same_data_is_refused() -> None:
    with embedded.running({"valkey"}) as stack:
        refused = _up(stack.data_dir, "valkey")

        assert refused.returncode == 1
        assert f"already running on {stack.data_dir} (process {stack.keeper_pid})" in refused.stderr
        assert redis.Redis.from_url(stack["LMS_REDIS_URL"]).ping()


def test_a_part_that_dies_while_starting_ends_the_start_with_its_log(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir(mode=0o700)  # a data folder with nothing in it
    began = time.monotonic()

    refused = _up(data_dir, "postgres,valkey")

    assert refused.returncode == 1
    assert "PostgreSQL ended with status" in refused.stdout
    assert "postgresql.conf" in refused.stdout  # the words of PostgreSQL about the missing files
    assert time.monotonic() - began < 120  # far from the ten minutes a slow replay may take


def test_settings_that_make_no_sense_are_named_together() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environ(
            {"LMS_PORT": "http", "LMS_SITE_HOST": "http://x", "LMS_S3_PORT": "9000", "LMS_MAIL_PORT": "9000"}
        )

    message = str(refusal.value)
    assert "LMS_PORT='http' is not a port number" in message
    assert "LMS_SITE_HOST='http://x' is not a host name" in message
    assert "LMS_S3_PORT and LMS_MAIL_PORT are both 9000" in message


@pytest.fixture
def hangs_up() -> Iterator[None]:
    """A terminal that hangs up ends what runs in it, even where this test itself was started with nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_leaves_no_process(number: signal.Signals, hangs_up: None) -> None:
    with embedded.running(SERVERS) as stack:
        family = _family(stack.keeper_pid)
        assert len(family) > 2 + len(SERVERS)  # PostgreSQL alone has several children

        os.kill(stack.keeper_pid, number)

        _eventually(lambda: not _survivors(family))


@pytest.mark.parametrize("victim", ["keeper_pid", "supervisor_pid"])
def test_killed_outright_it_leaves_no_process_and_loses_no_data(victim: str, data_dir: Path) -> None:
    with embedded.running(SERVERS, data_dir=data_dir, fsync=True) as stack:
        with psycopg2.connect(stack.owner["LMS_OWNER_DATABASE_URL"]) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept (word text)")
            cursor.execute("INSERT INTO kept VALUES ('still here')")
        family = _family(stack.keeper_pid)

        os.kill(stack.state()[victim], signal.SIGKILL)

        _eventually(lambda: not _survivors(family))

    with (
        embedded.running({"postgres"}, data_dir=data_dir, fsync=True) as stack,
        psycopg2.connect(stack.owner["LMS_OWNER_DATABASE_URL"]) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT word FROM kept")
        assert cursor.fetchall() == [("still here",)]


def test_an_outside_database_replaces_ours_by_one_variable() -> None:
    with embedded.running({"postgres", "valkey"}) as outside:
        given = {
            "LMS_DATABASE_URL": outside.owner["LMS_OWNER_DATABASE_URL"],
            "LMS_REDIS_URL": outside["LMS_REDIS_URL"],
        }
        with embedded.running({"postgres", "valkey", "schema"}, extra_env=given) as stack:
            assert set(stack.state()["parts"]) == {"schema"}
            assert stack["LMS_REDIS_URL"] == given["LMS_REDIS_URL"]
            with psycopg2.connect(stack["LMS_DATABASE_URL"]) as connection, connection.cursor() as cursor:
                cursor.execute("SET ROLE r_platform")
                cursor.execute("SELECT session_user, count(*) FROM public.tenants_organization")
                assert cursor.fetchone() == ("lms_app", 0)


@pytest.mark.stack
def test_the_whole_product_killed_outright_leaves_no_process() -> None:
    """Web and workers fork children of their own, which no signal to the supervisor reaches."""
    with embedded.running() as stack:
        state = stack.state()
        for part in ("web-1", "web-2", "worker", "provisioner", "media"):  # each has somebody to leave behind
            _eventually(lambda pid=state["parts"][part]["pid"]: process.children_of(pid))  # type: ignore[misc]
        family = _family(stack.keeper_pid)

        os.kill(state["supervisor_pid"], signal.SIGKILL)

        _eventually(lambda: not _survivors(family))


def test_a_grandchild_that_left_its_group_is_found_and_ended(tmp_path: Path) -> None:
    """A worker's encoder runs in a session of its own; when the worker is killed, nobody else knows of it."""
    note = tmp_path / "grandchild"
    child = f"import os, subprocess; p = subprocess.Popen(['sleep', '300'], start_new_session=True); \
open({str(note)!r}, 'w').write(str(p.pid)); os.kill(os.getpid(), 9)"
    keeper = f"from devstack import process; import subprocess, sys; process.adopt_orphans(); \
subprocess.run([sys.executable, '-c', {child!r}]); print(process.end_family(0.0))"

    ended = subprocess.run([sys.executable, "-c", keeper], capture_output=True, text=True, timeout=90, check=True)

    assert ended.stdout.strip() == "1"
    assert not Path(f"/proc/{note.read_text()}").exists()


def test_a_server_outlives_who_needs_it_through_a_step(data_dir: Path) -> None:
    """The worker waits for the step, the step for the database: the database stops after the worker."""
    written = data_dir / "order"
    loop = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (time.sleep({delay}), \
open({file!r}, 'a').write('{name} '), sys.exit(0))); open('{file}-{name}', 'w').close(); time.sleep(300)"

    def server(name: str, delay: float, after: tuple[str, ...]) -> Part:
        code = loop.format(delay=delay, file=str(written), name=name)
        return Part(name=name, title=name, argv=(sys.executable, "-c", code), after=after)

    step = Part(name="step", title="step", argv=("true",), after=("database",), one_shot=True)
    parts = [server("database", 0.0, ()), step, server("worker", 0.5, ("step",))]
    settings = Settings.from_environ({"LMS_DATA_DIR": str(data_dir)})
    settings.run_dir.mkdir(parents=True)

    def when_ready(seconds: float) -> None:
        deadline = time.monotonic() + 60
        while not all((data_dir / f"order-{name}").exists() for name in ("database", "worker")):
            if time.monotonic() > deadline:
                break  # a handler was not set: the order tells
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    pid = os.fork()
    if pid == 0:
        os._exit(Supervisor(settings, parts, Console()).run(when_ready))
    _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert written.read_text().split() == ["worker", "database"]


def test_a_crashed_part_is_started_again_and_the_crash_is_told() -> None:
    with embedded.running({"valkey", "mailbox"}) as stack:
        before = stack.state()["parts"]["valkey"]["pid"]

        os.kill(before, signal.SIGKILL)

        _eventually(lambda: stack.state()["parts"]["valkey"]["restarts"] == 1)
        _eventually(lambda: stack.state()["parts"]["valkey"]["phase"] == "ready")
        assert stack.state()["parts"]["valkey"]["pid"] != before
        assert stack.state()["parts"]["mailbox"]["restarts"] == 0
        said = (stack.data_dir / "up.log").read_text()
        assert "Valkey: ended with status -9; starting it again in 0.5 s" in said
        assert redis.Redis.from_url(stack["LMS_REDIS_URL"]).ping()


def test_the_owner_login_reaches_only_who_asks_for_it() -> None:
    with embedded.running({"valkey"}) as stack:
        environ = {**os.environ, "LMS_DATA_DIR": str(stack.data_dir), "LMS_OWNER_DATABASE_URL": "postgresql://leak"}
        command = [sys.executable, "-m", "devstack", "run"]
        ask = ["--", "printenv", "LMS_OWNER_DATABASE_URL"]

        plain = subprocess.run([*command, *ask], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=90)
        owner = subprocess.run(
            [*command, "--owner", *ask], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=90
        )

    assert plain.stdout == ""
    assert owner.stdout.strip() == stack.owner["LMS_OWNER_DATABASE_URL"]


def test_secrets_are_made_once_and_readable_by_their_owner_only(data_dir: Path) -> None:
    with embedded.running({"valkey"}, data_dir=data_dir) as stack:
        first = dict(stack)
    with embedded.running({"valkey"}, data_dir=data_dir) as stack:
        for name in ("LMS_SECRET_KEY", "LMS_KEK"):
            assert stack[name] == first[name]
    for file in ("secrets/credentials.json", "run/env.json", "valkey/valkey.conf"):
        assert (data_dir / file).stat().st_mode & 0o077 == 0
