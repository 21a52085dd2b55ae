"""Operations on the store as a whole and on buckets."""

from __future__ import annotations

from devstack.s3 import listing, xmlio
from devstack.s3.errors import S3Error
from devstack.s3.names import check_key
from devstack.s3.request import Answer, Request
from devstack.s3.xmlio import Value

_MAX_KEYS = 1000


async def list_buckets(request: Request) -> Answer:
    """ListBuckets."""
    found = await request.on_thread(request.store.buckets)
    rows: list[tuple[str, Value]] = [
        ("Bucket", [("Name", name), ("CreationDate", xmlio.when(made))]) for name, made in found
    ]
    owner: Value = [("ID", "local"), ("DisplayName", "local")]
    return Answer.xml(xmlio.render("ListAllMyBucketsResult", [("Owner", owner), ("Buckets", rows)]))


async def create(request: Request) -> Answer:
    """CreateBucket."""
    await request.xml()
    await request.on_thread(request.store.create_bucket, request.bucket)
    return Answer(200, {"location": f"/{request.bucket}"})


async def head(request: Request) -> Answer:
    """HeadBucket."""
    await request.on_thread(request.store.require_bucket, request.bucket)
    return Answer(200, {"x-amz-bucket-region": request.region})


async def delete(request: Request) -> Answer:
    """DeleteBucket."""
    await request.on_thread(request.store.delete_bucket, request.bucket)
    return Answer(204)


async def location(request: Request) -> Answer:
    """GetBucketLocation."""
    await request.on_thread(request.store.require_bucket, request.bucket)
    region = "" if request.region == "us-east-1" else request.region
    document = xmlio.render("LocationConstraint", []).replace(
        b"></LocationConstraint>", f">{region}</LocationConstraint>".encode()
    )
    return Answer.xml(document)


async def list_objects(request: Request) -> Answer:
    """ListObjectsV2."""
    query = request.query
    if query.get("list-type") != "2":
        raise S3Error("NotImplemented", "Only version 2 of the listing is provided.")
    limit = request.number("max-keys", _MAX_KEYS, _MAX_KEYS)
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    found = await request.on_thread(
        listing.page,
        request.store,
        request.bucket,
        prefix=prefix,
        delimiter=delimiter,
        after=query.get("start-after", ""),
        token=query.get("continuation-token", ""),
        limit=limit,
    )
    encoded = query.get("encoding-type") == "url"

    def shown(key: str) -> str:
        return xmlio.url_encoded(key) if encoded else key

    rows: list[tuple[str, Value]] = [
        ("Name", request.bucket),
        ("Prefix", shown(prefix)),
        ("MaxKeys", limit),
        ("KeyCount", len(found.objects) + len(found.prefixes)),
        ("IsTruncated", found.next_token is not None),
    ]
    if delimiter:
        rows.append(("Delimiter", shown(delimiter)))
    if encoded:
        rows.append(("EncodingType", "url"))
    for name, element in (("continuation-token", "ContinuationToken"), ("start-after", "StartAfter")):
        if query.get(name):
            rows.append((element, query[name] if name == "continuation-token" else shown(query[name])))
    if found.next_token is not None:
        rows.append(("NextContinuationToken", found.next_token))
    for key, record, modified in found.objects:
        row: list[tuple[str, Value]] = [
            ("Key", shown(key)),
            ("LastModified", xmlio.when(modified)),
            ("ETag", f'"{record.etag}"'),
            ("Size", record.size),
            ("StorageClass", "STANDARD"),
        ]
        rows.append(("Contents", row))
    rows += [("CommonPrefixes", [("Prefix", shown(common))]) for common in found.prefixes]
    return Answer.xml(xmlio.render("ListBucketResult", rows))


async def delete_objects(request: Request) -> Answer:
    """DeleteObjects: up to 1000 keys in one request."""
    root = xmlio.parse(await request.xml())
    await request.on_thread(request.store.require_bucket, request.bucket)
    quiet = root.findtext("Quiet", "").strip() == "true"
    keys = [xmlio.text(entry, "Key") for entry in xmlio.children(root, "Object", most=_MAX_KEYS)]
    rows: list[tuple[str, Value]] = []
    for key in keys:
        try:
            await request.on_thread(request.store.delete, request.bucket, check_key(key))
        except S3Error as error:
            rows.append(("Error", [("Key", key), ("Code", error.code), ("Message", error.message)]))
        else:
            if not quiet:
                rows.append(("Deleted", [("Key", key)]))
    return Answer.xml(xmlio.render("DeleteResult", rows))
