"""The product's own processes: web, workers, dispatcher."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from devstack import binaries, environment, ports
from devstack.credentials import Credentials
from devstack.part import Part
from devstack.settings import PORTS, ROOT, Settings


def sandbox(settings: Settings, credentials: Credentials) -> Part:
    """A step: which walls this machine offers round the encoder. It says so, and serves with those there are."""
    return Part(
        name="sandbox",
        title="Sandbox of ffmpeg",
        argv=(sys.executable, "-m", "media.transcoding.sandbox"),
        env={**environment.for_python(), **({"LMS_FFMPEG": settings.ffmpeg} if settings.ffmpeg else {})},
        one_shot=True,
        says=True,
    )


def web(settings: Settings, credentials: Credentials) -> list[Part]:
    """The groups of web processes: the front door leads one organization to always the same of them."""
    return [_web_group(settings, credentials, name) for name in settings.web_names]


def _web_group(settings: Settings, credentials: Credentials, name: str) -> Part:
    """Gunicorn with threads: the application holds its database connection while it waits."""
    port = settings.ports[name]
    return Part(
        name=name,
        title=f"Web {name.removeprefix('web-')} (gunicorn)",
        argv=(
            str(binaries.script("gunicorn")),
            "config.wsgi:application",
            f"--bind={ports.HOST}:{port}",
            "--worker-class=config.fair_worker.FairWorker",
            "--preload",  # loaded once, then forked: half the time and memory. Nothing is connected while loading
            f"--workers={settings.web_workers}",
            f"--threads={settings.web_threads}",
            "--keep-alive=75",  # longer than the front door keeps an idle connection, so that it never closes first
            "--graceful-timeout=6",
            "--timeout=60",
            f"--forwarded-allow-ips={ports.HOST}",
            "--no-control-socket",
        ),
        env=environment.for_product(settings, credentials),
        after=("schema", "s3"),
        port=port,
        port_setting=PORTS[name][0],
        # Gunicorn opens its port before the application is loaded: only an answer counts.
        probe=lambda pid: ports.answers_http(port, "/livez", settings.site_host),
    )


@dataclass(frozen=True)
class Worker:
    """One kind of Celery worker: what it takes from which queues (by comma), how many at a time, with which login."""

    name: str
    title: str
    queues: str
    concurrency: int
    owner: bool = False


def worker(settings: Settings, credentials: Credentials) -> Part:
    """Mail, subscribers and everything short."""
    return _celery(settings, credentials, Worker("worker", "Worker", "default,events", 2))


def provisioner(settings: Settings, credentials: Credentials) -> Part:
    """Schema work that somebody waits for. With the archivist, the only worker that has the owner's login."""
    return _celery(settings, credentials, Worker("provisioner", "Provisioner", "provisioning", 1, owner=True))


def archivist(settings: Settings, credentials: Credentials) -> Part:
    """Exports, restores, deletions: minutes at a time, so that no sign-up waits behind one."""
    return _celery(settings, credentials, Worker("archivist", "Archivist", "archive", 1, owner=True))


def media_worker(settings: Settings, credentials: Credentials) -> Part:
    """Probing and encoding; two at a time, so that a new film becomes playable while an old one is encoded."""
    kind = Worker("media", "Media worker", "media", settings.media_concurrency)
    return _celery(settings, credentials, kind)


def _celery(settings: Settings, credentials: Credentials, kind: Worker) -> Part:
    return Part(
        name=kind.name,
        title=kind.title,
        argv=(
            str(binaries.script("celery")),
            "--app=config",
            "worker",
            f"--queues={kind.queues}",
            f"--hostname={kind.name}@%h",
            f"--concurrency={kind.concurrency}",
            "--loglevel=INFO",
            # The workers have nothing to tell each other, and mingling costs a second at start.
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ),
        env=environment.for_product(settings, credentials, owner=kind.owner),
        after=("schema", "s3"),
        # It connects to the queue last of all.
        probe=_connected_to(environment.product(settings, credentials)["LMS_REDIS_URL"], 6379),
        # Warm first. Then cold: what runs is given up and goes back to its queue.
        stop_signals=(signal.SIGTERM, signal.SIGQUIT),
    )


def dispatcher(settings: Settings, credentials: Credentials) -> Part:
    """Carries events from the outbox to their subscribers, and runs the periodic duties."""
    return Part(
        name="dispatcher",
        title="Dispatcher",
        argv=(sys.executable, str(ROOT / "manage.py"), "dispatcher"),
        env=environment.for_product(settings, credentials),
        after=("schema", "s3"),
        probe=_connected_to(environment.product(settings, credentials)["LMS_DATABASE_URL"], 5432),
    )


def _connected_to(url: str, default_port: int) -> Callable[[int], bool] | None:
    """Ready when it holds a connection to this server: it has been loaded then. None where that cannot be seen."""
    address = urlsplit(url)
    if address.hostname is None:
        return None
    port = address.port or default_port
    return lambda pid: ports.is_connected(pid, port)
