"""The verifier's own small HTTP server: one request line, a handful of headers, an empty answer.

A web framework would cost more than the decision. The only client is the front door on the same machine.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

import httptools
import psycopg2

from core.headers import HEADERS
from devstack.edge.caddy import PUBLIC_IMAGE
from devstack.edge.judge import Asked, Judge, Snapshot
from devstack.edge.keys import KeyReader
from devstack.edge.store import RemoteStore
from media.edge.policy import Refused

log = logging.getLogger("devstack.edge")

REFRESH_SECONDS = 0.5
# An unknown key may be one that was made a moment ago: the tables are asked again, but not more often than this.
_EXTRA_REFRESH_SECONDS = 0.2
# Grants live ten minutes. A verifier that has been cut off longer than that no longer knows what was revoked.
_STALE_SECONDS = 600

URI_HEADER = b"x-edge-uri"
METHOD_HEADER = b"x-edge-method"
CLIENT_HEADER = b"x-edge-client"
HEALTH_URI = "/-/healthy"
SIGN_URI = b"/sign"  # for public images in a store elsewhere: nothing to judge, only to sign

_IMAGE = re.compile(PUBLIC_IMAGE)

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_MAX_REQUEST_BYTES = 64 * 1024


_LOCKS = "".join(f"{name}: {value}\r\n" for name, value in HEADERS["error"].items())


def _answer(status: str, reason: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n{_LOCKS}X-Edge-Reason: {reason}\r\n\r\n".encode("ascii")


class Edge:
    """The verifier: its keys, kept fresh, and its judge."""

    def __init__(
        self,
        reader: KeyReader,
        scheme: str,
        *,
        clock: Callable[[], float] = time.time,
        store: RemoteStore | None = None,
    ) -> None:
        self._reader = reader
        self._store = store
        self._judge = Judge(scheme)
        self._clock = clock
        self._refreshing: asyncio.Task[None] | None = None
        self._failing = False

    @property
    def snapshot(self) -> Snapshot:
        """What the edge knows now."""
        return self._reader.snapshot

    @property
    def stale(self) -> bool:
        """Whether the tables have not been read for longer than a grant lives."""
        return time.monotonic() - self._reader.read_at > _STALE_SECONDS

    def decide(self, asked: Asked) -> str:
        """Return the hash of the grant by which the request may be served.

        Raises:
            Refused: it may not; the reason is all that is told.
        """
        try:
            return self._judge.judge(asked, self._reader.snapshot, self._clock())
        except Refused:
            raise
        except Exception as error:
            # Whatever a hostile request stirred up, the answer is no.
            log.exception("unexpected failure while judging")
            raise Refused("Malformed") from error

    def allow(self, uri: str, method: str, grant: str = "") -> bytes:
        """Return the answer that lets the front door serve ``uri``: signed where a store elsewhere has it.

        It names the grant, so that the front door's log of bytes can say by which they went out.
        """
        named = f"X-Edge-Grant: {grant}\r\n" if grant else ""
        if self._store is None:
            return f"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{named}\r\n".encode("ascii")
        key = uri.partition("?")[0].removeprefix("/media/")
        moment = datetime.fromtimestamp(self._clock(), UTC)
        signed = self._store.signed("HEAD" if method == "HEAD" else "GET", key, moment)
        lines = named + "".join(f"{name}: {value}\r\n" for name, value in signed.items())
        return f"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{lines}\r\n".encode("ascii")

    async def keep_fresh(self) -> None:
        """Read the tables for ever, twice a second."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_SECONDS)

    async def refresh(self) -> None:
        """Read the tables once; a refresh that is under way serves all who ask."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._read())
        await asyncio.shield(self._refreshing)

    async def refresh_soon(self) -> None:
        """Make sure the tables were read after this call began, within a fifth of a second."""
        asked_at = time.monotonic()
        wait = self._reader.read_at + _EXTRA_REFRESH_SECONDS - asked_at
        if wait > 0:
            await asyncio.sleep(min(wait, _EXTRA_REFRESH_SECONDS))
        while self._reader.read_at < asked_at and not self._failing:
            before = self._reader.read_at
            await self.refresh()
            if self._reader.read_at == before:
                return

    async def _read(self) -> None:
        try:
            await asyncio.to_thread(self._reader.refresh)
        except psycopg2.Error as error:
            if not self._failing:
                log.warning("the key groups cannot be read, the last ones stay: %s", str(error).strip())
            self._failing = True
        else:
            if self._failing:
                log.info("the key groups are read again")
            self._failing = False


class EdgeProtocol(asyncio.Protocol):
    """One kept-alive connection from the front door."""

    def __init__(self, edge: Edge, connections: set[EdgeProtocol]) -> None:
        self._edge = edge
        self._connections = connections
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._repeated = False
        self._bytes = 0
        self._queue: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        # uvloop's transports are not of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._transport = None
        self._connections.discard(self)
        if self._queue is not None:
            self._queue.cancel()

    def data_received(self, data: bytes) -> None:
        """Take in bytes; answers are written from :meth:`on_message_complete`."""
        self._bytes += len(data)
        try:
            if self._bytes > _MAX_REQUEST_BYTES:
                raise httptools.HttpParserError("too long")
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._write(_answer("403 Forbidden", "Malformed"))
            if self._transport is not None:
                self._transport.close()

    def on_message_begin(self) -> None:
        """Called by the parser at the first byte of a request."""
        self._url = b""
        self._headers = {}
        self._repeated = False

    def on_url(self, url: bytes) -> None:
        """Called by the parser, perhaps in pieces."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser for each header."""
        name = name.lower()
        if name in self._headers:
            if name == b"cookie":
                value = self._headers[name] + b"; " + value
            elif name in (b"host", URI_HEADER, METHOD_HEADER, CLIENT_HEADER):
                self._repeated = True
        self._headers[name] = value

    def on_message_complete(self) -> None:
        """Called by the parser at the end of a request: decide."""
        self._bytes = 0
        if self._queue is not None and not self._queue.done():
            # An earlier request of this connection still waits for fresh keys. The front door does not pipeline.
            self.close_soon()
            return
        answer = self._decide(self._url, self._headers, self._repeated)
        if answer is None:
            self._queue = asyncio.create_task(self._retry(self._url, self._headers, self._repeated))
        else:
            self._write(answer)

    def close_soon(self) -> None:
        """Close the connection once what was written is sent."""
        if self._transport is not None:
            self._transport.close()

    def _decide(self, url: bytes, headers: dict[bytes, bytes], repeated: bool, *, last: bool = False) -> bytes | None:
        """Return the answer, or None where it depends on keys that are read first."""
        uri = headers.get(URI_HEADER)
        if uri is None:
            if url.decode("latin-1") == HEALTH_URI:
                return _answer("503 Service Unavailable", "StaleKeys") if self._edge.stale else _OK
            return _answer("403 Forbidden", "Malformed")
        if repeated:
            return _answer("403 Forbidden", "Malformed")
        method = headers.get(METHOD_HEADER, b"").decode("latin-1")
        if url == SIGN_URI:
            image = uri.decode("latin-1")
            allowed = _IMAGE.match(image.partition("?")[0])
            return self._edge.allow(image, method) if allowed else _answer("403 Forbidden", "NotPublic")
        if self._edge.stale:
            return None if not last else _answer("503 Service Unavailable", "StaleKeys")
        asked = Asked(
            uri.decode("latin-1"),
            headers.get(b"host", b"").decode("latin-1"),
            headers.get(b"cookie", b"").decode("latin-1"),
            headers.get(CLIENT_HEADER, b"").decode("latin-1"),
        )
        try:
            return self._edge.allow(asked.uri, method, self._edge.decide(asked))
        except Refused as refusal:
            if not last and refusal.reason in ("UnknownKey", "WrongHost"):
                return None
            return _answer("403 Forbidden", refusal.reason)

    async def _retry(self, url: bytes, headers: dict[bytes, bytes], repeated: bool) -> None:
        await self._edge.refresh_soon()
        self._write(self._decide(url, headers, repeated, last=True) or _answer("403 Forbidden", "Malformed"))

    def _write(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)


async def serve(edge: Edge, host: str, port: int, stopping: asyncio.Event) -> None:
    """Serve until ``stopping`` is set."""
    connections: set[EdgeProtocol] = set()
    loop = asyncio.get_running_loop()
    fresh = asyncio.create_task(edge.keep_fresh())
    server = await loop.create_server(lambda: EdgeProtocol(edge, connections), host, port, backlog=512)
    try:
        await stopping.wait()
    finally:
        server.close()
        for connection in list(connections):
            connection.close_soon()
        fresh.cancel()
