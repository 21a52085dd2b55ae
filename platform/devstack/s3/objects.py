"""Operations on objects."""

from __future__ import annotations

import os
import re
from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime
from urllib.parse import unquote

from devstack.s3 import body, checksums, xmlio
from devstack.s3.errors import S3Error
from devstack.s3.names import check_bucket, check_key
from devstack.s3.records import Record
from devstack.s3.request import Answer, Request

_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z", re.ASCII)
_MAX_PUT_BYTES = 5 << 30
_OVERRIDES = {
    "response-content-type": "content-type",
    "response-content-disposition": "content-disposition",
    "response-content-encoding": "content-encoding",
    "response-content-language": "content-language",
    "response-cache-control": "cache-control",
    "response-expires": "expires",
}


async def put(request: Request) -> Answer:
    """PutObject and, with ``x-amz-copy-source``, CopyObject."""
    if "x-amz-copy-source" in request.headers:
        return await _copy(request)
    want = request.expected()
    if want.size > _MAX_PUT_BYTES:
        raise S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
    only = request.preconditions()
    headers = request.kept_headers()
    store = request.store
    await request.on_thread(store.require_bucket, request.bucket)
    await request.on_thread(store.check, request.bucket, request.key, only)
    staging = await request.on_thread(store.stage)
    try:
        digests = await body.take_in(request.receive, want, staging.write)
        await request.on_thread(staging.close, durable=store.durable)
        sums = {name: checksums.encode(raw) for name, raw in digests.checksums.items()}
        content_type = request.headers.get("content-type", "binary/octet-stream")
        record = Record(digests.size, 0, digests.md5, content_type, headers, sums)
        record = await request.on_thread(store.put, request.bucket, request.key, staging.path, record, only)
    finally:
        await request.on_thread(staging.discard)
    return Answer(200, {"etag": f'"{record.etag}"', **_checksum_headers(record)})


async def get(request: Request) -> Answer:
    """GetObject and HeadObject, with ranges and conditions."""
    fd, record = await request.on_thread(request.store.open, request.bucket, request.key)
    try:
        answer = _read(request, fd, record)
    except BaseException:
        os.close(fd)
        raise
    if answer.file is None:
        os.close(fd)
    return answer


async def delete(request: Request) -> Answer:
    """DeleteObject."""
    await request.on_thread(request.store.delete, request.bucket, request.key)
    return Answer(204)


async def _copy(request: Request) -> Answer:
    path = unquote(request.headers["x-amz-copy-source"]).removeprefix("/")
    source_bucket, _, source_key = path.partition("/")
    source = (check_bucket(source_bucket), check_key(source_key))
    replacing = request.headers.get("x-amz-metadata-directive", "COPY") == "REPLACE"
    if source == (request.bucket, request.key) and not replacing:
        raise S3Error("InvalidRequest", "An object may be copied onto itself only with new metadata.")
    store = request.store
    staging = await request.on_thread(store.stage)
    try:
        record = await request.on_thread(store.copy, source, staging)
        await request.on_thread(staging.close, durable=store.durable)
        if replacing:
            content_type = request.headers.get("content-type", "binary/octet-stream")
            record = Record(record.size, 0, record.etag, content_type, request.kept_headers(), record.checksums)
        only = request.preconditions()
        record = await request.on_thread(store.put, request.bucket, request.key, staging.path, record, only)
    finally:
        await request.on_thread(staging.discard)
    rows: list[tuple[str, xmlio.Value]] = [
        ("LastModified", xmlio.when(record.mtime_ns / 1e9)),
        ("ETag", f'"{record.etag}"'),
    ]
    return Answer.xml(xmlio.render("CopyObjectResult", rows))


def _read(request: Request, fd: int, record: Record) -> Answer:
    modified = os.fstat(fd).st_mtime
    etag = f'"{record.etag}"'
    headers = {
        "content-type": record.content_type,
        "etag": etag,
        "last-modified": formatdate(modified, usegmt=True),
        "accept-ranges": "bytes",
        **record.headers,
    }
    if request.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED" and "range" not in request.headers:
        headers |= _checksum_headers(record)
    if _is_unchanged(request, record, modified):
        return Answer(304, {"etag": etag, "last-modified": headers["last-modified"]})
    for name, header in _OVERRIDES.items():
        if name in request.query:
            headers[header] = request.query[name]
    span = _range(request.headers.get("range"), record.size)
    if span is None:
        headers["content-length"] = str(record.size)
        return Answer(200, headers, file=fd, start=0, length=record.size)
    start, end = span
    headers["content-range"] = f"bytes {start}-{end}/{record.size}"
    headers["content-length"] = str(end - start + 1)
    return Answer(206, headers, file=fd, start=start, length=end - start + 1)


def _is_unchanged(request: Request, record: Record, modified: float) -> bool:
    """Whether the client's copy will do (304).

    Raises:
        S3Error: PreconditionFailed.
    """
    headers = request.headers
    if "if-match" in headers:
        if not _etag_in(headers["if-match"], record):
            raise S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
    elif "if-unmodified-since" in headers and modified >= _seconds(headers["if-unmodified-since"]) + 1:
        raise S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
    if "if-none-match" in headers:
        return _etag_in(headers["if-none-match"], record)
    return "if-modified-since" in headers and modified < _seconds(headers["if-modified-since"]) + 1


def _etag_in(value: str, record: Record) -> bool:
    etags = {part.strip().removeprefix("W/").strip('"') for part in value.split(",")}
    return "*" in etags or record.etag in etags


def _seconds(value: str) -> float:
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError) as error:
        raise S3Error("InvalidArgument", "A date in the request cannot be read.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _range(value: str | None, size: int) -> tuple[int, int] | None:
    """Return the first and last byte asked for; None for the whole object.

    A header of another form is ignored, as HTTP says.

    Raises:
        S3Error: InvalidRange where no byte of the object is in it.
    """
    match = _RANGE.match(value.strip()) if value else None
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
        satisfiable = int(last) > 0 and size > 0
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < int(first):
            return None
        satisfiable = start < size
    if not satisfiable:
        raise S3Error(
            "InvalidRange", "The requested range is not satisfiable", headers={"content-range": f"bytes */{size}"}
        )
    return start, end


def _checksum_headers(record: Record) -> dict[str, str]:
    headers = {f"x-amz-checksum-{name}": value for name, value in record.checksums.items()}
    if headers:
        headers["x-amz-checksum-type"] = "COMPOSITE" if "-" in record.etag else "FULL_OBJECT"
    return headers
