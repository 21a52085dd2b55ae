"""For tests and benches: a stack of chosen parts, on free ports, for as long as a ``with`` block lasts."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from devstack import environment, ports, stack, state
from devstack.credentials import Credentials
from devstack.parts import postgres
from devstack.settings import PORTS, ROOT, Settings

START_SECONDS = 240.0
STOP_SECONDS = 25.0


class StackFailed(Exception):
    """The stack did not come up; the text is what it printed."""


class StackEnvironment(dict[str, str]):
    """The environment of the product's processes, and what a test wants to know beside it."""

    def __init__(self, settings: Settings, credentials: Credentials, keeper: subprocess.Popen[bytes]) -> None:
        super().__init__(environment.product(settings, credentials))
        self.settings = settings
        self.data_dir = settings.data_dir
        self.owner = environment.owners(settings, credentials)
        """``LMS_OWNER_DATABASE_URL``: for ``prepare_database`` and whatever stands for the provisioner."""
        self.edge = environment.edge(settings, credentials)
        self.superuser_url = postgres.url(settings, postgres.SUPERUSER, credentials.pg_superuser, "postgres")
        self.keeper_pid = keeper.pid

    def state(self) -> dict[str, Any]:
        """The state file as it is now."""
        return state.read(self.settings.run_dir, "state")


@contextlib.contextmanager
def running(
    parts: Collection[str] | None = None,
    *,
    data_dir: Path | str | None = None,
    fsync: bool = False,
    extra_env: Mapping[str, str] | None = None,
    python: Path | str = sys.executable,
    root: Path = ROOT,
) -> Iterator[StackEnvironment]:
    """Start these parts (all by default), wait until they serve, and stop them at the end.

    Without ``data_dir`` a folder is made and removed again. ``fsync=False`` trades safety against a power cut for
    speed, and lets the owner login create databases. ``extra_env`` sets variables of the stack (``LMS_SITE_HOST``, …).
    ``root`` is another copy of the code and ``python`` the interpreter of its environment, where not this one starts.
    Should this process be killed, the stack stops by itself.

    Raises:
        StackFailed: a part did not start.
    """
    with contextlib.ExitStack() as cleanup:
        folder = Path(data_dir) if data_dir is not None else _temporary_folder(cleanup)
        folder.mkdir(parents=True, exist_ok=True)
        environ = _environ(folder, fsync=fsync, extra=extra_env or {})
        settings = Settings.from_environ(environ)
        lifeline, ours = os.pipe()
        cleanup.callback(os.close, ours)
        output = cleanup.enter_context((folder / "up.log").open("w+b"))
        arguments = [f"--parts={','.join(parts if parts is not None else stack.NAMES)}", f"--lifeline={lifeline}"]
        keeper = subprocess.Popen(
            [python, "-m", "devstack", "up", *arguments],
            env=environ,
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(lifeline,),
            start_new_session=True,
        )
        os.close(lifeline)
        cleanup.callback(_stop, keeper)
        _wait_until_ready(keeper, settings, folder / "up.log")
        yield StackEnvironment(settings, Credentials.load(settings.data_dir), keeper)


def _temporary_folder(cleanup: contextlib.ExitStack) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="lms-stack-"))
    folder.chmod(0o711)  # where PostgreSQL runs as nobody, it has to be able to pass through
    cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _environ(folder: Path, *, fsync: bool, extra: Mapping[str, str]) -> dict[str, str]:
    """Our environment without any stack's settings, and then the settings of this one.

    Django's settings go as well: what a test runner chose for itself is not what the product should run with.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "LMS_FFMPEG" or not name.startswith(("LMS_", "DJANGO_SETTINGS_MODULE"))
    }
    base = ports.free_base()
    numbers = {variable: str(base + distance) for variable, distance in PORTS.values()}
    return {**kept, **numbers, "LMS_DATA_DIR": str(folder), "LMS_THROWAWAY": "0" if fsync else "1", **extra}


def _wait_until_ready(keeper: subprocess.Popen[bytes], settings: Settings, output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if keeper.poll() is not None:
            raise StackFailed(f"The stack did not start:\n{output.read_text(errors='replace')}")
        with contextlib.suppress(state.NotRunning):
            report = state.read(settings.run_dir, "state")
            if report.get("keeper_pid") == keeper.pid and report["phase"] == "ready":
                return
        time.sleep(0.05)
    raise StackFailed(f"The stack was not ready within {START_SECONDS:.0f} s:\n{output.read_text(errors='replace')}")


def _stop(keeper: subprocess.Popen[bytes]) -> None:
    if keeper.poll() is None:
        keeper.send_signal(signal.SIGTERM)
    try:
        keeper.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()
