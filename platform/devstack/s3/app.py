"""The S3 endpoint: an ASGI application that tells S3's operations apart and answers them.

Path-style requests only. What it does not do it refuses (501), rather than take it for something else.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from devstack.s3 import buckets, objects, sigv4, uploads
from devstack.s3.cors import Cors
from devstack.s3.errors import S3Error
from devstack.s3.multipart import MultipartStore
from devstack.s3.names import check_bucket, check_key, split_path
from devstack.s3.request import Answer, Request, header_map, parse_query
from devstack.s3.store import Store

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Handler = Callable[[Request], Awaitable[Answer]]

log = logging.getLogger("devstack.s3")

HEALTH_PATH = "/-/healthy"

# Sub-resources: operations that share a method and a path with another and are told apart by a query parameter.
_BUCKET: dict[tuple[str, str], Handler] = {
    ("GET", "location"): buckets.location,
    ("GET", "uploads"): uploads.list_uploads,
    ("GET", "list-type"): buckets.list_objects,
    ("POST", "delete"): buckets.delete_objects,
    ("PUT", ""): buckets.create,
    ("HEAD", ""): buckets.head,
    ("DELETE", ""): buckets.delete,
}
_OBJECT: dict[tuple[str, str], Handler] = {
    ("GET", ""): objects.get,
    ("HEAD", ""): objects.get,
    ("PUT", ""): objects.put,
    ("DELETE", ""): objects.delete,
    ("POST", "uploads"): uploads.create,
    ("PUT", "uploadId"): uploads.upload_part,
    ("GET", "uploadId"): uploads.list_parts,
    ("POST", "uploadId"): uploads.complete,
    ("DELETE", "uploadId"): uploads.abort,
}
# Parameters that qualify an operation rather than choose another.
_QUALIFIERS = frozenset(
    {
        "partNumber", "prefix", "delimiter", "max-keys", "start-after", "continuation-token", "encoding-type",
        "fetch-owner", "max-parts", "part-number-marker", "max-uploads", "key-marker", "upload-id-marker", "x-id",
    }
)  # fmt: skip


class S3App:
    """The store behind HTTP."""

    def __init__(self, store: Store, credentials: sigv4.Credentials, cors: Cors) -> None:
        self._store = store
        self._multipart = MultipartStore(store)
        self._credentials = credentials
        self._cors = cors

    @property
    def multipart(self) -> MultipartStore:
        """The multipart uploads, for the sweep."""
        return self._multipart

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request_id = os.urandom(8).hex().upper()
        origin: str | None = None
        waits = False
        try:
            headers = header_map(scope["headers"])
            origin = headers.get("origin")
            waits = "expect" in headers
            answer = await self._answer(scope, headers, receive)
        except S3Error as error:
            answer = Answer(error.status, {"content-type": "application/xml", **error.headers}, error.xml(request_id))
        except ConnectionError:
            return
        except OSError as error:
            # The disk is full, most likely: the client may try again.
            log.exception("the store cannot serve %s", scope["path"])
            failure = S3Error("InternalError", f"The store cannot do this now: {error.strerror}")
            answer = Answer(failure.status, {"content-type": "application/xml"}, failure.xml(request_id))
        except Exception:
            log.exception("unexpected failure at %s %s", scope["method"], scope["path"])
            failure = S3Error("InternalError", "We encountered an internal error. Please try again.")
            answer = Answer(failure.status, {"content-type": "application/xml"}, failure.xml(request_id))
        await self._send(scope, send, answer, request_id, origin, waits=waits)

    async def _answer(self, scope: Scope, headers: dict[str, str], receive: Receive) -> Answer:
        method = scope["method"]
        if method == "OPTIONS":
            allowed = self._cors.preflight(headers)
            if allowed is None:
                raise S3Error("AccessDenied", "CORSResponse: This CORS request is not allowed.")
            return Answer(204, dict(allowed))
        if scope["path"] == HEALTH_PATH:
            return Answer(200, {"content-type": "text/plain"}, b"ok")
        raw_path = scope["raw_path"]
        signed = sigv4.verify(method, raw_path, scope["query_string"], headers, self._credentials)
        bucket, key = split_path(raw_path)
        request = Request(
            method=method,
            bucket=bucket,
            key=key,
            query=parse_query(scope["query_string"]),
            headers=headers,
            signed=signed,
            receive=receive,
            store=self._store,
            multipart=self._multipart,
            region=self._credentials.region,
        )
        return await self._handler(request)(request)

    def _handler(self, request: Request) -> Handler:
        if not request.bucket:
            if request.method == "GET" and not request.key:
                return buckets.list_buckets
            raise S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.")
        check_bucket(request.bucket)
        table = _OBJECT if request.key else _BUCKET
        if request.key:
            check_key(request.key)
        # What chooses the operation: anything but qualifiers, the signature and overrides of response headers.
        choosing = [
            name
            for name in request.query
            if name not in _QUALIFIERS and not name.lower().startswith(("x-amz-", "response-"))
        ]
        handler = table.get((request.method, choosing[0] if choosing else "")) if len(choosing) <= 1 else None
        if handler is None:
            raise S3Error("NotImplemented", "This operation is not provided by the embedded store.")
        return handler

    async def _send(
        self, scope: Scope, send: Send, answer: Answer, request_id: str, origin: str | None, *, waits: bool
    ) -> None:
        headers = {
            "content-length": str(len(answer.body)),
            "date": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime()),
            "server": "lms-s3",
            "x-amz-request-id": request_id,
            "x-content-type-options": "nosniff",
            **answer.headers,
        }
        for name, value in self._cors.headers(origin):
            headers.setdefault(name, value)
        if answer.status >= 400 and waits:
            # The client waits for "100 Continue" and will not send its body now: the connection has to end here,
            # or its next request would be taken for that body.
            headers["connection"] = "close"
        if answer.status == 204 or answer.status == 304:
            headers.pop("content-length", None)
        lines = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
        try:
            await send({"type": "http.response.start", "status": answer.status, "headers": lines})
            if answer.file is None or scope["method"] == "HEAD":
                body = b"" if scope["method"] == "HEAD" else answer.body
                await send({"type": "http.response.body", "body": body})
                return
            await self._send_file(send, answer)
        finally:
            if answer.file is not None:
                os.close(answer.file)

    async def _send_file(self, send: Send, answer: Answer) -> None:
        assert answer.file is not None
        loop = asyncio.get_running_loop()
        offset, left = answer.start, answer.length
        while left:
            piece = await loop.run_in_executor(None, os.pread, answer.file, min(left, 1 << 20), offset)
            if not piece:
                raise OSError("the object is shorter than its metadata says")
            offset += len(piece)
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": bool(left)})
        if answer.length == 0:
            await send({"type": "http.response.body", "body": b""})
