"""Taking in the body of an upload: framing, lengths, hashes and checksums, none of which is taken on trust.

Bytes go to disk in batches on a thread (hashing and writing release the interpreter's lock), so one upload does not
hold up another. A body that turns out wrong raises; the caller throws away what was written.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from devstack.s3 import checksums, sigv4
from devstack.s3.errors import S3Error

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Write = Callable[[list[bytes]], None]

_BATCH_BYTES = 1 << 20
_MAX_LINE_BYTES = 4096
_STREAMING_MODES = frozenset({sigv4.STREAMING, sigv4.STREAMING_TRAILER, sigv4.STREAMING_UNSIGNED_TRAILER})


@dataclass(frozen=True, slots=True)
class Digests:
    """What the bytes of a body came to. ``checksums`` has the raw checksums the client asked to have checked."""

    size: int
    md5: str
    checksums: dict[str, bytes]


@dataclass(slots=True)
class Expected:
    """What the client says its body is."""

    size: int
    signed: sigv4.Signed
    md5: bytes | None = None
    checksums: dict[str, bytes] = field(default_factory=dict)
    trailers: tuple[str, ...] = ()

    @property
    def framed(self) -> bool:
        """Whether the body comes in aws-chunked frames."""
        return self.signed.payload in _STREAMING_MODES


def expected(headers: Mapping[str, str], query: Mapping[str, str], signed: sigv4.Signed) -> Expected:
    """Read what the headers promise of the body.

    Raises:
        S3Error: MissingContentLength, InvalidDigest, InvalidRequest.
    """
    framed = signed.payload in _STREAMING_MODES
    length = headers.get("x-amz-decoded-content-length" if framed else "content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise S3Error("MissingContentLength", "The length of the body must be given.")
    found: dict[str, bytes] = {}
    for source in (headers, query):
        for name, value in source.items():
            algorithm = name.lower().removeprefix("x-amz-checksum-")
            if algorithm != name.lower() and algorithm not in ("algorithm", "mode", "type"):
                checksums.new(algorithm)
                found[algorithm] = checksums.decode(algorithm, value)
    trailers = []
    for name in filter(None, (part.strip().lower() for part in headers.get("x-amz-trailer", "").split(","))):
        algorithm = name.removeprefix("x-amz-checksum-")
        if not checksums.known(algorithm) or not framed:
            raise S3Error("InvalidRequest", f"The trailer {name} is not supported.")
        trailers.append(algorithm)
    if len(found) + len(trailers) > 1:
        raise S3Error("InvalidRequest", "Expecting a single x-amz-checksum- header.")
    if signed.payload in (sigv4.STREAMING_TRAILER, sigv4.STREAMING_UNSIGNED_TRAILER) and not trailers:
        raise S3Error("InvalidRequest", "x-amz-trailer must name the trailing checksum.")
    md5 = checksums.decode("md5", headers["content-md5"]) if "content-md5" in headers else None
    return Expected(int(length), signed, md5, found, tuple(trailers))


async def take_in(receive: Receive, want: Expected, write: Write, *, keep: tuple[str, ...] = ()) -> Digests:
    """Read the body to its end, hand it to ``write`` in batches, and check everything that was promised of it.

    ``keep`` names checksums to compute beside those promised.

    Raises:
        S3Error: IncompleteBody, BadDigest, XAmzContentSHA256Mismatch, SignatureDoesNotMatch, InvalidRequest.
    """
    loop = asyncio.get_running_loop()
    frames = _Frames(want.signed, trailing=bool(want.trailers)) if want.framed else None
    md5 = hashlib.md5(usedforsecurity=False)
    hashers = {name: checksums.new(name) for name in {*want.checksums, *want.trailers, *keep}}
    whole = hashlib.sha256() if len(want.signed.payload) == 64 else None
    size = 0

    def consume(batch: list[bytes]) -> None:
        data: list[bytes] = []
        for piece in batch:
            data.extend(frames.feed(piece) if frames else (piece,))
        for piece in data:
            md5.update(piece)
            if whole is not None:
                whole.update(piece)
            for hasher in hashers.values():
                hasher.update(piece)
        nonlocal size
        size += sum(map(len, data))
        if size > want.size:
            raise S3Error("IncompleteBody", "The body is longer than was said.")
        if data:
            write(data)

    more = True
    while more:
        batch: list[bytes] = []
        held = 0
        while more and held < _BATCH_BYTES:
            message = await receive()
            if message["type"] != "http.request":
                raise ConnectionResetError("The client went away in the middle of its body.")
            piece = message.get("body", b"")
            more = message.get("more_body", False)
            if piece:
                batch.append(piece)
                held += len(piece)
        if batch:
            await loop.run_in_executor(None, consume, batch)

    trailers = frames.finish() if frames else {}
    if size != want.size:
        raise S3Error("IncompleteBody", f"The body has {size} bytes, {want.size} were said.")
    if whole is not None and not hmac.compare_digest(whole.hexdigest(), want.signed.payload):
        raise S3Error("XAmzContentSHA256Mismatch", "The body is not the one that was signed.")
    if want.md5 is not None and want.md5 != md5.digest():
        raise S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.")
    promised = dict(want.checksums)
    for name in want.trailers:
        if f"x-amz-checksum-{name}" not in trailers:
            raise S3Error("InvalidRequest", f"The trailer x-amz-checksum-{name} is missing.")
        promised[name] = checksums.decode(name, trailers[f"x-amz-checksum-{name}"])
    found = {name: hasher.digest() for name, hasher in hashers.items()}
    for name, value in promised.items():
        if found[name] != value:
            raise S3Error("BadDigest", f"The {name.upper()} you specified did not match the calculated checksum.")
    return Digests(size, md5.hexdigest(), found)


async def read_small(receive: Receive, want: Expected, limit: int) -> bytes:
    """Return a small body (XML), checked like any other.

    Raises:
        S3Error: EntityTooLarge over ``limit`` bytes; else as :func:`take_in`.
    """
    if want.size > limit:
        raise S3Error("EntityTooLarge", f"The body may have {limit} bytes at most.")
    pieces: list[bytes] = []
    await take_in(receive, want, pieces.extend)
    return b"".join(pieces)


class _Frames:
    """Takes aws-chunked framing apart: ``hex size[;chunk-signature=…] CRLF data CRLF … 0 CRLF trailers CRLF``."""

    def __init__(self, signed: sigv4.Signed, *, trailing: bool) -> None:
        self._signed = signed
        self._chunks_signed = signed.payload != sigv4.STREAMING_UNSIGNED_TRAILER
        self._trailing = trailing
        self._buffer = bytearray()
        self._left = 0
        self._state = "header"
        self._chunk = hashlib.sha256()
        self._claimed = ""
        self._previous = signed.seed_signature
        self._trailer_lines: list[bytes] = []

    def feed(self, piece: bytes) -> list[bytes]:
        """Return the data in the next bytes of the body."""
        self._buffer += piece
        data: list[bytes] = []
        while True:
            if self._state == "data":
                taken = bytes(self._buffer[: self._left])
                if not taken and self._left:
                    return data
                del self._buffer[: len(taken)]
                self._left -= len(taken)
                if taken:
                    data.append(taken)
                    if self._chunks_signed:
                        self._chunk.update(taken)
                if self._left:
                    return data
                self._state = "data end"
            line = self._line()
            if line is None:
                return data
            self._take_line(line)

    def finish(self) -> dict[str, str]:
        """Return the trailers, after the last byte.

        Raises:
            S3Error: IncompleteBody, SignatureDoesNotMatch.
        """
        if self._state != "end" or self._buffer:
            raise S3Error("IncompleteBody", "The aws-chunked body does not end where it should.")
        trailers: dict[str, str] = {}
        for raw in self._trailer_lines:
            name, _, value = raw.decode("latin-1").partition(":")
            trailers[name.strip().lower()] = value.strip()
        if self._signed.payload == sigv4.STREAMING_TRAILER:
            claimed = trailers.pop("x-amz-trailer-signature", "")
            text = "".join(f"{name}:{value}\n" for name, value in trailers.items())
            self._check_signature("AWS4-HMAC-SHA256-TRAILER", (hashlib.sha256(text.encode()).hexdigest(),), claimed)
        return trailers

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            if len(self._buffer) > _MAX_LINE_BYTES:
                raise S3Error("InvalidRequest", "A line of the aws-chunked framing is too long.")
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _take_line(self, line: bytes) -> None:
        if self._state == "data end":
            if line:
                raise S3Error("InvalidRequest", "A chunk is longer than its header says.")
            self._close_chunk()
            self._state = "header"
        elif self._state == "header":
            self._open_chunk(line)
        elif self._state == "trailers":
            if line:
                self._trailer_lines.append(line)
            else:
                self._state = "end"
        else:
            raise S3Error("InvalidRequest", "There are bytes after the end of the aws-chunked body.")

    def _open_chunk(self, line: bytes) -> None:
        size, _, extension = line.partition(b";")
        self._claimed = extension.removeprefix(b"chunk-signature=").decode("latin-1")
        if not size or len(size) > 16 or size.strip(b"0123456789abcdefABCDEF"):
            raise S3Error("InvalidRequest", "A chunk's size cannot be read.")
        self._left = int(size, 16)
        self._chunk = hashlib.sha256()
        if self._left:
            self._state = "data"
            return
        self._close_chunk()
        # Without trailers the end is one empty line, which reads like an empty list of them.
        self._state = "trailers"

    def _close_chunk(self) -> None:
        if self._chunks_signed:
            hashes = (sigv4.EMPTY_SHA256, self._chunk.hexdigest())
            self._check_signature("AWS4-HMAC-SHA256-PAYLOAD", hashes, self._claimed)

    def _check_signature(self, algorithm: str, hashes: tuple[str, ...], claimed: str) -> None:
        signed = self._signed
        text = "\n".join((algorithm, signed.amz_date, signed.scope, self._previous, *hashes))
        expected_signature = hmac.new(signed.signing_key, text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected_signature.encode(), claimed.encode("latin-1", "replace")):
            raise S3Error("SignatureDoesNotMatch", "The signature of a chunk does not belong to it.")
        self._previous = expected_signature
