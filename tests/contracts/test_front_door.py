"""The front door leads a host to always the same group of web processes, and to another while that one is away."""

from __future__ import annotations

import http.client
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from devstack import binaries, ports
from devstack.parts import caddyfile
from devstack.settings import Settings
from tests.contracts.s3_server import free_port

SECONDS = 20.0
HOSTS = [f"school-{number}.lms.localhost" for number in range(40)]


class Group:
    """A stand-in for a group of web processes, which says its name; it can go away and come back on its port."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = free_port()
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        name = self.name

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(name)))
                self.end_headers()
                self.wfile.write(name.encode())

            do_POST = do_GET  # noqa: N815 - the name that the server asks for

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer((ports.HOST, self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class Door:
    """The real front door before the groups."""

    def __init__(self, port: int, groups: list[Group]) -> None:
        self.port = port
        self.groups = groups

    def ask(self, host: str, method: str = "GET") -> str:
        """Return the name of the group that answered."""
        connection = http.client.HTTPConnection(ports.HOST, self.port, timeout=SECONDS)
        try:
            connection.request(method, "/", headers={"Host": f"{host}:8000"}, body=b"x" if method == "POST" else None)
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            return answer.read().decode()
        finally:
            connection.close()

    def map(self) -> dict[str, str]:
        return {host: self.ask(host) for host in HOSTS}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    groups = [Group(f"web-{number}") for number in (1, 2, 3)]
    front = free_port()
    settings = Settings.from_environ(os.environ)
    own_ports = {**settings.ports, "front": front, **{group.name: group.port for group in groups}}
    settings = replace(settings, data_dir=tmp_path, web_groups=len(groups), ports=own_ports)
    (tmp_path / "Caddyfile").write_text(caddyfile.write(settings, objects=tmp_path, frontend_dist=tmp_path))
    caddy = subprocess.Popen(
        [str(binaries.script("caddy")), "run", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile"],
        cwd=tmp_path,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(tmp_path)},
        stderr=subprocess.DEVNULL,
    )
    for group in groups:
        group.start()
    try:
        _soon(lambda: ports.answers(front))
        yield Door(front, groups)
    finally:
        caddy.terminate()
        caddy.wait(15)
        for group in groups:
            group.stop()


def _soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"still not so after {SECONDS} s"
        time.sleep(0.1)


def test_a_host_goes_to_one_group_and_the_hosts_to_all_of_them(door: Door) -> None:
    first = door.map()

    assert set(first.values()) == {group.name for group in door.groups}
    assert door.map() == first
    assert {door.ask(HOSTS[0], "POST") for _ in range(5)} == {first[HOSTS[0]]}


def test_while_a_group_is_away_only_its_hosts_move_and_they_return_with_it(door: Door) -> None:
    before = door.map()
    away = door.groups[1]

    away.stop()
    # The first request that finds nobody is answered by another group, a write too: it has reached nobody.
    assert door.ask(next(host for host in HOSTS if before[host] == away.name), "POST") != away.name
    during = door.map()
    assert away.name not in during.values()
    assert {host: name for host, name in before.items() if name != away.name}.items() <= during.items()

    away.start()
    _soon(lambda: door.map() == before)


def test_the_status_page_stands_as_it_was_last_written_while_nobody_answers(door: Door, tmp_path: Path) -> None:
    """For the site's host alone, and only while no web process answers."""
    (tmp_path / "status").mkdir()
    (tmp_path / "status" / "status.html").write_text("<p>what the monitor found</p>")

    def ask(host: str, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(ports.HOST, door.port, timeout=SECONDS)
        try:
            connection.request("GET", path, headers={"Host": f"{host}:8000"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    assert ask("lms.localhost", "/status")[1] in {group.name for group in door.groups}
    for group in door.groups:
        group.stop()
    assert ask("lms.localhost", "/status") == (502, "<p>what the monitor found</p>")
    assert "monitor" not in ask("lms.localhost", "/pricing")[1]
    assert "monitor" not in ask(HOSTS[0], "/status")[1]


def test_the_only_group_is_waited_for(door: Door) -> None:
    for group in door.groups:
        group.stop()
    threading.Timer(0.5, door.groups[0].start).start()

    assert door.ask(HOSTS[0]) == "web-1"
