"""Lists as Stripe pages them: the newest first, from after one object or up to another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from devstack.stripe.errors import BadParameters, missing
from devstack.stripe.store import Ledger, Object, list_of


def page(
    ledger: Ledger,
    kind: str,
    params: dict[str, Any],
    url: str,
    *,
    customer: str | None = None,
    where: Callable[[Object], bool] = lambda found: True,
) -> Object:
    """One page of the objects of a kind that fit.

    Raises:
        BadParameters: a limit out of range, or both ends named.
        StripeError: the object named as the end is not there.
    """
    limit = _limit(params)
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise BadParameters("You may only use one of starting_after and ending_before.", param="starting_after")
    in_range = _created(params.get("created"))
    found: list[Object] = []
    for each in _rows(ledger, kind, customer, after=_seq(ledger, after), before=_seq(ledger, before)):
        if not each.get("deleted") and in_range(each) and where(each):
            found.append(each)
            if len(found) > limit:
                break
    answer = list_of(url, found[:limit][::-1] if before else found[:limit])
    answer["has_more"] = len(found) > limit
    return answer


def slice_of(data: list[Object], params: dict[str, Any], url: str) -> Object:
    """One page of objects that lie inside another one, in their own order."""
    limit = _limit(params)
    after = params.get("starting_after")
    if after:
        ids = [each["id"] for each in data]
        if after not in ids:
            raise missing("object", after, "starting_after")
        data = data[ids.index(after) + 1 :]
    answer = list_of(url, data[:limit])
    answer["has_more"] = len(data) > limit
    return answer


def _limit(params: dict[str, Any]) -> int:
    limit = params.get("limit")
    limit = 10 if limit is None else int(limit)
    if not 1 <= limit <= 100:
        raise BadParameters("Invalid limit: a number from 1 to 100.", code="parameter_invalid_integer", param="limit")
    return limit


def _seq(ledger: Ledger, object_id: str | None) -> int | None:
    if not object_id:
        return None
    row = ledger.sql.execute("SELECT seq FROM objects WHERE id = ?", (object_id,)).fetchone()
    if row is None:
        raise missing("object", object_id, "starting_after")
    return int(row["seq"])


def _rows(
    ledger: Ledger, kind: str, customer: str | None, *, after: int | None, before: int | None
) -> Iterator[Object]:
    query, values = "SELECT body FROM objects WHERE kind = ?", [kind]
    if customer is not None:
        query, values = f"{query} AND customer = ?", [*values, customer]
    if after is not None:
        query, values = f"{query} AND seq < ?", [*values, after]  # type: ignore[list-item]
    if before is not None:
        query, values = f"{query} AND seq > ?", [*values, before]  # type: ignore[list-item]
    order = "ASC" if before is not None else "DESC"
    for row in ledger.sql.execute(f"{query} ORDER BY seq {order}", values):
        yield json.loads(row["body"])


def _created(wanted: dict[str, Any] | None) -> Callable[[Object], bool]:
    if not wanted:
        return lambda found: True
    gt, gte = wanted.get("gt"), wanted.get("gte")
    lt, lte = wanted.get("lt"), wanted.get("lte")

    def fits(found: Object) -> bool:
        at = found["created"]
        return (
            (gt is None or at > gt)
            and (gte is None or at >= gte)
            and (lt is None or at < lt)
            and (lte is None or at <= lte)
        )

    return fits
