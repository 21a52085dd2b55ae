"""A name server for trying custom domains on one machine: it says what a text file says, over UDP on loopback.

Each line of the file is ``<name> <TXT|CNAME|A> <value>``; what begins with ``#`` is left out. The file is read at every
question, so a change shows at once. Names that it lacks do not exist.
"""

from __future__ import annotations

import socket
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from devstack import ports

KINDS = ("TXT", "CNAME", "A")
TTL_SECONDS = 1
DATAGRAM_BYTES = 4096

Records = dict[tuple[str, str], list[str]]


def read(path: Path) -> Records:
    """Return the file's records by name and kind; none where there is no file. Lines that are no record are skipped."""
    found: Records = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        name, kind, value = [*line.split(None, 2), "", "", ""][:3]
        if name and not name.startswith("#") and kind.upper() in KINDS and value:
            found.setdefault((name.lower().rstrip("."), kind.upper()), []).append(value.strip())
    return found


def answer(question: bytes, records: Records) -> bytes | None:
    """Return the answer to one question, or None where it is no DNS."""
    try:
        asked = dns.message.from_wire(question)
        wanted = asked.question[0]
    except (dns.exception.DNSException, IndexError):
        return None
    reply = dns.message.make_response(asked)
    reply.flags |= dns.flags.AA | dns.flags.RA
    name = wanted.name.to_text(omit_final_dot=True).lower()
    if not any(known == name for known, _ in records):
        reply.set_rcode(dns.rcode.NXDOMAIN)
        return bytes(reply.to_wire())
    kind = dns.rdatatype.to_text(wanted.rdtype)
    for found in dict.fromkeys(("CNAME", kind)):
        values = records.get((name, found), [])
        if values:
            texts = [_text(found, value) for value in values]
            reply.answer.append(dns.rrset.from_text(wanted.name, TTL_SECONDS, "IN", found, *texts))
    return bytes(reply.to_wire())


def serve(path: Path, port: int) -> None:
    """Answer until the process ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind((ports.HOST, port))
        print(f"DNS on {ports.HOST}:{port} says what {path} says.", flush=True)
        while True:
            question, client = link.recvfrom(DATAGRAM_BYTES)
            if (reply := answer(question, read(path))) is not None:
                link.sendto(reply, client)


def _text(kind: str, value: str) -> str:
    if kind == "TXT":
        quoted = value.strip('"').replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"'
    return f"{value.rstrip('.')}." if kind == "CNAME" else value
