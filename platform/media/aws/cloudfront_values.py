"""The key-value store of CloudFront's function: what ``media_token.js`` looks up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudfront_keyvaluestore import CloudFrontKeyValueStoreClient

# The most keys that one call may write or delete (the guide's page of quotas).
_AT_ONCE = 50
_TRIES = 5


class Values:
    """One store. Every change names the version it was made from; somebody else's change in between is read again."""

    def __init__(self, client: CloudFrontKeyValueStoreClient, arn: str, endpoint: str = "") -> None:
        self._client = client
        self._arn = arn
        if endpoint:
            # The real API has the account before its host's name. A server in its place has no such names.
            self._client.meta.events.register("before-sign.cloudfront-keyvaluestore", _to(endpoint))

    def all(self) -> dict[str, str]:
        """Return everything in it."""
        found: dict[str, str] = {}
        if not self._arn:
            return found
        for page in self._client.get_paginator("list_keys").paginate(KvsARN=self._arn):
            found |= {item["Key"]: item["Value"] for item in page.get("Items", ())}
        return found

    def change(self, puts: Mapping[str, str], deletes: Sequence[str]) -> None:
        """Write and delete. Safe to repeat: what is written is written whole."""
        changes: list[tuple[str, str | None]] = [*puts.items(), *((key, None) for key in deletes)]
        for some in _batched(changes, _AT_ONCE):
            self._change(some)

    def _change(self, some: Sequence[tuple[str, str | None]]) -> None:
        for attempt in range(1, _TRIES + 1):
            etag = self._client.describe_key_value_store(KvsARN=self._arn)["ETag"]
            try:
                self._client.update_keys(
                    KvsARN=self._arn,
                    IfMatch=etag,
                    Puts=[{"Key": key, "Value": value} for key, value in some if value is not None],
                    Deletes=[{"Key": key} for key, value in some if value is None],
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConflictException" or attempt == _TRIES:
                    raise
            else:
                return


def _batched(changes: Sequence[tuple[str, str | None]], size: int) -> list[Sequence[tuple[str, str | None]]]:
    return [changes[start : start + size] for start in range(0, len(changes), size)]


def _to(endpoint: str) -> Any:
    netloc = urlsplit(endpoint).netloc

    def to_it(request: Any, **_: Any) -> None:
        parts = urlsplit(request.url)
        request.url = parts._replace(netloc=netloc).geturl()

    return to_it
