"""media.storage over boto3: what the product calls, with its refusals.

Against the embedded store, or against the bucket that ``S3_CONTRACT_URL`` names (in the form of ``LMS_S3_URL``).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from media.aws.s3 import Address, S3Store
from media.errors import StorageUnavailable
from media.storage import ObjectExists, ObjectGone, PartsRefused, StoredPart, UploadGone
from tests.contracts.s3_server import ACCESS_KEY, BUCKET, SECRET_KEY, S3Server, free_port

PART = 5 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with S3Server(tmp_path_factory.mktemp("s3")) as running:
        yield running


def url(server: S3Server, bucket: str = BUCKET) -> str:
    secret = quote(SECRET_KEY, safe="")
    return f"http://{ACCESS_KEY}:{secret}@127.0.0.1:{server.port}/{bucket}?region=us-east-1"


@pytest.fixture(scope="module")
def store(server: S3Server) -> S3Store:
    return S3Store(Address.parse(os.environ.get("S3_CONTRACT_URL") or url(server)))


@pytest.fixture
def prefix() -> str:
    return f"t/{uuid4()}/"


def test_files_and_bytes(store: S3Store, prefix: str, tmp_path: Path) -> None:
    content = os.urandom(100_000)
    file = tmp_path / "a"
    file.write_bytes(content)
    put = store.put_file(f"{prefix}a", file, content_type="video/mp4", cache_control="private")
    found = store.head(f"{prefix}a")
    assert (found.size_bytes, found.etag, found.content_type) == (len(content), put.etag, "video/mp4")
    store.download(f"{prefix}a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == content
    assert store.read(f"{prefix}a", start=10, length=5) == content[10:15]
    assert store.read(f"{prefix}a", start=99_999) == content[-1:]
    assert store.read(f"{prefix}a") == content
    assert store.read(f"{prefix}a", length=0) == b""
    for missing in (lambda: store.head(f"{prefix}x"), lambda: store.read(f"{prefix}x")):
        with pytest.raises(ObjectGone):
            missing()
    with pytest.raises(ObjectGone):
        store.download(f"{prefix}x", tmp_path / "c")


def test_a_large_file_goes_in_parts(store: S3Store, prefix: str, tmp_path: Path) -> None:
    file = tmp_path / "large"
    with file.open("wb") as writing:
        for n in range(66):
            writing.write(bytes([n]) * (1 << 20))
    put = store.put_file(f"{prefix}large", file, content_type="video/mp4")
    assert put.etag.endswith("-3")
    assert (put.size_bytes, store.read(f"{prefix}large", start=(65 << 20) - 1, length=2)) == (66 << 20, bytes([64, 65]))


def test_only_if_absent(store: S3Store, prefix: str) -> None:
    store.put_bytes(f"{prefix}a", b"first", content_type="text/plain", if_absent=True)
    with pytest.raises(ObjectExists):
        store.put_bytes(f"{prefix}a", b"second", content_type="text/plain", if_absent=True)
    assert store.read(f"{prefix}a") == b"first"
    store.put_bytes(f"{prefix}a", b"third", content_type="text/plain")
    assert store.read(f"{prefix}a") == b"third"


def test_listing_and_removing_a_prefix(store: S3Store, prefix: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = [f"{prefix}x/{n:04}" for n in range(1005)]
        list(pool.map(lambda name: store.put_bytes(name, b"", content_type="text/plain"), names))
    store.put_bytes(f"{prefix}xy", b"kept", content_type="text/plain")
    assert [found.key for found in store.list(f"{prefix}x/")] == [f"{prefix}x/{n:04}" for n in range(1005)]
    for wide in ("", "/", f"{prefix}x"):
        with pytest.raises(ValueError, match="slash"):
            store.delete_prefix(wide)
    assert store.delete_prefix(f"{prefix}x/") == 1005
    assert store.delete_prefix(f"{prefix}x/") == 0
    assert [found.key for found in store.list(prefix)] == [f"{prefix}xy"]
    store.delete([f"{prefix}xy", f"{prefix}never"])
    assert list(store.list(prefix)) == []


def test_an_upload_by_a_browser(store: S3Store, prefix: str) -> None:
    key = f"{prefix}in/film"
    upload = store.begin_upload(key, content_type="video/mp4")
    bodies = {1: os.urandom(PART), 2: b"the rest"}
    for number, body in bodies.items():
        checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
        signed = store.presign_part(key, upload, number, size_bytes=len(body), sha256=checksum)
        assert httpx.put(signed.url, content=body + b"!", headers=signed.headers, timeout=60).status_code == 403
        assert httpx.put(signed.url, content=body, headers=signed.headers, timeout=60).status_code == 200
    parts = store.parts(key, upload)
    assert [(part.number, part.size_bytes) for part in parts] == [(1, PART), (2, 8)]
    with pytest.raises(PartsRefused):
        store.complete_upload(key, upload, [*parts, StoredPart(3, 1, "0" * 32)])
    done = store.complete_upload(key, upload, reversed(parts))
    assert done.size_bytes == PART + 8
    assert store.read(key, start=PART) == b"the rest"
    for gone in (lambda: store.parts(key, upload), lambda: store.complete_upload(key, upload, parts)):
        with pytest.raises(UploadGone):
            gone()
    store.abort_upload(key, upload)


def test_a_download_under_a_name(store: S3Store, prefix: str) -> None:
    store.put_bytes(f"{prefix}a", b"x", content_type="application/pdf")
    answer = httpx.get(store.presign_get(f"{prefix}a", file_name='Zeugnis "Ä".pdf'), timeout=60)
    assert (answer.status_code, answer.content) == (200, b"x")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''Zeugnis%20%22%C3%84%22.pdf"


def test_a_bucket_is_made_once(server: S3Server) -> None:
    store = S3Store(Address.parse(url(server, f"b-{uuid4()}")))
    with pytest.raises(StorageUnavailable):
        store.put_bytes("a", b"", content_type="text/plain")
    store.ensure_bucket()
    store.ensure_bucket()
    store.put_bytes("a", b"", content_type="text/plain")


def test_a_store_that_does_not_answer(server: S3Server) -> None:
    away = S3Store(Address.parse(f"http://a:b@127.0.0.1:{free_port()}/{BUCKET}"))
    with pytest.raises(StorageUnavailable):
        away.head("a")
    wrong = S3Store(Address.parse(f"http://{ACCESS_KEY}:wrong@127.0.0.1:{server.port}/{BUCKET}"))
    with pytest.raises(StorageUnavailable):
        wrong.put_bytes("a", b"", content_type="text/plain")


@pytest.mark.parametrize(
    "odd", ["", "host/bucket", "ftp://a:b@host/bucket", "http://a:b@host", "http://a@host/b", "http://:b@host/b"]
)
def test_an_address_that_lacks_something(odd: str) -> None:
    with pytest.raises(ValueError, match="LMS_S3_URL"):
        Address.parse(odd)


def test_without_keys_the_machines_own_role_signs(
    server: S3Server, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys of a role end and are asked for anew; here a process stands for the container's credential service."""
    said = {"Version": 1, "AccessKeyId": ACCESS_KEY, "SecretAccessKey": SECRET_KEY}
    role = tmp_path / "role"
    role.write_text(f"#!/bin/sh\necho '{json.dumps(said)}'\n")
    role.chmod(0o700)
    config = tmp_path / "config"
    config.write_text(f"[default]\ncredential_process = {role}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # it remembers who the machine was
    store = S3Store(Address.parse(f"http://127.0.0.1:{server.port}/{BUCKET}?region=us-east-1"))

    store.put_bytes(f"{prefix}a", b"x", content_type="text/plain")
    assert httpx.get(store.presign_get(f"{prefix}a"), timeout=60).content == b"x"

    role.write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    with pytest.raises(StorageUnavailable):
        S3Store(Address.parse(f"http://127.0.0.1:{server.port}/{BUCKET}?region=us-east-1"))
