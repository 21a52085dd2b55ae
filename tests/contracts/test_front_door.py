"""The front door leads a host to always the same group of web processes, and to another while that one is away."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from devstack import binaries, ports
from devstack.parts import caddyfile
from devstack.settings import Settings
from tests.contracts.s3_server import free_port

SECONDS = 60.0
HOSTS = [f"school-{number}.lms.localhost" for number in range(40)]
PATIENCE = 2
"""Seconds, in place of a minute, that the front door of these tests waits for an answer."""


Answer = tuple[int, dict[str, str], str]


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

    def answer(self, host: str, path: str = "/", method: str = "GET", body: bytes | None = None) -> Answer:
        """Return status, headers and words of an answer, whoever gave it."""
        connection = http.client.HTTPConnection(ports.HOST, self.port, timeout=SECONDS)
        try:
            connection.request(method, path, headers={"Host": f"{host}:8000"}, body=body)
            found = connection.getresponse()
            return found.status, {name.lower(): value for name, value in found.getheaders()}, found.read().decode()
        finally:
            connection.close()

    def map(self) -> dict[str, str]:
        return {host: self.ask(host) for host in HOSTS}


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    monkeypatch.setattr(caddyfile, "ANSWER_SECONDS", PATIENCE)
    with _opened(tmp_path, [Group(f"web-{number}") for number in (1, 2, 3)]) as opened:
        yield opened


@contextmanager
def _opened(tmp_path: Path, groups: list[Group], **said: str) -> Iterator[Door]:
    """The front door before these groups; ``said`` are settings beside those of this machine."""
    front = free_port()
    settings = Settings.from_environ({**os.environ, **said})
    own_ports = {**settings.ports, "front": front, **{group.name: group.port for group in groups}}
    settings = replace(settings, data_dir=tmp_path, web_groups=len(groups), ports=own_ports)
    (tmp_path / "Caddyfile").write_text(caddyfile.write(settings, objects=tmp_path, frontend_dist=tmp_path))
    caddy = subprocess.Popen(
        [str(binaries.script("caddy")), "run", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile"],
        cwd=tmp_path,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(tmp_path)},
        stderr=subprocess.DEVNULL,
    )
    try:
        for group in groups:
            group.start()
        _soon(lambda: ports.answers(front))
        yield Door(front, groups)
    finally:
        caddy.terminate()
        caddy.wait(60)
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
        status, _, words = door.answer(host, path)
        return status, words

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


# -- a group that hangs ----------------------------------------------------------------------------------------------

_STAND_IN = """
import sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
name, port, book = sys.argv[1], int(sys.argv[2]), sys.argv[3]
lock = threading.Lock()

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with lock, open(book, "a") as lines:
            print(name, self.command, self.path, file=lines, flush=True)
        self.send_response(200)
        self.send_header("Content-Length", str(len(name)))
        self.end_headers()
        self.wfile.write(name.encode())

    do_POST = do_GET

    def log_message(self, *args):
        pass

ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


class Stoppable(Group):
    """A stand-in in a process of its own, that can be stopped where it stands. It writes down what it was asked."""

    def __init__(self, name: str, book: Path) -> None:
        super().__init__(name)
        self.book = book
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen([sys.executable, "-c", _STAND_IN, self.name, str(self.port), str(self.book)])
        _soon(lambda: ports.answers(self.port))

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(15)
            self._process = None

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """It takes connections, as the kernel does for it, and says nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "asked"
    path.touch()
    return path


@pytest.fixture
def hanging_door(tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """Two groups that can be stopped. Who did not answer is left out long enough for a test to look."""
    monkeypatch.setattr(caddyfile, "ANSWER_SECONDS", PATIENCE)
    monkeypatch.setattr(caddyfile, "TRY_SECONDS", 1)
    monkeypatch.setattr(caddyfile, "AWAY_SECONDS", 60)
    with _opened(tmp_path, [Stoppable(f"web-{number}", book) for number in (1, 2)]) as opened:
        yield opened


def _at(door: Door, name: str) -> tuple[str, str]:
    """A host of that group, and one of the other's."""
    found = door.map()
    return next(host for host in HOSTS if found[host] == name), next(host for host in HOSTS if found[host] != name)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whom_a_hanging_group_does_not_answer_is_told_and_the_next_is_served_elsewhere(
    hanging_door: Door, book: Path, method: str
) -> None:
    door = hanging_door
    group = door.groups[0]
    assert isinstance(group, Stoppable)
    mine, others = _at(door, group.name)
    path, body = "/api/v1/courses/", b"x" if method == "POST" else None

    with group.hanging():
        status, headers, words = door.answer(mine, path, method, body)
        assert (status, headers["retry-after"]) == (504, str(caddyfile.LATE_SECONDS))
        assert headers["content-type"] == "application/problem+json"
        assert headers["cache-control"] == "no-store"
        problem = json.loads(words)
        assert (problem["code"], problem["status"], problem["detail"]) == ("no_answer", 504, caddyfile.LATE)
        # Neither was it tried elsewhere: what was sent may have been done.
        assert path not in book.read_text()
        assert [door.ask(host, method) for host in (mine, others)] == ["web-2", "web-2"]

    _soon(lambda: path in book.read_text())
    asked = Counter(line for line in book.read_text().splitlines() if path in line)
    assert asked == {f"{group.name} {method} {path}": 1}, "done once, after all, by the group that it was sent to"


def test_a_group_is_looked_for_no_longer_than_an_answer_is_waited_for() -> None:
    """Or else a read that was sent would be sent again, to another group."""
    assert caddyfile.TRY_SECONDS < caddyfile.ANSWER_SECONDS


def test_a_page_that_is_not_answered_says_so_in_words(hanging_door: Door) -> None:
    group = hanging_door.groups[0]
    assert isinstance(group, Stoppable)
    mine, _ = _at(hanging_door, group.name)
    with group.hanging():
        status, headers, words = hanging_door.answer(mine, "/courses")
    assert (status, headers["content-type"], words) == (504, "text/plain; charset=utf-8", caddyfile.LATE)


def test_who_sends_more_than_a_hanging_group_takes_is_told_as_well(hanging_door: Door) -> None:
    """Its sockets hold some megabytes; the rest is waited for no longer than an answer. Who is still sending by then
    may find the connection closed instead of the words."""
    group = hanging_door.groups[0]
    assert isinstance(group, Stoppable)
    mine, _ = _at(hanging_door, group.name)
    with group.hanging(), suppress(BrokenPipeError, ConnectionResetError):
        assert hanging_door.answer(mine, "/api/v1/branding/", "POST", b"x" * 40_000_000)[0] in (502, 504)


def test_other_peoples_requests_do_not_wait_for_the_group_that_hangs(hanging_door: Door) -> None:
    group = hanging_door.groups[0]
    assert isinstance(group, Stoppable)
    mine, others = _at(hanging_door, group.name)
    with group.hanging(), socket.create_connection((ports.HOST, hanging_door.port), timeout=SECONDS) as waiting:
        waiting.sendall(f"GET / HTTP/1.1\r\nHost: {mine}:8000\r\nConnection: close\r\n\r\n".encode())
        assert hanging_door.ask(others) == hanging_door.ask(others, "POST") == "web-2"
        waiting.setblocking(False)
        with pytest.raises(BlockingIOError):
            waiting.recv(1)


def test_an_answer_that_takes_its_time_is_not_cut(door: Door) -> None:
    """What is waited for is the beginning of an answer: an export that is being written may take as long as it does."""
    host = HOSTS[0]
    name = door.ask(host)
    group = next(one for one in door.groups if one.name == name)
    group.stop()

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"a")
            self.wfile.flush()
            time.sleep(PATIENCE + 1)
            self.wfile.write(b"b")

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer((ports.HOST, group.port), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        _soon(lambda: door.answer(host)[2] == "ab")
    finally:
        server.shutdown()
        server.server_close()


def test_writes_go_to_another_group_where_there_are_other_cells_too(tmp_path: Path) -> None:
    """There a write is asked about first; the question goes where the write will."""
    groups = [Group(f"web-{number}") for number in (1, 2)]
    with _opened(tmp_path, groups, LMS_OTHER_CELLS="1") as door:
        mine, _ = _at(door, "web-1")
        assert door.ask(mine, "POST") == "web-1"
        groups[0].stop()
        assert [door.ask(mine, "POST") for _ in range(3)] == ["web-2"] * 3
