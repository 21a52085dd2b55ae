"""The product's own processes: web, workers, dispatcher."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from core.processes import PROCESSES
from devstack import environment, ports
from devstack.credentials import Credentials
from devstack.part import Part
from devstack.settings import PORTS, Settings


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
    port = settings.ports[name]
    return Part(
        name=name,
        title=f"Web {name.removeprefix('web-')} (gunicorn)",
        argv=_run("web"),
        env={
            **environment.serving(settings, credentials, name),
            "LMS_LISTEN": f"{ports.HOST}:{port}",
            "LMS_WEB_WORKERS": str(settings.web_workers),
            "LMS_WEB_THREADS": str(settings.web_threads),
        },
        after=("schema", "s3"),
        port=port,
        port_setting=PORTS[name][0],
        # Gunicorn opens its port before the application is loaded: only an answer counts.
        probe=lambda pid: ports.answers_http(port, "/livez", settings.site_host),
    )


def worker(settings: Settings, credentials: Credentials) -> Part:
    """Mail, subscribers and everything short."""
    return _celery(settings, credentials, "worker")


def provisioner(settings: Settings, credentials: Credentials) -> Part:
    """Schema work that somebody waits for. With the archivist, the only worker that has the owner's login."""
    return _celery(settings, credentials, "provisioner")


def archivist(settings: Settings, credentials: Credentials) -> Part:
    """Exports, restores, deletions: minutes at a time, so that no sign-up waits behind one."""
    return _celery(settings, credentials, "archivist")


def media_worker(settings: Settings, credentials: Credentials) -> Part:
    """Probing and encoding; two at a time, so that a new film becomes playable while an old one is encoded."""
    return replace(_celery(settings, credentials, "transcoder", "media"), name="media")


def _celery(settings: Settings, credentials: Credentials, name: str, part: str = "") -> Part:
    part = part or name
    kind = PROCESSES[name]
    env = environment.serving(settings, credentials, part, owner=kind.owner)
    return Part(
        name=name,
        title=kind.title,
        argv=_run(name),
        env={**env, "LMS_MEDIA_CONCURRENCY": str(settings.media_concurrency)},
        after=("schema", "s3"),
        # It connects to the queue last of all.
        probe=_connected_to(env["LMS_REDIS_URL"], 6379),
        # Warm first. Then cold: what runs is given up and goes back to its queue.
        stop_signals=(signal.SIGTERM, signal.SIGQUIT),
    )


def dispatcher(settings: Settings, credentials: Credentials) -> Part:
    """Carries events from the outbox to their subscribers, and runs the periodic duties."""
    env = environment.serving(settings, credentials, "dispatcher")
    return Part(
        name="dispatcher",
        title=PROCESSES["dispatcher"].title,
        argv=_run("dispatcher"),
        env=env,
        after=("schema", "s3"),
        probe=_connected_to(env["LMS_DATABASE_URL"], 5432),
    )


def monitor(settings: Settings, credentials: Credentials) -> list[Part]:
    """Walks as a learner each minute, where one was named (``LMS_CANARY_HOST`` and what belongs to it)."""
    env = environment.serving(settings, credentials, "monitor")
    if not env.get("LMS_CANARY_HOST"):
        return []
    front = {"LMS_CANARY_VIA": f"{ports.HOST}:{settings.ports['front']}"}
    return [
        Part(
            name="monitor",
            title=PROCESSES["monitor"].title,
            argv=_run("monitor"),
            env={**env, **front},
            after=("front",),
        )
    ]


def _run(name: str) -> tuple[str, ...]:
    """The command line of a process, as the image has it: ``core.processes`` says what becomes of it."""
    return (sys.executable, "-m", "core.run", name)


def _connected_to(url: str, default_port: int) -> Callable[[int], bool] | None:
    """Ready when it holds a connection to this server: it has been loaded then. None where that cannot be seen."""
    address = urlsplit(url)
    if address.hostname is None:
        return None
    port = address.port or default_port
    return lambda pid: ports.is_connected(pid, port)
