"""A host as ``scripts/single_host.sh`` knows one: it asks for containers, and gets processes of this machine.

What compose would do and this does: the image that .env names, the service's own variables, stopping by SIGTERM with
the grace of ``stop_grace_period`` and SIGKILL after it, an exit status, health asked as the image asks it. Databases,
the store, the verifier and the front door stay as they are while releases come and go, as the script has it.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from core import probe
from core.processes import PROCESSES, environment
from devstack import process
from tests.image.host import filled_in
from tests.rehearsal.codes import Code
from tests.support.plugin import ROOT

DOCKER = Path(__file__).with_name("docker.py")
SCRIPT = "scripts/single_host.sh"
STAYS = ("postgres", "valkey", "store", "edge", "front", "backup")
"""Services that no deployment replaces: here they are somebody else's."""
STEPS_SECONDS = 300.0
# Of a service's variables those that say how it runs. The others say where things are, which is elsewhere here.
_HOW = re.compile(r"LMS_(STOP_SECONDS|WEB_WORKERS|WEB_THREADS|MEDIA_CONCURRENCY)")
_UNKNOWN = 64
_SECONDS = re.compile(r"(\d+)s")


class Failed(Exception):
    """The script did not end as it should; the text is what it said."""


@dataclass
class Container:
    """One process that stands for a service's container."""

    service: str
    code: Code
    environ: dict[str, str]
    process: subprocess.Popen[bytes]


@dataclass
class Machine:
    """Runs services by name. ``environs`` has the environment of each, ``images`` the code behind an image's name."""

    folder: Path
    environs: Mapping[str, dict[str, str]]
    images: Mapping[str, Code]
    plant: str = ""
    """``no-drain``: web servers are killed instead of stopped."""
    running: dict[str, Container] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    """What the release steps have printed since somebody last took it."""
    stops: list[dict[str, Any]] = field(default_factory=list)
    """How each stopped process ended since somebody last took it."""

    def __post_init__(self) -> None:
        # Hosts and folders are this rehearsal's; they only have to be there for the file to be read.
        lines = (ROOT / "infra/single-host/env.example").read_text().splitlines()
        given = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z0-9_]+=.", line))
        given |= {"LMS_IMAGE": "rehearsed", "LMS_ACME_EMAIL": "ops@lms.localhost"}
        text = filled_in((ROOT / "docker-compose.yml").read_text(), given)
        self._services: dict[str, dict[str, Any]] = yaml.safe_load(text)["services"]

    # -- what the script asks ------------------------------------------------------------------------------------------

    def answer(self, argv: list[str], image: str) -> tuple[int, str]:
        """Do what docker was asked to; return its status and what it prints. What is not known here has failed."""
        match argv:
            case ["image", "inspect", name]:
                return (0 if name in self.images else 1), ""
            case ["compose", "run", "--rm", "migrate", *more]:
                return self.migrate(self.images[image], *more), ""
            case ["compose", "up", "--detach", "--no-deps", "--force-recreate", name] if name in self.environs:
                self.replace(name, self.images[image])
                return 0, ""
            case ["compose", "up", "--detach", *words]:
                names = [word for word in words if not word.startswith("--")]
                return (0 if set(names) <= set(STAYS) and "--force-recreate" not in words else _UNKNOWN), ""
            case ["compose", "ps", "--quiet", name] if name in self.running:
                return 0, f"{name}\n"
            case ["inspect", "--format", "{{.State.Health.Status}}", name] if name in self.running:
                return 0, "healthy\n" if self.is_healthy(name) else "starting\n"
        return _UNKNOWN, ""

    def migrate(self, code: Code, *arguments: str) -> int:
        """Run the release steps of this code; return their status."""
        environ = self._environ("migrate", code)
        done = subprocess.run(
            [*self.argv("migrate", code), *arguments],
            cwd=code.folder, env=environ, capture_output=True, text=True, timeout=STEPS_SECONDS, check=False,
        )  # fmt: skip
        (self.folder / "migrate.log").open("a").write(done.stdout + done.stderr)
        self.steps += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return done.returncode

    def replace(self, name: str, code: Code) -> None:
        """Stop the service's process and start the one of ``code`` in its place, without waiting for it."""
        if name in self.running:
            self.stop(name)
        environ = self._environ(name, code)
        with (self.folder / f"{name}.log").open("ab") as log:
            started = process.spawn(self.argv(name, code), env=environ, log=log, cwd=code.folder)
        self.running[name] = Container(name, code, environ, started)

    def argv(self, name: str, code: Code) -> list[str]:
        """Return the command line of a service: what the image becomes for it."""
        return [str(code.python), "-m", "core.run", self._program(name)]

    def stop(self, name: str) -> None:
        """Stop a process as a container is stopped, and note how it ended."""
        found = self.running.pop(name)
        began = time.monotonic()
        killed = self.plant == "no-drain" and name.startswith("web-")
        if not killed:
            process.signal_process(found.process, signal.SIGTERM)
            try:
                found.process.wait(self._grace(name))
            except subprocess.TimeoutExpired:
                killed = True
        if killed:
            process.kill_group(found.process.pid)
            found.process.wait()
        took = round(time.monotonic() - began, 2)
        self.stops.append({"service": name, "of": found.code.image, "killed": killed, "s": took})

    def is_healthy(self, name: str) -> bool:
        """Ask as ``lms probe`` does."""
        found = self.running[name]
        environ = environment(PROCESSES[self._program(name)], found.environ)
        return found.process.poll() is None and probe.is_alive(environ, pid=found.process.pid)

    def ended(self) -> list[str]:
        """Return the services whose process has ended by itself."""
        return [name for name, found in self.running.items() if found.process.poll() is not None]

    def stop_all(self) -> None:
        """Stop everything, the last started first."""
        for name in reversed(list(self.running)):
            self.stop(name)

    def _environ(self, name: str, code: Code) -> dict[str, str]:
        given = self._services[name].get("environment", {})
        how = {variable: str(value) for variable, value in given.items() if _HOW.fullmatch(variable)}
        own = {"LMS_RELEASE": code.image, "LMS_FRONTEND_DIST": str(code.frontend), "VIRTUAL_ENV": ""}
        return {**self.environs[name], **how, **own}

    def _program(self, name: str) -> str:
        return str(self._services[name]["command"][0])

    def _grace(self, name: str) -> float:
        found = _SECONDS.fullmatch(self._services[name]["stop_grace_period"])
        assert found, f"the grace of {name} is not in seconds"
        return float(found[1])

    # -- the script ----------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def scripted(self) -> Iterator[Path]:
        """Make a checkout in which the script finds its docker, for as long as the block lasts."""
        checkout, programs, socket = self.folder / "checkout", self.folder / "bin", self.folder / "docker.sock"
        for name in ("scripts", "infra/single-host"):
            shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
        programs.mkdir()
        (programs / "docker").write_text(f"#!/bin/sh\nexec '{sys.executable}' -IS '{DOCKER}' \"$@\"\n")
        (programs / "docker").chmod(0o755)
        machine = self

        class Question(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                asked = json.loads(self.rfile.readline())
                try:
                    status, said = machine.answer(asked["argv"], asked["image"])
                except Exception as wrong:  # noqa: BLE001 - docker would have failed
                    status, said = 1, f"{type(wrong).__name__}: {wrong}\n"
                self.wfile.write(json.dumps({"status": status, "said": said}).encode() + b"\n")

        # One question after the other, in one thread: a process that we start ends with the thread that started it.
        with socketserver.UnixStreamServer(str(socket), Question) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                self.script("init", "lms.localhost")
                yield checkout
            finally:
                self.stop_all()
                server.shutdown()

    def script(self, *arguments: str) -> str:
        """Run ``scripts/single_host.sh`` as somebody who deploys does; return what it said.

        Raises:
            Failed: it ended with another status than 0.
        """
        path = process_path(self.folder / "bin")
        done = subprocess.run(
            [SCRIPT, *arguments], cwd=self.folder / "checkout", capture_output=True, text=True, check=False,
            env={"PATH": path, "LC_ALL": "C.UTF-8", "REHEARSAL_SOCKET": str(self.folder / "docker.sock")},
        )  # fmt: skip
        said = done.stdout + done.stderr
        if done.returncode:
            raise Failed(f"{SCRIPT} {' '.join(arguments)} ended with {done.returncode}: {said[-1500:]}")
        return said


def process_path(first: Path) -> str:
    """Return the path of programs on which the stand-in comes first."""
    return f"{first}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
