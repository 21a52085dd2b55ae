"""``edge``: signed segments of 200 kB a second that front door and verifier serve together on one core.

The real Caddyfile and the real verifier over the real tables, both bound to one core; the client has another. Cookies
carry a custom policy by a P-256 key, as the product makes them. Bodies are counted, not looked at, but for the first.
"""

from __future__ import annotations

import os
import secrets
import select
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bench.report import figure, spread
from devstack import binaries, embedded
from devstack.parts import caddyfile
from devstack.s3.layout import object_root
from media.edge import policy

ROOT = Path(__file__).resolve().parents[1]
SEGMENT_BYTES = 200_000
SEGMENTS = 50
CONNECTIONS = 32
ROUNDS = 3
ROUND_SECONDS = 5.0
BUCKET = "lms-media"
HOST_NAME = "acme.lms.localhost"


def run() -> None:
    """Measure and print the figure."""
    with embedded.running(parts={"postgres", "valkey", "schema"}) as stack, _edge(stack) as (port, paths, cookie, pids):
        client = _Client(port, paths, cookie)
        client.check()
        client.run(1.0)
        rates, shares, efficiency = [], [], []
        for _ in range(ROUNDS):
            before = [_cpu_seconds(pid) for pid in pids]
            served, seconds = client.run(ROUND_SECONDS)
            used = [after - b for after, b in zip((_cpu_seconds(pid) for pid in pids), before, strict=True)]
            rates.append(served / seconds)
            shares.append(sum(used) / seconds)
            efficiency.append(served / sum(used))
    figure(
        "edge",
        statistics.median(rates),
        "signed segments/s",
        ">=",
        2000,
        segment_bytes=SEGMENT_BYTES,
        connections=CONNECTIONS,
        rounds=ROUNDS,
        seconds=ROUND_SECONDS,
        samples=spread(rates),
        # On a busy machine the core is shared: this is what a second of it serves.
        per_core_second=round(statistics.median(efficiency)),
        core_share=round(statistics.median(shares), 2),
    )


def _cores() -> tuple[set[int], set[int]]:
    """One core for the edge, the others for the client (the same one where there is only one)."""
    cores = sorted(os.sched_getaffinity(0))
    return {cores[-1]}, set(cores[:-1]) or {cores[-1]}


@contextmanager
def _edge(stack: embedded.StackEnvironment) -> Iterator[tuple[int, list[str], str, list[int]]]:
    """Start both on one core; yield the port, the segments' paths, the Cookie header and the process ids."""
    settings = replace(stack.settings, ports={**stack.settings.ports})
    port, edge_port = settings.ports["front"], settings.ports["edge"]
    objects = object_root(stack.data_dir, BUCKET)
    organization, asset, rev = uuid4(), uuid4(), uuid4()
    folder = objects / f"t/{organization}/v/{asset}/{rev}"
    folder.mkdir(parents=True)
    for number in range(SEGMENTS):
        (folder / f"{number}.m4s").write_bytes(secrets.token_bytes(SEGMENT_BYTES))
    cookie = _publish(stack, str(organization), f"http://{HOST_NAME}:{port}/media/t/{organization}/v/{asset}/{rev}/*")
    config = Path(stack.data_dir) / "bench.Caddyfile"
    config.write_text(caddyfile.write(settings, objects=objects, frontend_dist=ROOT / "frontend" / "dist"))
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(stack.data_dir),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "LMS_EDGE_PORT": str(edge_port),
        "LMS_PUBLIC_SCHEME": "http",
        **stack.edge,
    }
    ours = os.sched_getaffinity(0)
    core, others = _cores()
    # Children inherit the binding, so both see a machine of one core from their first instruction on.
    os.sched_setaffinity(0, core)
    caddy = [str(binaries.script("caddy")), "run", "--config", str(config), "--adapter", "caddyfile"]
    processes = [
        subprocess.Popen(argv, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        for argv in ([sys.executable, "-m", "devstack.edge"], caddy)
    ]
    os.sched_setaffinity(0, others)
    try:
        for waited in (edge_port, port):
            _wait_for(waited, processes)
        paths = [f"/media/t/{organization}/v/{asset}/{rev}/{number}.m4s" for number in range(SEGMENTS)]
        yield port, paths, cookie, [process.pid for process in processes]
    finally:
        os.sched_setaffinity(0, ours)
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(15)


def _publish(stack: embedded.StackEnvironment, organization: str, resource: str) -> str:
    """Enter an organization with one key; return the Cookie header of a grant."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    database = urlsplit(stack["LMS_DATABASE_URL"]).path
    link = psycopg2.connect(urlunsplit(urlsplit(stack.superuser_url)._replace(path=database)))
    with link, link.cursor() as cursor:
        cursor.execute(
            "insert into public.media_edgebinding (organization_id, strategy, key_group_id, hosts, state, changed_at) "
            "values (%s, 'pooled', 'bench', %s, 'deployed', now())",
            (organization, [HOST_NAME]),
        )
        cursor.execute(
            "insert into public.media_signingkey "
            "(id, organization_id, kid, algorithm, public_pem, sealed_private_key, state, created_at) "
            "values (%s, %s, 'KBENCH', 'p-256', %s, '', 'current', now())",
            (str(uuid4()), organization, pem.decode()),
        )
    link.close()
    text = policy.custom_policy(resource, int(time.time()) + 600)
    values = {
        "Policy": policy.encode(text),
        "Signature": policy.encode(key.sign(text, ec.ECDSA(hashes.SHA256()))),
        "Key-Pair-Id": "KBENCH",
        "Hash-Algorithm": "SHA256",
    }
    return "; ".join(f"{policy.COOKIE_PREFIX}{name}={value}" for name, value in values.items())


def _wait_for(port: int, processes: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if any(process.poll() is not None for process in processes):
            break
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the edge did not start")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Client:
    """Asks over kept-alive connections, one request at a time on each.

    Bodies are dropped in the kernel (``MSG_TRUNC``): so a client in Python is quicker than what it measures.
    """

    def __init__(self, port: int, paths: list[str], cookie: str) -> None:
        self._port = port
        self._requests = [
            f"GET {path} HTTP/1.1\r\nHost: {HOST_NAME}:{port}\r\nCookie: {cookie}\r\n\r\n".encode() for path in paths
        ]
        self._refused = f"GET {paths[0]} HTTP/1.1\r\nHost: {HOST_NAME}:{port}\r\nConnection: close\r\n\r\n".encode()
        self._sink = bytearray(1 << 20)

    def check(self) -> None:
        """Make sure that the signature opens the segment, and that nothing opens without it."""
        closing = self._requests[0].replace(b"\r\nCookie", b"\r\nConnection: close\r\nCookie")
        for request, begins in ((closing, b"HTTP/1.1 200"), (self._refused, b"HTTP/1.1 403")):
            with socket.create_connection(("127.0.0.1", self._port)) as wire:
                wire.sendall(request)
                answer = b"".join(iter(lambda: wire.recv(1 << 16), b""))
            if not answer.startswith(begins):
                raise RuntimeError(f"expected {begins!r}, got {answer[:300]!r}")
            if begins.endswith(b"200") and len(answer.partition(b"\r\n\r\n")[2]) != SEGMENT_BYTES:
                raise RuntimeError("the segment is not whole")

    def run(self, seconds: float) -> tuple[int, float]:
        """Ask for so long; return the segments served and the seconds it took."""
        wires = [socket.create_connection(("127.0.0.1", self._port)) for _ in range(CONNECTIONS)]
        left = {wire.fileno(): 0 for wire in wires}
        by_number = {wire.fileno(): wire for wire in wires}
        poll = select.epoll()
        for wire in wires:
            poll.register(wire.fileno(), select.EPOLLIN)
        begun = time.perf_counter()
        sent = served = 0
        for wire in wires:
            wire.sendall(self._requests[sent % SEGMENTS])
            sent += 1
        while time.perf_counter() - begun < seconds:
            for number, _ in poll.poll(1.0):
                wire = by_number[number]
                if left[number] == 0:
                    head = wire.recv(2048)
                    end = head.find(b"\r\n\r\n")
                    if not head.startswith(b"HTTP/1.1 200") or b"Content-Length: 200000\r\n" not in head or end < 0:
                        raise RuntimeError(f"not served: {head[:300]!r}")
                    left[number] = SEGMENT_BYTES - (len(head) - end - 4)
                else:
                    got = wire.recv_into(self._sink, min(left[number], len(self._sink)), socket.MSG_TRUNC)
                    if got == 0:
                        raise RuntimeError("the connection ended within a segment")
                    left[number] -= got
                if left[number] == 0:
                    served += 1
                    wire.sendall(self._requests[sent % SEGMENTS])
                    sent += 1
        took = time.perf_counter() - begun
        poll.close()
        for wire in wires:
            wire.close()
        return served, took
