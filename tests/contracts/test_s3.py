"""What the product relies on of an object store, asked of the embedded one with boto3 and as a browser does."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import os
import socket
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import crc32c
import pytest
import time_machine
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum

from core.clock import now
from tests.contracts.s3_server import ACCESS_KEY, BUCKET, SECRET_KEY, S3Server, free_port

MIB = 1 << 20
ORIGIN = "http://acme.lms.localhost:8000"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with S3Server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture(scope="module")
def s3(server: S3Server) -> Any:
    return server.client()


@pytest.fixture
def key() -> str:
    return f"t/{uuid4()}/in/{uuid4()}"


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def sha256(data: bytes) -> str:
    return b64(hashlib.sha256(data).digest())


def refusal(call: Any, *args: Any, **kwargs: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as caught:
        call(*args, **kwargs)
    return caught.value.response["ResponseMetadata"]["HTTPStatusCode"], caught.value.response["Error"]["Code"]


# -- objects


def test_an_object_comes_back_as_it_went_in(s3: Any, key: str) -> None:
    body = os.urandom(300_000)
    put = s3.put_object(
        Bucket=BUCKET,
        Key=key,
        Body=body,
        ContentType="video/mp4",
        CacheControl="private",
        ContentDisposition='attachment; filename="ä.mp4"'.encode().decode("latin-1"),
        Metadata={"origin": "camera 7"},
    )
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=BUCKET, Key=key)
    assert got["Body"].read() == body
    assert (got["ContentType"], got["CacheControl"], got["Metadata"]) == (
        "video/mp4",
        "private",
        {"origin": "camera 7"},
    )
    head = s3.head_object(Bucket=BUCKET, Key=key)
    assert (head["ContentLength"], head["ETag"]) == (len(body), put["ETag"])
    s3.delete_object(Bucket=BUCKET, Key=key)
    s3.delete_object(Bucket=BUCKET, Key=key)
    assert refusal(s3.head_object, Bucket=BUCKET, Key=key)[0] == 404
    assert refusal(s3.get_object, Bucket=BUCKET, Key=key) == (404, "NoSuchKey")


def test_the_file_of_an_object_lies_where_the_front_door_looks(server: S3Server, s3: Any, key: str) -> None:
    from devstack.s3.layout import object_root

    s3.put_object(Bucket=BUCKET, Key=key, Body=b"abc")
    assert (object_root(server.data_dir, BUCKET) / key).read_bytes() == b"abc"
    assert sorted(p.name for p in (object_root(server.data_dir, BUCKET) / key).parent.iterdir()) == [
        key.rsplit("/")[-1]
    ]


def test_ranges(s3: Any, key: str) -> None:
    body = bytes(range(256)) * 10
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    for asked, first, last in (
        ("bytes=0-0", 0, 0),
        ("bytes=10-99", 10, 99),
        ("bytes=2500-", 2500, 2559),
        ("bytes=2500-9999", 2500, 2559),
        ("bytes=-50", 2510, 2559),
        ("bytes=-99999", 0, 2559),
    ):
        got = s3.get_object(Bucket=BUCKET, Key=key, Range=asked)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert got["ContentRange"] == f"bytes {first}-{last}/2560"
        assert got["Body"].read() == body[first : last + 1]
    for asked in ("bytes=2560-", "bytes=9999-10000", "bytes=-0"):
        assert refusal(s3.get_object, Bucket=BUCKET, Key=key, Range=asked) == (416, "InvalidRange")
    for ignored in ("bytes=5-1", "lines=1-2", "bytes=0-1,5-6"):
        assert s3.get_object(Bucket=BUCKET, Key=key, Range=ignored)["Body"].read() == body


def test_an_empty_object(s3: Any, key: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b""
    assert refusal(s3.get_object, Bucket=BUCKET, Key=key, Range="bytes=-1") == (416, "InvalidRange")


def test_conditions(s3: Any, key: str) -> None:
    etag = s3.put_object(Bucket=BUCKET, Key=key, Body=b"one", IfNoneMatch="*")["ETag"]
    assert refusal(s3.put_object, Bucket=BUCKET, Key=key, Body=b"two", IfNoneMatch="*") == (412, "PreconditionFailed")
    assert refusal(s3.put_object, Bucket=BUCKET, Key=key, Body=b"two", IfMatch='"other"') == (412, "PreconditionFailed")
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"one"
    assert refusal(s3.get_object, Bucket=BUCKET, Key=key, IfNoneMatch=etag)[0] == 304
    assert refusal(s3.get_object, Bucket=BUCKET, Key=key, IfMatch='"other"')[0] == 412
    assert refusal(s3.head_object, Bucket=BUCKET, Key=key, IfModifiedSince=now() + timedelta(hours=1))[0] == 304
    assert s3.get_object(Bucket=BUCKET, Key=key, IfMatch=etag)["Body"].read() == b"one"
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"two", IfMatch=etag)


def test_of_many_that_write_only_if_absent_one_wins(server: S3Server, s3: Any, key: str) -> None:
    def write(n: int) -> bool:
        try:
            s3.put_object(Bucket=BUCKET, Key=key, Body=str(n).encode() * 1000, IfNoneMatch="*")
        except ClientError as error:
            return error.response["Error"]["Code"] != "PreconditionFailed"
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(write, range(8)))
    assert won.count(True) == 1
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == str(won.index(True)).encode() * 1000


def test_copy(s3: Any, key: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"source", ContentType="text/vtt", Metadata={"a": "b"})
    s3.copy_object(Bucket=BUCKET, Key=f"{key}-copy", CopySource={"Bucket": BUCKET, "Key": key})
    got = s3.get_object(Bucket=BUCKET, Key=f"{key}-copy")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"source", "text/vtt", {"a": "b"})
    source = {"Bucket": BUCKET, "Key": f"{key}-gone"}
    assert refusal(s3.copy_object, Bucket=BUCKET, Key=key, CopySource=source) == (404, "NoSuchKey")


def test_listing_goes_by_the_bytes_of_keys_and_pages_lose_nothing(s3: Any) -> None:
    root = f"t/{uuid4()}/"
    names = ["a", "a-b/x", "a.b", "a/x", "a/y/z", "a0", "b/1", "b/2", "ü", "b-", "B"]
    names.remove("a")  # a key may not run through another object
    for name in names:
        s3.put_object(Bucket=BUCKET, Key=root + name, Body=name.encode())
    whole = sorted((root + name for name in names), key=lambda k: k.encode())
    for size in (1, 2, 3, 1000):
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=BUCKET, Prefix=root, PaginationConfig={"PageSize": size}
        )
        assert [found["Key"] for page in pages for found in page.get("Contents", [])] == whole
    for size in (1, 2, 1000):
        pages = list(
            s3.get_paginator("list_objects_v2").paginate(
                Bucket=BUCKET, Prefix=root, Delimiter="/", PaginationConfig={"PageSize": size}
            )
        )
        folders = [p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])]
        files = [found["Key"] for page in pages for found in page.get("Contents", [])]
        assert folders == [root + "a-b/", root + "a/", root + "b/"]
        assert files == [k for k in whole if "/" not in k.removeprefix(root)]
    after = s3.list_objects_v2(Bucket=BUCKET, Prefix=root, StartAfter=root + "a/y")["Contents"]
    assert [found["Key"] for found in after] == [k for k in whole if k > root + "a/y"]


def test_deleting_many_at_once(s3: Any) -> None:
    root = f"t/{uuid4()}/"
    for n in range(5):
        s3.put_object(Bucket=BUCKET, Key=f"{root}x/{n}", Body=b"1")
    objects = [{"Key": f"{root}x/{n}"} for n in range(5)] + [{"Key": f"{root}never"}, {"Key": f"{root}../escape"}]
    done = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": objects})
    assert len(done["Deleted"]) == 6
    assert [error["Code"] for error in done["Errors"]] == ["InvalidURI"]
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix=root)["KeyCount"] == 0


def test_buckets(s3: Any) -> None:
    assert refusal(s3.create_bucket, Bucket=BUCKET) == (409, "BucketAlreadyOwnedByYou")
    s3.head_bucket(Bucket=BUCKET)
    name = f"b-{uuid4()}"
    assert refusal(s3.head_bucket, Bucket=name)[0] == 404
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a/b", Body=b"")
    assert refusal(s3.delete_bucket, Bucket=name) == (409, "BucketNotEmpty")
    s3.delete_object(Bucket=name, Key="a/b")
    s3.delete_bucket(Bucket=name)
    assert {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]} >= {BUCKET}
    assert refusal(s3.put_object, Bucket=name, Key="x", Body=b"") == (404, "NoSuchBucket")
    for operation, arguments in (
        (
            s3.put_bucket_cors,
            {"CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}},
        ),
        (s3.put_bucket_versioning, {"VersioningConfiguration": {"Status": "Enabled"}}),
        (s3.get_bucket_acl, {}),
    ):
        assert refusal(operation, Bucket=BUCKET, **arguments) == (501, "NotImplemented")


# -- who may


def test_unsigned_requests_are_refused(server: S3Server, s3: Any, key: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"private")
    url = f"{server.url}/{BUCKET}/{key}"
    for method in ("GET", "HEAD", "PUT", "DELETE", "POST"):
        assert server.send(method, url).status_code == 403
    assert server.send("GET", f"{server.url}/{BUCKET}?list-type=2").status_code == 403
    assert server.send("GET", server.url + "/").status_code == 403
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"private"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"aws_access_key_id": "AKIASOMEONE"}, "InvalidAccessKeyId"),
        ({"aws_secret_access_key": "guess"}, "SignatureDoesNotMatch"),
        ({"region_name": "eu-west-1"}, "AuthorizationHeaderMalformed"),
    ],
)
def test_other_credentials_are_refused(server: S3Server, changed: dict[str, str], code: str) -> None:
    assert refusal(server.client(**changed).list_objects_v2, Bucket=BUCKET)[1] == code


def test_a_presigned_url_opens_what_it_names_and_nothing_else(server: S3Server, s3: Any, key: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"mine")
    s3.put_object(Bucket=BUCKET, Key=f"{key}-other", Body=b"not mine")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=60)
    assert server.send("GET", url).content == b"mine"
    assert server.send("HEAD", url).status_code == 403
    assert server.send("PUT", url, b"x").status_code == 403
    for tampered in (
        url.replace(key, f"{key}-other"),
        url.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"),
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url + "&response-content-type=text/html",
        url.replace("X-Amz-Date=2", "X-Amz-Date=3"),
        url.replace(ACCESS_KEY, "AKIASOMEONE"),
        url.replace("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders="),
        url.replace("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=NONE"),
        url + "&X-Amz-Expires=60",
        url.split("&X-Amz-Signature")[0],
    ):
        assert server.send("GET", tampered).status_code in (400, 403), tampered
    assert server.send("GET", url, host="127.0.0.1:1").status_code == 403


def test_a_presigned_url_ends(server: S3Server, s3: Any, key: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    with time_machine.travel(now() - timedelta(seconds=90)):
        url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=60)
        open_still = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=600)
    answer = server.send("GET", url)
    assert answer.status_code == 403
    assert b"Request has expired" in answer.content
    assert server.send("GET", open_still).status_code == 200
    with time_machine.travel(now() + timedelta(hours=1)):
        early = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=600)
        assert refusal(s3.get_object, Bucket=BUCKET, Key=key) == (403, "RequestTimeTooSkewed")
    assert server.send("GET", early).status_code == 403


def test_headers_that_are_not_signed_change_nothing(server: S3Server, s3: Any, key: str) -> None:
    url = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=60)
    added = {"x-amz-copy-source": f"/{BUCKET}/{key}", "x-amz-meta-a": "b", "x-amz-acl": "public-read"}
    for name, value in added.items():
        assert server.send("PUT", url, b"x", **{name: value}).status_code == 403
    assert server.send("PUT", url, b"x").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd", "a/../../b", "a/./b", "a//b", "/a", "a/", "..", ".", "%2e%2e/x", "a/%2e%2e/%2e%2e/x",
        "a%2f..%2f..%2fx", "a\\b", "a%5c..%5cb", "a%00b", "a%0ab", "%ff%fe", "x" * 1025, "x" * 256,
    ],
)  # fmt: skip
def test_no_key_leads_out_of_the_store(server: S3Server, path: str) -> None:
    before = sorted(server.data_dir.rglob("*"))
    for method in ("PUT", "GET", "DELETE"):
        request = AWSRequest(method, f"{server.url}/{BUCKET}/{path}", data=b"x" if method == "PUT" else b"")
        request.headers["host"] = f"127.0.0.1:{server.port}"
        request.headers["x-amz-content-sha256"] = hashlib.sha256(request.data).hexdigest()
        signer = S3SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "s3", "us-east-1")
        signer.add_auth(request)
        target = f"{server.url}/{BUCKET}/{path}"
        answer = server.send(method, target, request.data, **dict(request.headers.items()))
        assert answer.status_code in (400, 403), (method, answer.status_code, answer.text)
    assert sorted(server.data_dir.rglob("*")) == before


def test_a_key_does_not_run_through_another_object(s3: Any, key: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    assert refusal(s3.put_object, Bucket=BUCKET, Key=f"{key}/y", Body=b"") == (400, "InvalidRequest")
    s3.put_object(Bucket=BUCKET, Key=f"{key}.d/y", Body=b"")
    assert refusal(s3.put_object, Bucket=BUCKET, Key=f"{key}.d", Body=b"") == (400, "InvalidRequest")
    assert refusal(s3.get_object, Bucket=BUCKET, Key=f"{key}.d") == (404, "NoSuchKey")
    s3.delete_object(Bucket=BUCKET, Key=f"{key}.d")
    assert s3.get_object(Bucket=BUCKET, Key=f"{key}.d/y")["Body"].read() == b""


# -- checksums and lengths


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "SHA1", "SHA256"])
def test_checksums_in_headers(server: S3Server, s3: Any, key: str, algorithm: str) -> None:
    body = os.urandom(100_000)
    right = {
        "CRC32": b64(zlib.crc32(body).to_bytes(4, "big")),
        "CRC32C": b64(crc32c.crc32c(body).to_bytes(4, "big")),
        "SHA1": b64(hashlib.sha1(body).digest()),
        "SHA256": sha256(body),
    }[algorithm]
    wrong = b64(bytes(len(base64.b64decode(right))))
    field = f"Checksum{algorithm}"
    assert refusal(s3.put_object, Bucket=BUCKET, Key=key, Body=body, **{field: wrong}) == (400, "BadDigest")
    assert refusal(s3.put_object, Bucket=BUCKET, Key=key, Body=body, **{field: "bm90"}) == (400, "InvalidRequest")
    assert refusal(s3.head_object, Bucket=BUCKET, Key=key)[0] == 404
    assert s3.put_object(Bucket=BUCKET, Key=key, Body=body, **{field: right})[field] == right
    assert s3.head_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")[field] == right
    checking = server.client(config={"response_checksum_validation": "when_supported"})
    if algorithm != "CRC32C":  # botocore checks that one with a library of its own
        assert checking.get_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")["Body"].read() == body


def test_content_md5(s3: Any, key: str) -> None:
    right = b64(hashlib.md5(b"body").digest())
    assert refusal(s3.put_object, Bucket=BUCKET, Key=key, Body=b"bodi", ContentMD5=right) == (400, "BadDigest")
    assert refusal(s3.put_object, Bucket=BUCKET, Key=key, Body=b"body", ContentMD5="x") == (400, "InvalidDigest")
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"body", ContentMD5=right)


def test_default_checksums_of_boto3(server: S3Server, key: str) -> None:
    by_default = server.client(
        config={"request_checksum_calculation": "when_supported", "response_checksum_validation": "when_supported"}
    )
    by_default.put_object(Bucket=BUCKET, Key=key, Body=io.BytesIO(b"stream"))
    assert by_default.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"stream"
    by_default.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key}]})


def test_a_body_other_than_the_signed_one_is_refused(server: S3Server, s3: Any, key: str) -> None:
    request = AWSRequest("PUT", f"{server.url}/{BUCKET}/{key}", data=b"signed")
    request.headers["host"] = f"127.0.0.1:{server.port}"
    S3SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "s3", "us-east-1").add_auth(request)
    request.headers["x-amz-content-sha256"] = hashlib.sha256(b"signed").hexdigest()
    S3SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "s3", "us-east-1").add_auth(request)
    headers = dict(request.headers.items())
    assert server.send("PUT", request.url, b"forged", **headers).status_code == 400
    assert refusal(s3.head_object, Bucket=BUCKET, Key=key)[0] == 404
    assert server.send("PUT", request.url, b"signed", **headers).status_code == 200


class Trailing:
    """A PUT whose checksum follows the body, as boto3 sends it over TLS."""

    def __init__(self, server: S3Server, key: str, body: bytes, said: int | None = None) -> None:
        self._server = server
        self.wire = AwsChunkedWrapper(
            io.BytesIO(body), Crc32Checksum, "x-amz-checksum-crc32", chunk_size=64 * 1024
        ).read()
        self.request = AWSRequest("PUT", f"{server.url}/{BUCKET}/{key}")
        for name, value in (
            ("host", f"127.0.0.1:{server.port}"),
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", str(len(body) if said is None else said)),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ):
            self.request.headers[name] = value

    def send(self, wire: bytes | None = None) -> Any:
        signer = S3SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "s3", "us-east-1")
        self.request.context["checksum"] = {"request_algorithm": {"in": "trailer", "algorithm": "crc32"}}
        self.request.headers["x-amz-content-sha256"] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        signer.payload = lambda _: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"  # type: ignore[method-assign]
        signer.add_auth(self.request)
        return self._server.send("PUT", self.request.url, wire or self.wire, **dict(self.request.headers.items()))


def test_trailing_checksums(server: S3Server, s3: Any, key: str) -> None:
    body = os.urandom(200_000)
    right = Trailing(server, key, body)
    assert b"\r\nx-amz-checksum-crc32:" in right.wire
    for damaged in (
        right.wire.replace(body[1000:1010], bytes(10), 1),
        right.wire.replace(b"x-amz-checksum-crc32:", b"x-amz-checksum-sha256:"),
        right.wire[:-2],
        right.wire[:-4] + b"\r\n\r\n" + b"more",
        right.wire.replace(b"10000\r\n", b"10001\r\n", 1),
        right.wire.replace(b"10000\r\n", b"-1\r\n", 1),
        b"0\r\n\r\n",
    ):
        assert Trailing(server, key, body).send(damaged).status_code == 400
    short = Trailing(server, key, body, said=199_999)
    assert short.send().status_code == 400
    assert refusal(s3.head_object, Bucket=BUCKET, Key=key)[0] == 404
    assert right.send().status_code == 200
    got = s3.get_object(Bucket=BUCKET, Key=key)
    assert got["Body"].read() == body
    assert "ContentEncoding" not in got


# -- multipart


def begin(s3: Any, key: str, **more: Any) -> str:
    return s3.create_multipart_upload(Bucket=BUCKET, Key=key, ContentType="video/mp4", **more)["UploadId"]


def part_url(s3: Any, key: str, upload: str, number: int, data: bytes, seconds: int = 60) -> str:
    return s3.generate_presigned_url(
        "upload_part",
        Params={
            "Bucket": BUCKET,
            "Key": key,
            "UploadId": upload,
            "PartNumber": number,
            "ContentLength": len(data),
            "ChecksumSHA256": sha256(data),
        },
        ExpiresIn=seconds,
    )


def finish(s3: Any, key: str, upload: str, **more: Any) -> Any:
    parts = s3.list_parts(Bucket=BUCKET, Key=key, UploadId=upload).get("Parts", [])
    chosen = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
    return s3.complete_multipart_upload(
        Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": chosen}, **more
    )


def test_an_upload_by_presigned_parts_in_any_order(server: S3Server, s3: Any, key: str) -> None:
    parts = [os.urandom(5 * MIB), os.urandom(5 * MIB), os.urandom(5 * MIB), os.urandom(1_234_567)]
    upload = begin(s3, key, ChecksumAlgorithm="SHA256")

    def send(number: int) -> None:
        data = parts[number - 1]
        answer = server.send(
            "PUT", part_url(s3, key, upload, number, data), data, **{"x-amz-checksum-sha256": sha256(data)}
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["etag"] == f'"{hashlib.md5(data).hexdigest()}"'

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, (4, 2, 3, 1)))
    listed = s3.list_parts(Bucket=BUCKET, Key=key, UploadId=upload)
    assert [(p["PartNumber"], p["Size"], p["ChecksumSHA256"]) for p in listed["Parts"]] == [
        (n, len(data), sha256(data)) for n, data in enumerate(parts, 1)
    ]
    page = s3.list_parts(Bucket=BUCKET, Key=key, UploadId=upload, MaxParts=2, PartNumberMarker=1)
    assert ([p["PartNumber"] for p in page["Parts"]], page["IsTruncated"]) == ([2, 3], True)
    assert refusal(s3.head_object, Bucket=BUCKET, Key=key)[0] == 404
    done = finish(s3, key, upload, MpuObjectSize=sum(map(len, parts)))
    digest = hashlib.md5(b"".join(hashlib.md5(p).digest() for p in parts)).hexdigest()
    assert done["ETag"] == f'"{digest}-4"'
    whole = b"".join(hashlib.sha256(p).digest() for p in parts)
    assert done["ChecksumSHA256"] == f"{sha256(whole)}-4"
    got = s3.get_object(Bucket=BUCKET, Key=key)
    assert (got["Body"].read() == b"".join(parts), got["ContentType"]) == (True, "video/mp4")
    assert refusal(s3.list_parts, Bucket=BUCKET, Key=key, UploadId=upload) == (404, "NoSuchUpload")


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))))
@pytest.mark.parametrize("sizes", [(5 * MIB, 5 * MIB, 17), (5 * MIB, 6 * MIB, 5 * MIB), (5 * MIB + 1, 5 * MIB + 1, 9)])
def test_parts_of_any_size_come_together_in_order(
    s3: Any, key: str, order: tuple[int, ...], sizes: tuple[int, ...]
) -> None:
    upload = begin(s3, key)
    parts = [os.urandom(16) * (size // 16) + bytes(size % 16) for size in sizes]
    for number in order:
        s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=number, Body=parts[number - 1])
    # Sent again, with another content.
    parts[1] = b"again" + parts[1][5:]
    s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=2, Body=parts[1])
    finish(s3, key, upload)
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"".join(parts)


def test_parts_may_be_left_out(s3: Any, key: str) -> None:
    upload = begin(s3, key)
    parts = {number: os.urandom(16) * (5 * MIB // 16) for number in (1, 2, 3, 7)}
    etags = {}
    for number, data in parts.items():
        sent = s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=number, Body=data)
        etags[number] = sent["ETag"]
    chosen = [{"PartNumber": number, "ETag": etags[number]} for number in (1, 3, 7)]
    s3.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": chosen})
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == parts[1] + parts[3] + parts[7]


def test_wrong_parts_are_refused(server: S3Server, s3: Any, key: str) -> None:
    upload = begin(s3, key, ChecksumAlgorithm="SHA256")
    good = os.urandom(5 * MIB)
    url = part_url(s3, key, upload, 1, good)
    checksum = {"x-amz-checksum-sha256": sha256(good)}
    other = good[:-1] + bytes([good[-1] ^ 1])
    assert server.send("PUT", url, other, **checksum).status_code == 400
    assert server.send("PUT", url, good + b"\0", **checksum).status_code == 403  # the length is signed
    assert server.send("PUT", url, good[:-1], **checksum).status_code == 403
    assert server.send("PUT", url, good).status_code == 403  # so is the checksum
    assert server.send("PUT", url.replace("partNumber=1", "partNumber=2"), good, **checksum).status_code == 403
    assert "Parts" not in s3.list_parts(Bucket=BUCKET, Key=key, UploadId=upload)
    plain = s3.generate_presigned_url(
        "upload_part", Params={"Bucket": BUCKET, "Key": key, "UploadId": upload, "PartNumber": 1}
    )
    assert server.send("PUT", plain, good).status_code == 400  # the upload was begun with checksums
    assert server.send("PUT", url, good, **checksum).status_code == 200
    assert refusal(s3.upload_part, Bucket=BUCKET, Key=f"{key}x", UploadId=upload, PartNumber=1, Body=b"") == (
        404,
        "NoSuchUpload",
    )
    for number in (0, 10_001):
        assert refusal(
            s3.upload_part,
            Bucket=BUCKET,
            Key=key,
            UploadId=upload,
            PartNumber=number,
            Body=b"",
            ChecksumSHA256=sha256(b""),
        ) == (400, "InvalidArgument")


def test_wrong_completions_are_refused(s3: Any, key: str) -> None:
    upload = begin(s3, key)
    etags = [
        s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=n, Body=bytes(size))["ETag"]
        for n, size in ((1, 5 * MIB), (2, 1000), (3, 1000))
    ]

    def complete(*parts: tuple[int, str], **more: Any) -> tuple[int, str]:
        chosen = [{"PartNumber": number, "ETag": etag} for number, etag in parts]
        return refusal(
            s3.complete_multipart_upload,
            **{"Bucket": BUCKET, "Key": key, "UploadId": upload, "MultipartUpload": {"Parts": chosen}, **more},
        )

    assert complete((1, etags[1])) == (400, "InvalidPart")
    assert complete((1, etags[0]), (4, etags[1])) == (400, "InvalidPart")
    assert complete((2, etags[1]), (1, etags[0])) == (400, "InvalidPartOrder")
    assert complete((1, etags[0]), (1, etags[0])) == (400, "InvalidPartOrder")
    assert complete((2, etags[1]), (3, etags[2])) == (400, "EntityTooSmall")
    assert complete((1, etags[0]), (2, etags[1]), MpuObjectSize=7) == (400, "InvalidRequest")
    assert complete((1, etags[0]), UploadId="0" * 32) == (404, "NoSuchUpload")
    assert complete((1, etags[0]), UploadId="../../objects") == (404, "NoSuchUpload")
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"first")
    assert complete((1, etags[0]), IfNoneMatch="*") == (412, "PreconditionFailed")
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"first"
    finish_parts = [{"PartNumber": 1, "ETag": etags[0]}, {"PartNumber": 2, "ETag": etags[1]}]
    s3.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": finish_parts})
    assert s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"] == 5 * MIB + 1000


def test_giving_an_upload_up(server: S3Server, s3: Any, key: str) -> None:
    upload = begin(s3, key)
    s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=bytes(5 * MIB))
    uploads = s3.list_multipart_uploads(Bucket=BUCKET, Prefix=key)["Uploads"]
    assert [(u["Key"], u["UploadId"]) for u in uploads] == [(key, upload)]
    s3.abort_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET, Prefix=key)
    assert refusal(s3.abort_multipart_upload, Bucket=BUCKET, Key=key, UploadId=upload) == (404, "NoSuchUpload")
    assert not list((server.data_dir / "s3" / "uploads").glob(f"{upload}*"))


def test_hostile_xml_is_refused(server: S3Server, s3: Any, key: str) -> None:
    upload = begin(s3, key)
    url = s3.generate_presigned_url(
        "complete_multipart_upload", Params={"Bucket": BUCKET, "Key": key, "UploadId": upload}
    )
    bomb = b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><CompleteMultipartUpload>&b;</CompleteMultipartUpload>'
    for body in (bomb, b"", b"<x", b"<x/>", b"\xff\xfe<\x00x\x00"):
        answer = server.send("POST", url, body)
        assert (answer.status_code, b"MalformedXML" in answer.content) == (400, True), body
    assert server.send("POST", url, bytes(3 * MIB)).status_code == 400


# -- a browser on an organization's host


def preflight(server: S3Server, url: str, **headers: str) -> Any:
    wanted = {
        "origin": ORIGIN,
        "access-control-request-method": "PUT",
        "access-control-request-headers": "x-amz-checksum-sha256,content-type",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return server.send("OPTIONS", url, **wanted)


def test_an_organizations_host_may_upload(server: S3Server, s3: Any, key: str) -> None:
    upload = begin(s3, key)
    data = b"tiny"
    url = part_url(s3, key, upload, 1, data)
    asked = preflight(server, url)
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == ORIGIN
    assert "PUT" in asked.headers["access-control-allow-methods"]
    assert "x-amz-checksum-sha256" in asked.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in asked.headers
    sent = server.send("PUT", url, data, origin=ORIGIN, **{"x-amz-checksum-sha256": sha256(data)})
    assert sent.status_code == 200
    assert sent.headers["access-control-allow-origin"] == ORIGIN
    assert "ETag" in sent.headers["access-control-expose-headers"]
    assert "Origin" in sent.headers["vary"]
    refused = server.send("PUT", url, b"tiny!", origin=ORIGIN, **{"x-amz-checksum-sha256": sha256(data)})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (403, ORIGIN)


def test_a_domain_of_an_organizations_own_may_upload(server: S3Server, s3: Any, key: str) -> None:
    data, own = b"tiny", "http://learn.acme.example:8000"
    url = part_url(s3, key, begin(s3, key), 1, data)
    assert preflight(server, url, origin=own).headers["access-control-allow-origin"] == own
    sent = server.send("PUT", url, data, origin=own, **{"x-amz-checksum-sha256": sha256(data)})
    assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (200, own)
    assert "access-control-allow-credentials" not in sent.headers


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example", "http://evil.example:8001", "https://learn.acme.example:8000",
        "http://u.content.lms.localhost:8000", "https://acme.lms.localhost:8000", "http://acme.lms.localhost", "http://lms.localhost:8000",
        "http://acme.lms.localhost:8001", "http://a.b.lms.localhost:8000", "http://acme.lms.localhost:8000.evil.example",
        "http://evil.example?.lms.localhost:8000", "http://localhost:8000", "null", "http://.lms.localhost:8000",
        "http://content.lms.localhost:8000", "http://staff.lms.localhost:8000", "http://mail.lms.localhost:8000",
        "http://-acme.lms.localhost:8000",
    ],
)  # fmt: skip
def test_no_other_origin_may_read_an_answer(server: S3Server, s3: Any, key: str, origin: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key})
    assert preflight(server, url, origin=origin).status_code == 403
    answer = server.send("GET", url, origin=origin)
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"]


def test_a_preflight_for_more_than_uploading_is_refused(server: S3Server, key: str) -> None:
    url = f"{server.url}/{BUCKET}/{key}"
    assert preflight(server, url, access_control_request_method="DELETE").status_code == 403
    assert preflight(server, url, access_control_request_method="POST").status_code == 403
    assert preflight(server, url, access_control_request_headers="authorization").status_code == 403


# -- being killed


def test_everything_survives_kill_9(tmp_path: Path) -> None:
    with S3Server(tmp_path) as server:
        s3 = server.client()
        s3.put_object(
            Bucket=BUCKET,
            Key="t/o/object",
            Body=b"kept",
            ContentType="text/vtt",
            CacheControl="private",
            Metadata={"a": "b"},
        )
        upload = begin(s3, "t/o/film", ChecksumAlgorithm="SHA256")
        parts = {n: os.urandom(5 * MIB) for n in (1, 2, 3)}
        for n in (1, 3):
            s3.upload_part(
                Bucket=BUCKET,
                Key="t/o/film",
                UploadId=upload,
                PartNumber=n,
                Body=parts[n],
                ChecksumSHA256=sha256(parts[n]),
            )
        server.kill()
        server.start()
        got = s3.get_object(Bucket=BUCKET, Key="t/o/object")
        assert (got["Body"].read(), got["ContentType"], got["CacheControl"], got["Metadata"], got["ETag"]) == (
            b"kept",
            "text/vtt",
            "private",
            {"a": "b"},
            f'"{hashlib.md5(b"kept").hexdigest()}"',
        )
        listed = s3.list_parts(Bucket=BUCKET, Key="t/o/film", UploadId=upload)["Parts"]
        assert [(p["PartNumber"], p["ChecksumSHA256"]) for p in listed] == [(n, sha256(parts[n])) for n in (1, 3)]
        s3.upload_part(
            Bucket=BUCKET, Key="t/o/film", UploadId=upload, PartNumber=2, Body=parts[2], ChecksumSHA256=sha256(parts[2])
        )
        finish(s3, "t/o/film", upload)
        server.kill()
        server.start()
        assert s3.get_object(Bucket=BUCKET, Key="t/o/film")["Body"].read() == parts[1] + parts[2] + parts[3]


def test_kill_9_in_the_middle_of_writing_leaves_the_old_object_or_the_new(tmp_path: Path) -> None:
    with S3Server(tmp_path) as server:
        s3 = server.client()
        bodies = {f'"{hashlib.md5(body).hexdigest()}"': body for body in (bytes([n]) * (3 * MIB) for n in range(6))}
        s3.put_object(Bucket=BUCKET, Key="t/o/x", Body=next(iter(bodies.values())), ContentType="video/mp4")

        def write(body: bytes) -> None:
            for _ in range(50):
                try:
                    s3.put_object(Bucket=BUCKET, Key="t/o/x", Body=body, ContentType="video/mp4")
                except (BotoCoreError, ClientError):
                    return

        for round_number in range(4):
            with ThreadPoolExecutor(3) as pool:
                for body in list(bodies.values())[round_number : round_number + 3]:
                    pool.submit(write, body)
                time.sleep(0.25)
                server.kill()
            server.start()
            got = s3.get_object(Bucket=BUCKET, Key="t/o/x")
            assert got["Body"].read() == bodies[got["ETag"]]
            assert got["ContentType"] == "video/mp4"
        assert list((tmp_path / "s3" / "tmp").iterdir()) == []


def test_a_client_that_goes_away_leaves_nothing(server: S3Server, s3: Any, key: str) -> None:
    upload = begin(s3, key)
    data = os.urandom(5 * MIB)
    parts = urlsplit(part_url(s3, key, upload, 1, data))
    with socket.create_connection(("127.0.0.1", server.port)) as wire:
        head = (
            f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-length: {len(data)}\r\n"
            f"x-amz-checksum-sha256: {sha256(data)}\r\n\r\n"
        )
        wire.sendall(head.encode() + data[: 2 * MIB])
        time.sleep(0.2)
    time.sleep(0.3)
    assert "Parts" not in s3.list_parts(Bucket=BUCKET, Key=key, UploadId=upload)
    s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=data)
    finish(s3, key, upload)
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == data


def test_a_second_server_on_the_same_folder_is_refused(server: S3Server) -> None:
    with pytest.raises(AssertionError, match="did not start"):
        S3Server(server.data_dir, port=free_port()).start()
