"""The front door sends requests on for organizations of another cell, bodies and all, and tells nobody."""

from __future__ import annotations

import http.client
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from devstack import binaries, ports
from devstack.parts import caddyfile
from devstack.settings import Settings
from tests.contracts.s3_server import free_port
from tests.contracts.test_front_door import _soon

HERE, AWAY = "here.lms.localhost:8000", "away.lms.localhost:8000"
FILM = "/media/t/0190a0a0-0000-7000-8000-000000000001/v/x/1.m4s"


@dataclass
class Server:
    """A stand-in that remembers what it was asked. ``elsewhere``: what it answers for the host that lives there."""

    name: str
    elsewhere: str = ""
    status: int = 200
    asked: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def start(self) -> int:
        told = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                host = self.headers["Host"]
                told.asked.append((self.command, self.path, host, body))
                told.headers.append({name.lower(): value for name, value in self.headers.items()})
                is_away = bool(told.elsewhere) and host == AWAY
                words = f"{told.name} {self.command} {self.path}".encode()
                self.send_response(421 if is_away else 204 if self.path == "/cell-ask" else told.status)
                if is_away:
                    self.send_header("X-Lms-Cell", told.elsewhere)
                if self.path == "/cell-ask" and not is_away:
                    self.end_headers()
                    return
                self.send_header("Content-Length", str(len(words)))
                self.end_headers()
                self.wfile.write(words)

            do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the names that the server asks for

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer((ports.HOST, 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return int(server.server_address[1])


@dataclass
class Doors:
    port: int
    web: Server
    north: Server

    def ask(self, method: str, path: str, host: str, body: bytes | None = None, **headers: str) -> Any:
        connection = http.client.HTTPConnection(ports.HOST, self.port, timeout=60)
        try:
            connection.request(method, path, body=body, headers={"Host": host, **headers})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), {name.lower() for name, _ in answer.getheaders()}
        finally:
            connection.close()


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    north = Server("north")
    web = Server("web", elsewhere=f"{ports.HOST}:{north.start()}")
    edge = Server("edge", status=403)
    front = free_port()
    settings = Settings.from_environ({**os.environ, "LMS_OTHER_CELLS": "1"})
    own_ports = {**settings.ports, "front": front, "web-1": web.start(), "edge": edge.start()}
    settings = replace(settings, data_dir=tmp_path, web_groups=1, ports=own_ports)
    (tmp_path / "Caddyfile").write_text(caddyfile.write(settings, objects=tmp_path, frontend_dist=tmp_path))
    caddy = subprocess.Popen(
        [str(binaries.script("caddy")), "run", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile"],
        cwd=tmp_path,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(tmp_path)},
        stderr=subprocess.DEVNULL,
    )
    try:
        _soon(lambda: ports.answers(front))
        yield Doors(front, web, north)
    finally:
        caddy.terminate()
        caddy.wait(60)


def test_reads_are_sent_on_and_ours_are_not(doors: Doors) -> None:
    status, words, headers = doors.ask("GET", "/courses?page=2", AWAY)
    assert (status, words) == (200, "north GET /courses?page=2")
    assert "x-lms-cell" not in headers
    assert doors.ask("GET", "/courses", HERE)[:2] == (200, "web GET /courses")
    assert doors.north.headers[0]["x-lms-hop"] == "1"
    assert [asked[2] for asked in doors.north.asked] == [AWAY]


@pytest.mark.parametrize("size", [0, 11, 3_000_000])
def test_writes_are_sent_on_with_their_bodies(doors: Doors, size: int) -> None:
    body = os.urandom(size)
    for method in ("POST", "PUT", "DELETE"):
        assert doors.ask(method, "/api/v1/courses/", AWAY, body)[:2] == (200, f"north {method} /api/v1/courses/")
        assert doors.ask(method, "/api/v1/courses/", HERE, body)[:2] == (200, f"web {method} /api/v1/courses/")
    assert [asked[3] for asked in doors.north.asked] == [body] * 3
    # Our own web server saw no write for the other cell's organization, and its own exactly once.
    seen = [(method, host) for method, path, host, _ in doors.web.asked if path != "/cell-ask"]
    assert seen == [(method, HERE) for method in ("POST", "PUT", "DELETE")]
    assert [found[3] for found in doors.web.asked if found[1] != "/cell-ask"] == [body] * 3


def test_media_follow_and_a_refusal_stays_one(doors: Doors) -> None:
    assert doors.ask("GET", FILM, AWAY)[:2] == (200, f"north GET {FILM}")
    assert doors.ask("GET", FILM, HERE)[0] == 403


def test_a_client_can_neither_choose_a_cell_nor_ask_for_one(doors: Doors) -> None:
    status, words, _ = doors.ask("GET", "/courses", HERE, **{"X-Lms-Cell": "127.0.0.1:1"})
    assert (status, words) == (200, "web GET /courses")
    assert "x-lms-cell" not in doors.web.headers[-1]
    assert doors.ask("GET", "/cell-ask", AWAY)[0] == 404
    assert doors.ask("GET", "/cell-ask", HERE)[0] == 404
