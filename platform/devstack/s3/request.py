"""A request whose signature holds, and an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar
from urllib.parse import unquote_to_bytes

from devstack.s3 import body, sigv4
from devstack.s3.errors import S3Error
from devstack.s3.multipart import MultipartStore
from devstack.s3.store import Preconditions, Store

P = ParamSpec("P")
T = TypeVar("T")

_MAX_XML_BYTES = 2 << 20
_MAX_METADATA_BYTES = 2048
_KEPT_HEADERS = ("cache-control", "content-disposition", "content-encoding", "content-language", "expires")


@dataclass(slots=True)
class Answer:
    """What is sent back: ``body``, or ``length`` bytes from ``start`` of the file descriptor ``file``."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    file: int | None = None
    start: int = 0
    length: int = 0

    @classmethod
    def xml(cls, document: bytes, status: int = 200) -> Answer:
        """Answer with an XML document."""
        return cls(status, {"content-type": "application/xml"}, document)


@dataclass(slots=True)
class Request:
    """One S3 request, verified. Header names are lower case."""

    method: str
    bucket: str
    key: str
    query: dict[str, str]
    headers: dict[str, str]
    signed: sigv4.Signed
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]]
    store: Store
    multipart: MultipartStore
    region: str

    async def on_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do blocking work on a thread."""
        return await asyncio.to_thread(work, *args, **kwargs)

    def expected(self) -> body.Expected:
        """What the headers promise of the body."""
        return body.expected(self.headers, self.query, self.signed)

    async def xml(self) -> bytes:
        """Return an XML body, checked.

        Raises:
            S3Error: the body is too long or not what was signed.
        """
        return await body.read_small(self.receive, self.expected(), _MAX_XML_BYTES)

    def preconditions(self) -> Preconditions:
        """Under which the object may be written.

        Raises:
            S3Error: NotImplemented for ``If-None-Match`` with anything but ``*``, as S3 has it for writes.
        """
        absent = self.headers.get("if-none-match")
        if absent is not None and absent != "*":
            raise S3Error("NotImplemented", "If-None-Match may only be * for a write.")
        etag = self.headers.get("if-match")
        return Preconditions(absent is not None, etag.strip('"') if etag else None)

    def kept_headers(self) -> dict[str, str]:
        """Return the headers that are kept with the object.

        Raises:
            S3Error: MetadataTooLarge.
        """
        kept = {name: self.headers[name] for name in _KEPT_HEADERS if name in self.headers}
        if "content-encoding" in kept:
            # aws-chunked is how the body travelled, not what the object is.
            codings = [c for c in kept.pop("content-encoding").replace(" ", "").split(",") if c and c != "aws-chunked"]
            if codings:
                kept["content-encoding"] = ", ".join(codings)
        meta = {name: value for name, value in self.headers.items() if name.startswith("x-amz-meta-")}
        if sum(len(name) + len(value) for name, value in meta.items()) > _MAX_METADATA_BYTES:
            raise S3Error("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size.")
        return kept | meta

    def number(self, name: str, default: int, most: int) -> int:
        """Return a query parameter that counts, capped at ``most``.

        Raises:
            S3Error: InvalidArgument.
        """
        value = self.query.get(name, str(default))
        if not (value.isascii() and value.isdigit()):
            raise S3Error("InvalidArgument", f"{name} must be a number.")
        return min(int(value), most)


def header_map(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by lower-case name; repeated ones are joined with a comma.

    Raises:
        S3Error: InvalidRequest where a header that decides who may do what is given twice.
    """
    found: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip()
        if name in found:
            if name in ("host", "authorization", "content-length") or name.startswith("x-amz-"):
                raise S3Error("InvalidRequest", f"The header {name} is given twice.")
            value = f"{found[name]}, {value}"
        found[name] = value
    return found


def parse_query(raw: bytes) -> dict[str, str]:
    """Return the query's parameters, decoded once (``+`` is a plus).

    Raises:
        S3Error: InvalidArgument where one is given twice, InvalidURI where it is not UTF-8.
    """
    found: dict[str, str] = {}
    for item in raw.split(b"&"):
        if not item:
            continue
        raw_name, _, raw_value = item.partition(b"=")
        try:
            name, value = unquote_to_bytes(raw_name).decode(), unquote_to_bytes(raw_value).decode()
        except UnicodeDecodeError as error:
            raise S3Error("InvalidURI", "The query is not UTF-8.") from error
        if name in found:
            raise S3Error("InvalidArgument", f"The query parameter {name} is given twice.")
        found[name] = value
    return found
