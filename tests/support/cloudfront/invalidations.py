"""What an account's places are asked to forget, with the guide's rules and quotas ("Invalidate files")."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from core.clock import now
from tests.support.cloudfront.wire import ApiError

FILES, WILDCARDS = 3000, 15
"""Paths that may be under way in a distribution at once, and how many of them may end with a star."""


class Invalidations:
    """Batches by the distribution, or the distribution tenant, that they are of. They end with :meth:`complete`."""

    distributions: dict[str, Any]
    tenants: dict[str, Any]

    def __init__(self) -> None:
        self.batches: dict[str, list[dict[str, Any]]] = {}
        self.forgotten: Callable[[str, list[str]], None] = lambda place, paths: None
        """Told of each batch that has ended: where, and which paths."""
        self._batch_numbers = itertools.count(1)

    def complete(self) -> None:
        """Let everything be forgotten that is to be."""
        for place, batches in self.batches.items():
            for one in batches:
                if one["Status"] == "InProgress":
                    one["Status"] = "Completed"
                    self.forgotten(place, one["InvalidationBatch"]["Paths"]["Items"])

    def create_invalidation(self, given: dict[str, Any]) -> dict[str, Any]:
        _require(self.distributions, given["DistributionId"], "NoSuchDistribution")
        return {"Invalidation": self._begin(given["DistributionId"], given["InvalidationBatch"])}

    def get_invalidation(self, given: dict[str, Any]) -> dict[str, Any]:
        _require(self.distributions, given["DistributionId"], "NoSuchDistribution")
        return {"Invalidation": self._read(given["DistributionId"], given["Id"])}

    def create_invalidation_for_distribution_tenant(self, given: dict[str, Any]) -> dict[str, Any]:
        _require(self.tenants, given["Id"], "EntityNotFound")
        return {"Invalidation": self._begin(given["Id"], given["InvalidationBatch"])}

    def get_invalidation_for_distribution_tenant(self, given: dict[str, Any]) -> dict[str, Any]:
        _require(self.tenants, given["DistributionTenantId"], "EntityNotFound")
        return {"Invalidation": self._read(given["DistributionTenantId"], given["Id"])}

    def _begin(self, place: str, batch: dict[str, Any]) -> dict[str, Any]:
        paths = batch["Paths"].get("Items", [])
        if batch["Paths"]["Quantity"] != len(paths):
            raise ApiError("InconsistentQuantities")
        if not paths or any(not path.startswith("/") or "*" in path[:-1] for path in paths):
            raise ApiError("InvalidArgument", "Your request contains one or more invalid invalidation paths.")
        if len(paths) > FILES:
            raise ApiError("BatchTooLarge", status=413)
        mine = self.batches.setdefault(place, [])
        for one in mine:
            if one["InvalidationBatch"]["CallerReference"] == batch["CallerReference"]:
                if one["InvalidationBatch"]["Paths"] != batch["Paths"]:
                    raise ApiError("InvalidationBatchAlreadyExists")
                # It is told as it was told the first time, and not how it stands.
                return {**one, "Status": "InProgress"}
        under_way = [*paths, *(path for one in mine for path in _paths(one) if one["Status"] == "InProgress")]
        if len(under_way) > FILES or len([path for path in under_way if path.endswith("*")]) > WILDCARDS:
            raise ApiError("TooManyInvalidationsInProgress")
        made = {
            "Id": f"I{next(self._batch_numbers):013d}",
            "Status": "InProgress",
            "CreateTime": now(),
            "InvalidationBatch": batch,
        }
        mine.append(made)
        return made

    def _read(self, place: str, id_: str) -> dict[str, Any]:
        found = [one for one in self.batches.get(place, []) if one["Id"] == id_]
        if not found:
            raise ApiError("NoSuchInvalidation", status=404)
        return found[0]


def _require(things: dict[str, Any], key: str, missing: str) -> None:
    if key not in things:
        raise ApiError(missing, key)


def _paths(one: dict[str, Any]) -> list[str]:
    paths: list[str] = one["InvalidationBatch"]["Paths"]["Items"]
    return paths
