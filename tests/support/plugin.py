"""Starts PostgreSQL and Valkey for the run, before Django reads its settings.

Each run has servers of its own on free ports, so two runs never meet; where one run has several workers (``-n 2``),
each of them has its own and whoever only hands out the tests has none. The database is prepared as a deployment does
it: `prepare_database` as the owning login, organizations by replaying the committed template.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
_cleanup = contextlib.ExitStack()
stack: dict[str, str] = {}
owner: dict[str, str] = {}
_said: list[str] = []
_LINES = "lines"
_WORKER = "PYTEST_XDIST_WORKER"  # "gw0", "gw1" ...: set by pytest-xdist in its workers


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    if not (_only_lists(early_config) or _only_hands_out(early_config)):
        _start()
    return (yield)


def pytest_unconfigure() -> None:
    _cleanup.close()


def say(config: pytest.Config, line: str) -> None:
    """Print a line at the end of the run, where nothing captures it, from whichever process the tests run in."""
    told = getattr(config, "workeroutput", None)  # pytest-xdist: what a worker hands to whoever has the terminal
    (_said if told is None else told.setdefault(_LINES, [])).append(line)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    _said.extend(getattr(node, "workeroutput", {}).get(_LINES, []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _said:
        terminalreporter.write_line(line)


def _only_lists(config: pytest.Config) -> bool:
    known = config.known_args_namespace
    return bool(
        getattr(known, "collectonly", False) or getattr(known, "version", False) or getattr(known, "help", False)
    )


def _only_hands_out(config: pytest.Config) -> bool:
    """Tell whether the tests run in other processes: those of pytest-xdist, which mark their environment."""
    return bool(getattr(config.known_args_namespace, "numprocesses", None)) and _WORKER not in os.environ


def worker_number() -> int:
    """Return which of the workers of this run we are, from 0; 0 as well where the run has none."""
    return int(os.environ.get(_WORKER, "gw0").removeprefix("gw"))


def _start() -> None:
    for path in (str(ROOT), str(ROOT / "platform")):
        if path not in sys.path:
            sys.path.insert(0, path)
    from devstack import embedded

    environment = _cleanup.enter_context(embedded.running(parts={"postgres", "valkey"}, fsync=False))
    stack.update(environment)
    owner.update(environment.owner)
    os.environ.update(stack)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    manage("prepare_database", "--verbosity=0")


def manage(*arguments: str) -> str:
    """Run manage.py as the owning login; return what it printed."""
    done = run_as_owner(sys.executable, "manage.py", *arguments)
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def run_as_owner(*argv: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the provisioner's environment."""
    environment = {**os.environ, **stack, **owner, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", **extra}
    return subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
