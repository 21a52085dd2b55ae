"""A DNS server on loopback whose answers a test decides: UDP and TCP on one port, slow, cut off or lying on demand."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dnslib import CNAME, QTYPE, RCODE, RR, TXT, A, DNSHeader, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSServer

DATAGRAM_BYTES = 512  # what a server without extensions puts into one datagram


class Zone(BaseResolver):
    """What the server says. Names without an entry do not exist."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.records: dict[tuple[str, str], list[str]] = {}
        self.broken: set[str] = set()
        self.slow_seconds: dict[str, float] = {}
        self.asked: list[tuple[str, str, str]] = []

    def put(self, name: str, kind: str, *values: str) -> None:
        """Set the records of one kind at ``name``; none removes them."""
        self.records.pop((name, kind), None)
        if values:
            self.records[(name, kind)] = list(values)

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        name, kind = str(request.q.qname).rstrip(".").lower(), QTYPE[request.q.qtype]
        self.asked.append((name, kind, handler.protocol))
        time.sleep(self.slow_seconds.get(name, 0))
        reply = request.reply()
        if name in self.broken:
            reply.header.rcode = RCODE.SERVFAIL
            return reply
        if not any(known == name for known, _ in self.records):
            reply.header.rcode = RCODE.NXDOMAIN
            return reply
        for found in [kind] if kind == "CNAME" else ["CNAME", kind]:
            for value in self.records.get((name, found), []):
                reply.add_answer(RR(name, QTYPE.reverse[found], rdata=_rdata(found, value), ttl=1))
        return reply


def _rdata(kind: str, value: str) -> object:
    if kind == "TXT":
        raw = value.encode()
        return TXT([raw[at : at + 255] for at in range(0, len(raw), 255)] or [b""])
    return {"A": A, "CNAME": CNAME}[kind](value)


@contextmanager
def name_server() -> Iterator[tuple[str, Zone]]:
    """Serve a zone; yield ``host:port`` and the zone. Answers too long for UDP are cut and asked for again over TCP."""
    port = _free_port()
    zone = Zone(f"127.0.0.1:{port}")
    servers = [
        DNSServer(zone, address="127.0.0.1", port=port, tcp=tcp, logger=_Silent(), handler=_Handler)
        for tcp in (False, True)
    ]
    for server in servers:
        server.start_thread()
    try:
        yield zone.address, zone
    finally:
        for server in servers:
            server.stop()
            server.server.server_close()


@contextmanager
def silent_server() -> Iterator[str]:
    """A server that takes questions and never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


@contextmanager
def lying_server() -> Iterator[str]:
    """A server whose answers are of another question, or no DNS at all."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        link.settimeout(0.2)
        ended = threading.Event()
        worker = threading.Thread(target=_lie, args=(link, ended), daemon=True)
        worker.start()
        yield f"127.0.0.1:{link.getsockname()[1]}"
        ended.set()
        worker.join()


def _lie(link: socket.socket, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            asked, client = link.recvfrom(4096)
        except TimeoutError:
            continue
        question = DNSRecord.parse(asked)
        other = DNSRecord(DNSHeader(id=(question.header.id + 1) % 65536, qr=1, aa=1), q=question.q)
        other.add_answer(RR(question.q.qname, QTYPE.TXT, rdata=TXT("lms-verify=forged"), ttl=1))
        link.sendto(other.pack(), client)
        link.sendto(b"\x00\x01not dns", client)
        link.sendto(b"", client)


def _free_port() -> int:
    """A port that is free for both protocols."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            port = int(udp.getsockname()[1])
            with contextlib.suppress(OSError):
                tcp.bind(("127.0.0.1", port))
                return port


class _Handler(DNSHandler):
    def get_reply(self, data: bytes) -> bytes:
        """Cut as servers do: the question stays, the answers go (dnslib's own cut drops both)."""
        asked = DNSRecord.parse(data)
        packed: bytes = self.server.resolver.resolve(asked, self).pack()
        if self.protocol == "udp" and len(packed) > DATAGRAM_BYTES:
            cut = asked.reply()
            cut.header.tc = 1
            return bytes(cut.pack())
        return packed


class _Silent:
    def __getattr__(self, _name: str) -> object:
        return lambda *_: None
