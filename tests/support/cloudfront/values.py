"""The function's key-value store, with the real one's limits and its version."""

from __future__ import annotations

from typing import Any

from core.clock import now
from tests.support.cloudfront.wire import ApiError

KVS = "arn:aws:cloudfront::123456789012:key-value-store/11111111-2222-3333-4444-555555555555"


class ValueStore:
    """One store. ``values`` is what it holds."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.values_version = 1

    def describe_key_value_store(self, given: dict[str, Any]) -> dict[str, Any]:
        kvs_arn = given["KvsARN"]
        self._store(kvs_arn)
        return {
            "KvsARN": KVS, "ItemCount": len(self.values), "TotalSizeInBytes": self._size(self.values), "Created": now(),
            "ETag": f"V{self.values_version}", "Status": "READY",
        }  # fmt: skip

    def list_keys(self, given: dict[str, Any]) -> dict[str, Any]:
        kvs_arn = given["KvsARN"]
        next_token = given.get("NextToken", "")
        max_results = given.get("MaxResults", 50)
        self._store(kvs_arn)
        keys = [key for key in sorted(self.values) if key > next_token]
        some = keys[: int(max_results)]
        page: dict[str, Any] = {"Items": [{"Key": key, "Value": self.values[key]} for key in some]}
        return page if len(some) == len(keys) else {**page, "NextToken": some[-1]}

    def update_keys(self, given: dict[str, Any]) -> dict[str, Any]:
        kvs_arn = given["KvsARN"]
        if_match = given["IfMatch"]
        self._store(kvs_arn)
        puts, deletes = given.get("Puts", []), given.get("Deletes", [])
        if if_match != f"V{self.values_version}":
            raise ApiError("ConflictException")
        if len(puts) + len(deletes) > 50 or not puts + deletes:
            raise ApiError("ValidationException", "between 1 and 50 keys")
        if any(len(one["Key"]) > 512 or len(one["Value"].encode()) > 1024 for one in puts):
            raise ApiError("ValidationException", "too long")
        after = {**self.values, **{one["Key"]: one["Value"] for one in puts}}
        for one in deletes:
            if after.pop(one["Key"], None) is None:
                raise ApiError("ResourceNotFoundException", one["Key"])
        if self._size(after) > 5 * 1024 * 1024:
            raise ApiError("ServiceQuotaExceededException")
        self.values, self.values_version = after, self.values_version + 1
        size = self._size(after)
        return {"ItemCount": len(after), "TotalSizeInBytes": size, "ETag": f"V{self.values_version}"}

    @staticmethod
    def _size(values: dict[str, str]) -> int:
        return sum(len(key) + len(value) for key, value in values.items())

    @staticmethod
    def _store(arn: str) -> None:
        if arn != KVS:
            raise ApiError("ResourceNotFoundException", arn)
