"""The programs that the product consists of: one list for the embedded default, the image, compose and Terraform.

Each is started as ``python -m core.run <name>`` and becomes its program, so that signals reach it. How many threads or
which port is said by the environment; what the program needs beside that is said here, once. Nothing of the product is
imported: a process is on its way after the time that Python itself takes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

LISTEN = "127.0.0.1:8000"
WEB_WORKERS = 1
WEB_THREADS = 8
MEDIA_CONCURRENCY = 2
TRUSTED_PROXIES = "127.0.0.1"
STOP_SECONDS = 6
SETTINGS = "config.settings.local"
"""Django's settings where nobody names others. The image names those of production."""
RUNS = "LMS_RUNS"
"""Stands in the environment of each program: which process of this list it is."""


class UnknownProcess(Exception):
    """There is no such process, or its settings cannot be used. The text is for whoever started it."""


@dataclass(frozen=True)
class Process:
    """One program. ``argv`` makes its command line from the environment."""

    name: str
    title: str
    argv: Callable[[Mapping[str, str]], list[str]]
    owner: bool = False
    """Whether it holds the login that owns the schemas (``LMS_OWNER_DATABASE_URL``)."""
    ends: bool = False
    """Whether it does its work and ends, instead of serving until it is stopped."""
    probe: tuple[str, int] | None = None
    """The path and the status with which it answers on ``LMS_LISTEN`` while it is alive."""
    holds: tuple[str, int] | None = None
    """The variable with the address of the server, and its usual port, to which it is connected while it is alive."""
    django: bool = True
    """Whether it reads the product's settings; one that does not takes the variables of ``reads`` alone."""
    reads: tuple[str, ...] = ()
    """Variables of its own, which ``config.env`` does not know."""
    fixed: tuple[tuple[str, str], ...] = ()
    """Variables that belong to the program and not to the machine."""


def _program(name: str) -> str:
    """Return the path of a program that a wheel put beside this interpreter."""
    return str(Path(sys.executable).parent / name)


def _web(environ: Mapping[str, str]) -> list[str]:
    """Gunicorn with threads: the application holds its database connection while it waits."""
    return [
        _program("gunicorn"),
        "config.wsgi:application",
        f"--bind={environ.get('LMS_LISTEN') or LISTEN}",
        "--worker-class=config.fair_worker.FairWorker",
        "--preload",  # loaded once, then forked: half the time and memory. Nothing is connected while loading
        f"--workers={_count(environ, 'LMS_WEB_WORKERS', WEB_WORKERS)}",
        f"--threads={_count(environ, 'LMS_WEB_THREADS', WEB_THREADS)}",
        "--keep-alive=75",  # longer than the front door keeps an idle connection, so that it never closes first
        f"--graceful-timeout={_count(environ, 'LMS_STOP_SECONDS', STOP_SECONDS)}",
        "--timeout=60",
        f"--forwarded-allow-ips={environ.get('LMS_TRUSTED_PROXIES') or TRUSTED_PROXIES}",
        "--worker-tmp-dir=/dev/shm",  # memory: heartbeats must not wait for a disk, nor the root be writable
        "--no-control-socket",
    ]


def _celery(name: str, queues: str, concurrency: int, variable: str = "") -> Callable[[Mapping[str, str]], list[str]]:
    def argv(environ: Mapping[str, str]) -> list[str]:
        return [
            _program("celery"),
            "--app=config",
            "worker",
            f"--queues={queues}",
            f"--hostname={name}@%h",
            f"--concurrency={_count(environ, variable, concurrency) if variable else concurrency}",
            "--loglevel=INFO",
            # The workers have nothing to tell each other, and mingling costs a second at start.
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]

    return argv


def _module(*arguments: str) -> Callable[[Mapping[str, str]], list[str]]:
    return lambda environ: [sys.executable, "-m", *arguments]


def _front(environ: Mapping[str, str]) -> list[str]:
    return [_program("caddy"), "run", "--adapter=caddyfile", f"--config={environ.get('LMS_CADDYFILE', '')}"]


def _count(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 256):
        raise UnknownProcess(f"{name}={text!r} is not a whole number from 1 to 256.")
    return int(text)


_QUEUE = ("LMS_REDIS_URL", 6379)
_DATABASE = ("LMS_DATABASE_URL", 5432)

PROCESSES = {
    process.name: process
    for process in (
        Process("web", "Web (gunicorn)", _web, probe=("/livez", 200), fixed=(("LMS_PROCESS", "web"),)),
        # Mail, subscribers and everything short.
        Process("worker", "Worker", _celery("worker", "default,events", 2), holds=_QUEUE),
        # Schema work that somebody waits for.
        Process("provisioner", "Provisioner", _celery("provisioner", "provisioning", 1), holds=_QUEUE, owner=True),
        # Exports, restores, deletions: minutes at a time, so that no sign-up waits behind one.
        Process("archivist", "Archivist", _celery("archivist", "archive", 1), holds=_QUEUE, owner=True),
        # Probing and encoding; two at a time, so that a new film becomes playable while an old one is encoded.
        Process(
            "transcoder",
            "Media worker",
            _celery("media", "media", MEDIA_CONCURRENCY, variable="LMS_MEDIA_CONCURRENCY"),
            holds=_QUEUE,
        ),
        # Carries events from the outbox to their subscribers, and runs the periodic duties. One leads, others wait.
        Process("dispatcher", "Dispatcher", _module("django", "dispatcher"), holds=_DATABASE),
        # Signs in, opens a lesson and plays its film each minute, as a learner would.
        Process("monitor", "Monitor (synthetic journey)", _module("django", "synthetic_journey", "--every=60")),
        # What has to be done before new code serves: shared schema, canaries, fleet.
        Process("migrate", "Release steps", _module("django", "release_steps"), owner=True, ends=True),
        # The three that stand in for CloudFront and S3 on a single host.
        Process(
            "edge",
            "Edge verifier",
            _module("devstack.edge"),
            probe=("/-/healthy", 200),
            django=False,
            reads=("LMS_EDGE_DATABASE_URL", "LMS_EDGE_S3_URL"),
        ),
        Process(
            "store",
            "Object store (S3)",
            _module("devstack.s3"),
            probe=("/", 403),  # alive, and nobody without a signature is let in
            django=False,
            reads=("LMS_S3_DURABLE",),
        ),
        Process(
            "front",
            "Front door (Caddy)",
            _front,
            probe=("/-/healthy", 200),  # of the address that only this machine reaches
            django=False,
            reads=("LMS_CADDYFILE", "LMS_ACME_EMAIL", "LMS_TLS_OPTIONS", "LMS_S3_HOST"),
        ),
    )
}


def find(name: str) -> Process:
    """Return the process of this name.

    Raises:
        UnknownProcess: there is none; the text says which there are.
    """
    try:
        return PROCESSES[name]
    except KeyError:
        raise UnknownProcess(f"There is no process {name!r}.") from None


def environment(process: Process, environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` with what belongs to the program itself."""
    settings = {"DJANGO_SETTINGS_MODULE": environ.get("DJANGO_SETTINGS_MODULE") or SETTINGS} if process.django else {}
    return {**environ, **settings, **dict(process.fixed), RUNS: process.name}
