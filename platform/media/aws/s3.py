"""The object store over boto3: S3 itself, or whatever answers like it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs, quote, unquote, urlsplit

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from core.telemetry import spans
from media.errors import StorageUnavailable
from media.storage import ObjectExists, ObjectGone, PartsRefused, PresignedRequest, StoredObject, StoredPart, UploadGone

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

_DELETE_AT_ONCE = 1000
_TRANSFER = TransferConfig(multipart_threshold=64 << 20, multipart_chunksize=32 << 20, max_concurrency=4)
_KNOWN: dict[str, type[Exception]] = {
    "404": ObjectGone,
    "NoSuchKey": ObjectGone,
    "NoSuchUpload": UploadGone,
    "PreconditionFailed": ObjectExists,
    "ConditionalRequestConflict": ObjectExists,
    "InvalidPart": PartsRefused,
    "InvalidPartOrder": PartsRefused,
    "EntityTooSmall": PartsRefused,
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where the store is, and who we are to it. Without a key we are whoever the machine is: its role signs."""

    endpoint: str
    bucket: str
    region: str
    access_key: str | None
    secret_key: str | None

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read ``http(s)://[KEY:SECRET@]host[:port]/bucket?region=…``.

        Raises:
            ValueError: a part is missing, or half of the credentials is.
        """
        parts = urlsplit(url)
        bucket = parts.path.strip("/")
        is_whole = bool(parts.username) == bool(parts.password)
        if not (parts.scheme in ("http", "https") and parts.hostname and is_whole and bucket):
            raise ValueError("LMS_S3_URL must be http(s)://[KEY:SECRET@]host[:port]/bucket?region=…")
        return cls(
            endpoint=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            bucket=bucket,
            region=parse_qs(parts.query).get("region", ["us-east-1"])[0],
            access_key=unquote(parts.username) if parts.username else None,
            secret_key=unquote(parts.password) if parts.password else None,
        )


class _Body:
    """media.storage.ObjectBody over one answer of the store."""

    def __init__(self, key: str, answer: Any) -> None:
        self.info = StoredObject(
            key,
            answer["ContentLength"],
            answer["ETag"].strip('"'),
            answer.get("ContentType", ""),
            answer["LastModified"],
        )
        self.cache_control: str = answer.get("CacheControl", "")
        self._stream = answer["Body"]

    def pieces(self, size: int = 1 << 20) -> Iterator[bytes]:
        """See :class:`media.storage.ObjectBody`."""
        try:
            with closing(self._stream):
                while piece := self._stream.read(size):
                    yield piece
        except (BotoCoreError, OSError) as error:  # the connection broke halfway
            raise StorageUnavailable(str(error)) from error


class S3Store:
    """media.storage.ObjectStore over S3. One object serves all threads.

    ``public_url`` is the store's address as browsers use it: presigned requests are made for it.
    """

    def __init__(self, address: Address, public_url: str = "") -> None:
        self._bucket = address.bucket
        self._client = _client(address, address.endpoint)
        self._public = _client(address, public_url.rstrip("/") or address.endpoint)

    def ensure_bucket(self) -> None:
        """See :class:`media.storage.ObjectStore`."""
        with suppress(ObjectGone):
            self._call(self._client.head_bucket, Bucket=self._bucket)
            return
        try:
            self._client.create_bucket(Bucket=self._bucket)
        except ClientError as error:
            # Somebody else was faster.
            if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise StorageUnavailable(str(error)) from error

    # -- multipart uploads by a browser

    def begin_upload(self, key: str, *, content_type: str) -> str:
        """See :class:`media.storage.ObjectStore`."""
        answer = self._call(
            self._client.create_multipart_upload,
            Bucket=self._bucket,
            Key=key,
            ContentType=content_type,
            ChecksumAlgorithm="SHA256",
        )
        return answer["UploadId"]

    def presign_part(
        self, key: str, upload_id: str, number: int, *, size_bytes: int, sha256: str, seconds: int = 900
    ) -> PresignedRequest:
        """See :class:`media.storage.ObjectStore`. Length and checksum are signed, so no other body gets through."""
        url = self._public.generate_presigned_url(
            "upload_part",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "UploadId": upload_id,
                "PartNumber": number,
                "ContentLength": size_bytes,
                "ChecksumSHA256": sha256,
            },
            ExpiresIn=seconds,
        )
        return PresignedRequest("PUT", url, {"x-amz-checksum-sha256": sha256})

    def parts(self, key: str, upload_id: str) -> list[StoredPart]:
        """See :class:`media.storage.ObjectStore`."""
        found: list[StoredPart] = []
        marker = 0
        while True:
            page = self._call(
                self._client.list_parts, Bucket=self._bucket, Key=key, UploadId=upload_id, PartNumberMarker=marker
            )
            for part in page.get("Parts", []):
                found.append(
                    StoredPart(
                        part["PartNumber"], part["Size"], part["ETag"].strip('"'), part.get("ChecksumSHA256") or None
                    )
                )
            if not page.get("IsTruncated"):
                return found
            marker = page["NextPartNumberMarker"]

    def complete_upload(self, key: str, upload_id: str, parts: Iterable[StoredPart]) -> StoredObject:
        """See :class:`media.storage.ObjectStore`."""
        chosen = sorted(parts, key=lambda part: part.number)
        listed: list[dict[str, Any]] = []
        for part in chosen:
            entry: dict[str, Any] = {"PartNumber": part.number, "ETag": f'"{part.etag}"'}
            if part.sha256:
                entry["ChecksumSHA256"] = part.sha256
            listed.append(entry)
        answer = self._call(
            self._client.complete_multipart_upload,
            Bucket=self._bucket,
            Key=key,
            UploadId=upload_id,
            MultipartUpload={"Parts": listed},
            MpuObjectSize=sum(part.size_bytes for part in chosen),
        )
        return StoredObject(key, sum(part.size_bytes for part in chosen), answer["ETag"].strip('"'))

    def abort_upload(self, key: str, upload_id: str) -> None:
        """See :class:`media.storage.ObjectStore`."""
        with suppress(UploadGone):
            self._call(self._client.abort_multipart_upload, Bucket=self._bucket, Key=key, UploadId=upload_id)

    def put_part(self, key: str, upload_id: str, number: int, content: bytes) -> StoredPart:
        """See :class:`media.storage.ObjectStore`."""
        answer = self._call(
            self._client.upload_part,
            Bucket=self._bucket,
            Key=key,
            UploadId=upload_id,
            PartNumber=number,
            Body=content,
            ContentLength=len(content),
            ChecksumAlgorithm="SHA256",
        )
        return StoredPart(number, len(content), answer["ETag"].strip('"'), answer.get("ChecksumSHA256") or None)

    def abort_uploads(self, prefix: str) -> int:
        """See :class:`media.storage.ObjectStore`."""
        _refuse_open_prefix(prefix)
        aborted = 0
        while found := self._call(self._client.list_multipart_uploads, Bucket=self._bucket, Prefix=prefix).get(
            "Uploads", []
        ):
            for upload in found:
                self.abort_upload(upload["Key"], upload["UploadId"])
            aborted += len(found)
        return aborted

    # -- objects

    def head(self, key: str) -> StoredObject:
        """See :class:`media.storage.ObjectStore`."""
        found = self._call(self._client.head_object, Bucket=self._bucket, Key=key)
        return StoredObject(
            key, found["ContentLength"], found["ETag"].strip('"'), found.get("ContentType", ""), found["LastModified"]
        )

    def put_file(
        self, key: str, path: Path, *, content_type: str, cache_control: str = "", if_absent: bool = False
    ) -> StoredObject:
        """See :class:`media.storage.ObjectStore`. Large files go in parts, unless ``if_absent``."""
        size = path.stat().st_size
        if if_absent or size < _TRANSFER.multipart_threshold:
            with path.open("rb") as file:
                return self._put(key, file, size, content_type, cache_control, if_absent=if_absent)
        extra = {"ContentType": content_type, **({"CacheControl": cache_control} if cache_control else {})}
        self._call(
            self._client.upload_file,
            Filename=str(path),
            Bucket=self._bucket,
            Key=key,
            ExtraArgs=extra,
            Config=_TRANSFER,
        )
        return self.head(key)

    def put_bytes(
        self, key: str, content: bytes, *, content_type: str, cache_control: str = "", if_absent: bool = False
    ) -> StoredObject:
        """See :class:`media.storage.ObjectStore`."""
        return self._put(key, content, len(content), content_type, cache_control, if_absent=if_absent)

    def download(self, key: str, path: Path) -> None:
        """See :class:`media.storage.ObjectStore`."""
        self._call(self._client.download_file, Bucket=self._bucket, Key=key, Filename=str(path), Config=_TRANSFER)

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """See :class:`media.storage.ObjectStore`."""
        if length == 0:
            return b""
        wanted = {"Range": f"bytes={start}-{'' if length is None else start + length - 1}"} if start or length else {}

        def get_object() -> bytes:
            return self._client.get_object(Bucket=self._bucket, Key=key, **wanted)["Body"].read()  # type: ignore[arg-type]

        return self._call(get_object)

    def open(self, key: str) -> _Body:
        """See :class:`media.storage.ObjectStore`."""
        return _Body(key, self._call(self._client.get_object, Bucket=self._bucket, Key=key))

    def presign_get(self, key: str, *, seconds: int = 300, file_name: str = "") -> str:
        """See :class:`media.storage.ObjectStore`."""
        wanted = {"Bucket": self._bucket, "Key": key}
        if file_name:
            wanted["ResponseContentDisposition"] = f"attachment; filename*=UTF-8''{quote(file_name, safe='')}"
        return self._public.generate_presigned_url("get_object", Params=wanted, ExpiresIn=seconds)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """See :class:`media.storage.ObjectStore`."""
        token: dict[str, str] = {}
        while True:
            page = self._call(self._client.list_objects_v2, Bucket=self._bucket, Prefix=prefix, **token)
            for found in page.get("Contents", []):
                yield StoredObject(
                    found["Key"], found["Size"], found["ETag"].strip('"'), modified_at=found["LastModified"]
                )
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def delete(self, keys: Iterable[str]) -> None:
        """See :class:`media.storage.ObjectStore`."""
        waiting = iter(keys)
        while batch := list(islice(waiting, _DELETE_AT_ONCE)):
            answer = self._call(
                self._client.delete_objects,
                Bucket=self._bucket,
                Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True},
            )
            if answer.get("Errors"):
                first = answer["Errors"][0]
                raise StorageUnavailable(f"{first.get('Key')} could not be removed: {first.get('Message')}")

    def delete_prefix(self, prefix: str) -> int:
        """See :class:`media.storage.ObjectStore`."""
        _refuse_open_prefix(prefix)
        doomed = [found.key for found in self.list(prefix)]
        self.delete(doomed)
        return len(doomed)

    # -- inside

    def _put(
        self, key: str, body: Any, size: int, content_type: str, cache_control: str, *, if_absent: bool
    ) -> StoredObject:
        extra: dict[str, Any] = {}
        if cache_control:
            extra["CacheControl"] = cache_control
        if if_absent:
            extra["IfNoneMatch"] = "*"
        answer = self._call(
            self._client.put_object,
            Bucket=self._bucket,
            Key=key,
            Body=body,
            ContentLength=size,
            ContentType=content_type,
            ChecksumAlgorithm="SHA256",
            **extra,
        )
        return StoredObject(key, size, answer["ETag"].strip('"'), content_type)

    @staticmethod
    def _call(operation: Callable[..., T], **arguments: Any) -> T:
        """Call the store; its refusals become our own, everything else means that it does not work now."""
        try:
            with spans.stored(operation.__name__):
                return operation(**arguments)
        except ClientError as error:
            known = _KNOWN.get(error.response["Error"]["Code"])
            if known is not None:
                raise known(str(error)) from error
            raise StorageUnavailable(str(error)) from error
        except BotoCoreError as error:
            raise StorageUnavailable(str(error)) from error


def _refuse_open_prefix(prefix: str) -> None:
    if not prefix.endswith("/") or prefix == "/":
        raise ValueError("a prefix to remove must end with a slash: t/1 would also match t/10")


@lru_cache(maxsize=1)
def object_store() -> S3Store:
    """Return the store of this installation."""
    return S3Store(Address.parse(settings.S3_URL), settings.S3_PUBLIC_URL)


@lru_cache(maxsize=4)
def bucket(name: str) -> S3Store:
    """Return another bucket beside this installation's, where the same keys or role lead."""
    return S3Store(replace(Address.parse(settings.S3_URL), bucket=name))


def _client(address: Address, endpoint: str) -> S3Client:
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "max_attempts": 4},
        max_pool_connections=32,
        # A presigned request must carry what we put into it and nothing else.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        return boto3.client(
            "s3",
            endpoint_url=endpoint,
            aws_access_key_id=address.access_key,
            aws_secret_access_key=address.secret_key,
            region_name=address.region,
            config=config,
        )
    except BotoCoreError as error:  # the machine's role can't be learned just now
        raise StorageUnavailable(str(error)) from error
