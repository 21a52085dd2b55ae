"""Bucket names, keys and upload ids: checked once, so that every path made of them stays inside the store."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from devstack.s3.errors import S3Error

_BUCKET = re.compile(r"(?!\d+\.\d+\.\d+\.\d+\Z)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
_UPLOAD_ID = re.compile(r"[a-f0-9]{32}\Z")
_MAX_KEY_BYTES = 1024
_MAX_SEGMENT_BYTES = 255


def check_bucket(name: str) -> str:
    """Return the name if it is one S3 allows.

    Raises:
        S3Error: InvalidBucketName.
    """
    if not _BUCKET.match(name):
        raise S3Error("InvalidBucketName", "The bucket name is not valid.")
    return name


def check_key(key: str) -> str:
    """Return the key if it can be a file's path.

    S3 allows more: here a key is a relative path without empty, ``.`` and ``..`` parts, control characters or
    backslash.

    Raises:
        S3Error: KeyTooLongError or InvalidURI.
    """
    if len(key.encode()) > _MAX_KEY_BYTES:
        raise S3Error("KeyTooLongError", "The key is longer than 1024 bytes.")
    if "\\" in key or any(ord(c) < 32 or ord(c) == 127 for c in key):
        raise S3Error("InvalidURI", "The key holds a character that is not allowed.")
    for segment in key.split("/"):
        if segment in ("", ".", ".."):
            raise S3Error("InvalidURI", "The key holds an empty, '.' or '..' part.")
        if len(segment.encode()) > _MAX_SEGMENT_BYTES:
            raise S3Error("KeyTooLongError", "A part of the key is longer than 255 bytes.")
    return key


def check_upload_id(upload_id: str) -> str:
    """Return the id if it has the form of ours.

    Raises:
        S3Error: NoSuchUpload.
    """
    if not _UPLOAD_ID.match(upload_id):
        raise S3Error("NoSuchUpload", "There is no such multipart upload.")
    return upload_id


def split_path(raw_path: bytes) -> tuple[str, str]:
    """Return (bucket, key) of a path-style request, decoded exactly once; either may be empty.

    Raises:
        S3Error: InvalidURI where the path is not UTF-8 or not absolute.
    """
    if not raw_path.startswith(b"/"):
        raise S3Error("InvalidURI", "The path must begin with a slash.")
    bucket, _, key = raw_path[1:].partition(b"/")
    try:
        return unquote_to_bytes(bucket).decode("utf-8"), unquote_to_bytes(key).decode("utf-8")
    except UnicodeDecodeError as error:
        raise S3Error("InvalidURI", "The path is not UTF-8.") from error
