"""One organization's slow requests leave threads for the others: asked of real gunicorn threads."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from config.fair_worker import share_of
from devstack import binaries, ports
from devstack.process import children_of
from devstack.settings import ROOT
from tests.contracts.s3_server import free_port
from tests.support.slow_app import OTHER, WHALE

SECONDS = 30.0
THREADS, SHARE = 4, 3
FRONT_DOOR = "127.0.0.1:8081"  # as which it asks whether it may get a certificate

Answer = tuple[int, bytes]


class Server:
    """Gunicorn before an application whose slow requests hold their threads until they are released."""

    def __init__(self, port: int, release: Path, pid: int) -> None:
        self.port = port
        self.pid = pid
        self.release = release
        self.pool = ThreadPoolExecutor(64)

    def ask(self, host: str, path: str, body: bytes | None = None, times: int = 1) -> Answer:
        """Ask on one connection, ``times`` one after the other; return the last answer."""
        connection = http.client.HTTPConnection(ports.HOST, self.port, timeout=SECONDS)
        try:
            for _ in range(times):
                connection.request("POST" if body else "GET", path, body=body, headers={"Host": host})
                response = connection.getresponse()
                answer = response.status, response.read()
            return answer
        finally:
            connection.close()

    def slow(self, host: str, body: bytes | None = None) -> Future[Answer]:
        return self.pool.submit(self.ask, host, f"/slow?{self.release}", body)

    def working(self, host: str, times: int) -> list[Future[Answer]]:
        return [self.pool.submit(self.ask, host, "/work", b"%d" % number) for number in range(times)]

    def most(self, host: str) -> int:
        return int(self.ask(OTHER, f"/most?{host}")[1])

    def running(self, host: str) -> int:
        return int(self.ask(OTHER, f"/running?{host}")[1])


@contextmanager
def _gunicorn(folder: Path, worker: str) -> Iterator[Server]:
    port = free_port()
    process = subprocess.Popen(
        [
            *(str(binaries.script("gunicorn")), "tests.support.slow_app:application", f"--bind={ports.HOST}:{port}"),
            *(f"--worker-class={worker}", f"--threads={THREADS}", "--workers=1", "--keep-alive=75"),
            *("--graceful-timeout=60", "--no-control-socket", "--log-level=warning"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
    )
    server = Server(port, folder / "release", process.pid)
    try:
        _soon(lambda: ports.answers_http(port, "/livez", OTHER))
        yield server
    finally:
        server.release.touch()
        server.pool.shutdown()
        process.terminate()
        process.wait(60)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with _gunicorn(tmp_path, "tests.support.slow_app.KnowingWorker") as made:
        yield made


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Server]:
    with _gunicorn(tmp_path, "tests.support.slow_app.ImpatientWorker") as made:
        yield made


@pytest.fixture
def steady(tmp_path: Path) -> Iterator[Server]:
    with _gunicorn(tmp_path, "tests.support.slow_app.SteadyWorker") as made:
        yield made


def _soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"still not so after {SECONDS} s"
        time.sleep(0.02)


def test_slow_requests_of_one_leave_threads_for_the_others_and_are_all_served(server: Server) -> None:
    whale = [server.slow(WHALE, b"%d" % number) for number in range(20)]
    _soon(lambda: server.running(WHALE) == SHARE)

    assert server.ask(OTHER, "/", times=50)[0] == 200  # every thread but the whale's is free for them
    assert server.running(WHALE) == SHARE
    assert not any(waiting.done() for waiting in whale)

    server.release.touch()
    # None is lost, none is mixed up: each answer carries the body of its own request.
    assert sorted(int(answer.result(SECONDS)[1].split()[1]) for answer in whale) == list(range(20))
    assert {answer.result()[0] for answer in whale} == {200}
    assert server.ask(WHALE, "/", times=20)[0] == 200  # what was held was let go


def test_hosts_that_nobody_has_are_one_party_however_many_are_invented(server: Server) -> None:
    invented = [f"nobody-{number}.lms.localhost" for number in range(20)]
    waiting = [server.slow(host) for host in invented]
    _soon(lambda: sum(map(server.running, invented)) == SHARE)

    assert server.ask(OTHER, "/", times=50)[0] == 200
    assert sum(map(server.running, invented)) == SHARE
    server.release.touch()
    assert {answer.result(SECONDS)[0] for answer in waiting} == {200}


def test_invented_hosts_stand_in_their_own_line_and_nobody_else_does(impatient: Server) -> None:
    """As right after a start: the process has served nobody of those who come."""
    invented = [f"nobody-{number}.lms.localhost" for number in range(SHARE)]
    held = [impatient.slow(host) for host in invented]
    _soon(lambda: sum(map(impatient.running, invented)) == SHARE)
    for path, host in (("/", "another.lms.localhost"), ("/tls-ask/?domain=another.lms.localhost", FRONT_DOOR)):
        assert impatient.ask(host, path) == (503, b"busy")

    for path, host in (
        ("/", WHALE),
        ("/", settings.SITE_HOST),
        ("/", f"c1.{settings.CONTENT_SUFFIX}"),
        (f"/tls-ask/?domain={WHALE}", FRONT_DOOR),
    ):
        assert impatient.ask(host, path, times=3) == (200, b"done "), (host, path)
    impatient.release.touch()
    assert {answer.result(SECONDS)[0] for answer in held} == {200}


def test_without_the_share_one_would_hold_them_all(tmp_path: Path) -> None:
    """The same whale before gunicorn's own worker: what the test above would look like if nothing guarded it."""
    with _gunicorn(tmp_path, "gthread") as server:
        whale = [server.slow(WHALE) for _ in range(20)]
        other = server.pool.submit(server.ask, OTHER, "/")
        with pytest.raises(TimeoutError):
            other.result(2)
        server.release.touch()
        assert other.result(SECONDS)[0] == 200
        assert {answer.result(SECONDS)[0] for answer in whale} == {200}


CROWD = 60


def test_a_crowd_of_one_leaves_the_others_the_processor_and_is_served_in_turn(steady: Server) -> None:
    assert steady.ask(OTHER, "/")[0] == 200  # somebody else is about
    crowd = steady.working(WHALE, CROWD)
    _soon(lambda: any(answer.done() for answer in crowd))

    assert steady.ask(OTHER, "/work", times=5)[0] == 200
    waiting = sum(not answer.done() for answer in crowd)

    assert sorted(int(answer.result(SECONDS)[1].split()[1]) for answer in crowd) == list(range(CROWD))
    assert {answer.result()[0] for answer in crowd} == {200}
    assert waiting > CROWD // 2  # the other's five did not stand behind sixty
    assert steady.most(WHALE) == 2


def test_a_crowd_that_is_alone_has_all_threads_but_one(steady: Server) -> None:
    assert {answer.result(SECONDS)[0] for answer in steady.working(WHALE, CROWD)} == {200}
    assert steady.most(WHALE) == SHARE


def test_a_connection_goes_on_after_its_request_had_to_wait(server: Server) -> None:
    held = [server.slow(WHALE) for _ in range(SHARE)]
    _soon(lambda: server.running(WHALE) == SHARE)
    waiting = server.pool.submit(server.ask, WHALE, "/", b"body", 3)

    server.release.touch()

    assert waiting.result(SECONDS) == (200, b"done body")
    assert {answer.result(SECONDS)[0] for answer in held} == {200}


def test_who_waits_too_long_or_finds_the_line_full_is_told_to_come_back(impatient: Server) -> None:
    held = [impatient.slow(WHALE) for _ in range(SHARE)]
    _soon(lambda: impatient.running(WHALE) == SHARE)

    waiting = [impatient.slow(WHALE) for _ in range(6)]
    answers = [answer.result(SECONDS) for answer in waiting]  # three at once, three after a second of waiting

    assert answers == [(503, b"busy")] * 6
    assert impatient.running(WHALE) == SHARE  # who was sent away holds nothing
    assert impatient.ask(OTHER, "/")[0] == 200
    impatient.release.touch()
    assert {answer.result(SECONDS)[0] for answer in held} == {200}
    assert impatient.ask(WHALE, "/", times=5)[0] == 200


@pytest.mark.parametrize(
    ("threads", "percent", "share"),
    [(8, 75, 6), (4, 75, 3), (2, 75, 1), (1, 75, 1), (8, 100, 7), (8, 1, 1), (5, 50, 3)],
)
def test_a_share_is_never_all_threads_unless_there_is_one(
    settings: object, threads: int, percent: int, share: int
) -> None:
    settings.WEB_SHARE_PERCENT = percent  # type: ignore[attr-defined]
    assert share_of(threads) == share


def test_the_product_tells_who_is_sent_away_when_to_come_back(db: None, acme: object) -> None:
    browser = Client(headers={"host": acme.host}, **{"lms.busy": True})  # type: ignore[attr-defined]

    refused = browser.get("/api/v1/me/")
    assert (refused.status_code, refused["Content-Type"]) == (503, "application/problem+json")
    assert (refused.json()["code"], refused["Retry-After"]) == ("busy", "2")
    page = browser.get("/login")
    assert (page.status_code, page["Retry-After"]) == (503, "2")
    assert "Try again in a moment" in page.content.decode()
    forged = Client(headers={"host": acme.host, "lms.busy": "1"}).get("/api/v1/me/")  # type: ignore[attr-defined]
    assert forged.status_code == 401


AT_THE_DOOR = 25


def _stopped_with_people_at_the_door(server: Server) -> list[bytes]:
    """Stop the server while connections with requests in them wait to be taken; return what each was answered."""
    [worker] = children_of(server.pid)
    os.kill(worker, signal.SIGSTOP)
    waiting = [socket.create_connection((ports.HOST, server.port), timeout=SECONDS) for _ in range(AT_THE_DOOR)]
    for number, connection in enumerate(waiting):
        host = f"host-{number}.lms.localhost"
        connection.sendall(f"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\n\r\nwrit".encode())
    os.kill(server.pid, signal.SIGTERM)
    _soon(lambda: not ports.answers(server.port) or _has_pending_term(worker))
    os.kill(worker, signal.SIGCONT)
    return [_first_line(connection) for connection in waiting]


def _has_pending_term(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    pending = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("SigPnd", "ShdPnd"))]
    return any(mask >> (signal.SIGTERM - 1) & 1 for mask in pending)


def _first_line(connection: socket.socket) -> bytes:
    with connection:
        try:
            return connection.recv(4096).split(b"\r\n")[0]
        except ConnectionError:
            return b"reset"


def test_who_stands_at_the_door_of_a_server_that_stops_is_served(server: Server) -> None:
    assert _stopped_with_people_at_the_door(server) == [b"HTTP/1.1 200 OK"] * AT_THE_DOOR
    assert not ports.answers(server.port)  # and nobody else is let in


def test_stock_workers_would_reset_them_with_their_requests(tmp_path: Path) -> None:
    """What the test above would look like if nobody let them in."""
    with _gunicorn(tmp_path, "gthread") as server:
        answers = _stopped_with_people_at_the_door(server)
    assert {b"reset", b""} & set(answers)
