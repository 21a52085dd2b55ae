"""A fleet: organizations made by the product on a database that stays while parts of the stack come and go."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from bench.product import ROOT
from devstack import embedded

DATABASE = frozenset({"postgres", "valkey", "schema"})
MAKERS = 2
_TRIES = 3  # a maker that dies leaves its share to the next ones
_TOLD_EVERY_SECONDS = 5.0


class Talker:
    """A process of ours that is asked one JSON line at a time: a Django of its own, on one fleet's database."""

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **question: Any) -> dict[str, Any]:
        """Send a question and return its answer.

        Raises:
            RuntimeError: the process is gone.
        """
        assert self._process.stdin
        assert self._process.stdout
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self._process.args} ended with status {self._process.wait()}")
        found: dict[str, Any] = json.loads(answer)
        return found

    def close(self) -> None:
        """Let it end, and wait for that."""
        assert self._process.stdin
        assert self._process.stdout
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def answering(answers: Mapping[str, Any]) -> None:
    """The other side of :class:`Talker`: answer each question ``{"do": name, …}`` by calling ``answers[name](…)``."""
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(answers[question.pop("do")](**question)), flush=True)


@dataclass
class Fleet:
    """The organizations made so far (``roster``, in the order of their numbers) and the folder of their database."""

    name: str
    folder: Path
    roster: list[dict[str, Any]] = field(default_factory=list)
    building: dict[str, Any] = field(default_factory=dict)
    """How long the last growth took, and how many makers it had."""
    env: embedded.StackEnvironment | None = None

    @property
    def size(self) -> int:
        """How many organizations there are."""
        return len(self.roster)

    @contextlib.contextmanager
    def running(
        self, parts: frozenset[str] = DATABASE, extra_env: Mapping[str, str] | None = None
    ) -> Iterator[embedded.StackEnvironment]:
        """Start these parts of the stack on the fleet's database, durable as in production, for a ``with`` block."""
        with embedded.running(parts=parts, data_dir=self.folder, fsync=True, extra_env=extra_env) as env:
            self.env = env
            try:
                yield env
                _write_down(env.superuser_url)
            finally:
                self.env = None

    def environment(self, *, owner: bool = False) -> dict[str, str]:
        """Return the environment of a process of the product; ``owner`` adds the provisioner's login."""
        assert self.env is not None, "the fleet's database is not running"
        kept = {key: value for key, value in os.environ.items() if not key.startswith("LMS_")}
        ours = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
        return {**kept, **self.env, **(self.env.owner if owner else {}), **ours}

    @contextlib.contextmanager
    def talker(
        self, module: str, *, owner: bool = False, extra_env: Mapping[str, str] | None = None
    ) -> Iterator[Talker]:
        """Start a process that answers questions about this fleet."""
        talker = Talker(module, {**self.environment(owner=owner), **(extra_env or {})})
        try:
            yield talker
        finally:
            talker.close()

    def grow(self, size: int) -> None:
        """Make organizations until there are ``size``, in two processes; what a maker that died left is made up for."""
        begun, before = time.monotonic(), self.size
        for _ in range(_TRIES):
            have = {one["number"] for one in self.roster}
            missing = [number for number in range(size) if number not in have]
            if not missing:
                break
            self._make(missing, size)
        if self.size < size:
            raise RuntimeError(f"the {self.name} fleet has {self.size} of {size} organizations; see the errors above")
        self.roster.sort(key=lambda one: one["number"])
        if self.size > before:
            seconds = round(time.monotonic() - begun, 1)
            self.building = {"seconds": seconds, "organizations": self.size - before, "makers": MAKERS}
            print(f"{self.name} fleet: {self.size} organizations in {seconds} s", file=sys.stderr, flush=True)

    def _make(self, numbers: list[int], size: int) -> None:
        command = [sys.executable, "-m", "bench.fleet.maker"]
        environment = self.environment(owner=True)
        shares = [numbers[place::MAKERS] for place in range(MAKERS)]
        with tempfile.TemporaryFile("w+") as lines:
            makers = [
                subprocess.Popen([*command, *map(str, share)], cwd=ROOT, env=environment, stdout=lines)
                for share in shares
                if share
            ]
            told, read = time.monotonic(), 0
            while True:
                alive = any(maker.poll() is None for maker in makers)
                read = self._collect(lines, read)
                if not alive:
                    return
                if time.monotonic() - told > _TOLD_EVERY_SECONDS:
                    told = time.monotonic()
                    print(f"{self.name} fleet: {self.size} of {size}", file=sys.stderr, flush=True)
                time.sleep(0.2)

    def _collect(self, lines: Any, read: int) -> int:
        """Take in what the makers have written since ``read``; return where their whole lines end."""
        text = os.pread(lines.fileno(), 1 << 24, read)
        whole = text[: text.rfind(b"\n") + 1]
        self.roster += [json.loads(line) for line in whole.splitlines()]
        return read + len(whole)


def _write_down(superuser_url: str) -> None:
    """Have everything written before the server is told to stop: it has seconds for that, and recovers otherwise."""
    link = psycopg2.connect(superuser_url)
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    link.close()


@contextlib.contextmanager
def opened(name: str) -> Iterator[Fleet]:
    """Yield an empty fleet; its database goes with it."""
    folder = Path(tempfile.mkdtemp(prefix=f"lms-fleet-{name}-"))
    folder.chmod(0o711)  # where PostgreSQL runs as nobody, it has to be able to pass through
    try:
        yield Fleet(name, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
