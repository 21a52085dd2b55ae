"""Operations of multipart uploads."""

from __future__ import annotations

from devstack.s3 import body, checksums, xmlio
from devstack.s3.errors import S3Error
from devstack.s3.multipart import MAX_PARTS, Upload
from devstack.s3.request import Answer, Request
from devstack.s3.xmlio import Value

_PAGE = 1000


async def create(request: Request) -> Answer:
    """CreateMultipartUpload."""
    algorithm = request.headers.get("x-amz-checksum-algorithm", "").lower() or None
    if algorithm is not None and not checksums.known(algorithm):
        raise S3Error("InvalidRequest", f"The checksum algorithm {algorithm} is not supported.")
    content_type = request.headers.get("content-type", "binary/octet-stream")
    upload = await request.on_thread(
        request.multipart.create, request.bucket, request.key, content_type, request.kept_headers(), algorithm
    )
    rows: list[tuple[str, Value]] = [("Bucket", upload.bucket), ("Key", upload.key), ("UploadId", upload.id)]
    answer = Answer.xml(xmlio.render("InitiateMultipartUploadResult", rows))
    if algorithm:
        answer.headers["x-amz-checksum-algorithm"] = algorithm.upper()
    return answer


async def upload_part(request: Request) -> Answer:
    """UploadPart."""
    if "x-amz-copy-source" in request.headers:
        raise S3Error("NotImplemented", "UploadPartCopy is not provided by the embedded store.")
    upload = await _upload(request)
    number = request.number("partNumber", 0, MAX_PARTS + 1)
    want = request.expected()
    if upload.checksum and upload.checksum not in (*want.checksums, *want.trailers):
        raise S3Error("InvalidRequest", f"The upload was begun with {upload.checksum.upper()}: each part needs it.")
    multipart = request.multipart
    writer = await request.on_thread(multipart.open_part, upload, number, want.size)
    try:
        digests = await body.take_in(request.receive, want, writer.write)
        part = await request.on_thread(multipart.keep, writer, digests)
    except BaseException:
        await request.on_thread(multipart.drop, writer)
        raise
    return Answer(
        200, {"etag": f'"{part.etag}"', **{f"x-amz-checksum-{name}": value for name, value in part.checksums.items()}}
    )


async def list_parts(request: Request) -> Answer:
    """ListParts."""
    upload = await _upload(request)
    after = request.number("part-number-marker", 0, MAX_PARTS)
    most = request.number("max-parts", _PAGE, _PAGE)
    waiting = [part for part in await request.on_thread(request.multipart.parts, upload) if part.number > after]
    page = waiting[:most]
    rows: list[tuple[str, Value]] = [
        ("Bucket", upload.bucket),
        ("Key", upload.key),
        ("UploadId", upload.id),
        ("PartNumberMarker", after),
        ("NextPartNumberMarker", page[-1].number if page else after),
        ("MaxParts", most),
        ("IsTruncated", len(waiting) > len(page)),
        ("StorageClass", "STANDARD"),
    ]
    if upload.checksum:
        rows.append(("ChecksumAlgorithm", upload.checksum.upper()))
    for part in page:
        row: list[tuple[str, Value]] = [
            ("PartNumber", part.number),
            ("LastModified", xmlio.when(part.modified)),
            ("ETag", f'"{part.etag}"'),
            ("Size", part.size),
        ]
        row += [(f"Checksum{name.upper()}", value) for name, value in part.checksums.items()]
        rows.append(("Part", row))
    return Answer.xml(xmlio.render("ListPartsResult", rows))


async def complete(request: Request) -> Answer:
    """CompleteMultipartUpload."""
    upload = await _upload(request)
    root = xmlio.parse(await request.xml())
    wanted = []
    for entry in xmlio.children(root, "Part", most=MAX_PARTS):
        number = xmlio.text(entry, "PartNumber")
        if not (number.isascii() and number.isdigit()):
            raise S3Error("MalformedXML", "PartNumber must be a number.")
        sums = {
            child.tag.removeprefix("Checksum").lower(): (child.text or "").strip()
            for child in entry
            if child.tag.startswith("Checksum")
        }
        wanted.append((int(number), xmlio.text(entry, "ETag").strip('"'), sums))
    said = request.headers.get("x-amz-mp-object-size")
    if said is not None and not (said.isascii() and said.isdigit()):
        raise S3Error("InvalidRequest", "x-amz-mp-object-size must be a number.")
    size = int(said) if said is not None else None
    record = await request.on_thread(request.multipart.complete, upload, wanted, request.preconditions(), size)
    rows: list[tuple[str, Value]] = [
        ("Location", f"/{upload.bucket}/{upload.key}"),
        ("Bucket", upload.bucket),
        ("Key", upload.key),
        ("ETag", f'"{record.etag}"'),
    ]
    rows += [(f"Checksum{name.upper()}", value) for name, value in record.checksums.items()]
    return Answer.xml(xmlio.render("CompleteMultipartUploadResult", rows))


async def abort(request: Request) -> Answer:
    """AbortMultipartUpload."""
    upload = await _upload(request)
    await request.on_thread(request.multipart.abort, upload)
    return Answer(204)


async def list_uploads(request: Request) -> Answer:
    """ListMultipartUploads, up to 1000 of them."""
    prefix = request.query.get("prefix", "")
    found = await request.on_thread(request.multipart.uploads, request.bucket, prefix)
    most = request.number("max-uploads", _PAGE, _PAGE)
    rows: list[tuple[str, Value]] = [
        ("Bucket", request.bucket),
        ("Prefix", prefix),
        ("MaxUploads", most),
        ("IsTruncated", len(found) > most),
    ]
    for upload in found[:most]:
        row: list[tuple[str, Value]] = [
            ("Key", upload.key),
            ("UploadId", upload.id),
            ("Initiated", xmlio.when(upload.initiated)),
            ("StorageClass", "STANDARD"),
        ]
        rows.append(("Upload", row))
    return Answer.xml(xmlio.render("ListMultipartUploadsResult", rows))


async def _upload(request: Request) -> Upload:
    return await request.on_thread(
        request.multipart.get, request.query.get("uploadId", ""), request.bucket, request.key
    )
