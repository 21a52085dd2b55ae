"""Sealing anew what an older key-encryption key sealed: batch by batch, so that a run may die and be run again.

Each batch is one transaction with its rows locked: whoever writes a row at the same time is waited for, and what they
wrote is what is read. A row that the present key sealed is left alone; so a second run only finds what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from core.sealing import SealBroken

BATCH = 200


@dataclass(frozen=True, slots=True)
class Sealed:
    """Rows that hold something sealed.

    ``renew`` seals a row's columns anew in memory and returns whether one changed; it raises
    :class:`core.sealing.SealBroken` where one does not open. ``columns`` are those that it may change.
    """

    kind: str
    rows: Callable[[], QuerySet[Any]]
    renew: Callable[[Any], bool]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """Of one batch: how many rows the present key sealed, how many an older one, and which no key opens."""

    kind: str
    current: int
    older: int
    broken: tuple[str, ...] = ()


def go_over(sealed: Sealed, *, write: bool, batch: int = BATCH) -> Iterator[Tally]:
    """Yield a tally for each batch, once it is committed. Without ``write`` nothing is changed and nothing locked.

    Call it bound to whom the rows belong to, outside transactions.
    """
    last: Any = None
    while True:
        with transaction.atomic():
            rows = sealed.rows().order_by("pk")
            rows = rows if last is None else rows.filter(pk__gt=last)
            found = list((rows.select_for_update(of=("self",)) if write else rows)[:batch])
            tally = _batch(sealed, found, write=write)
        if not found:
            return
        last = found[-1].pk
        yield tally


def _batch(sealed: Sealed, found: list[Any], *, write: bool) -> Tally:
    older, broken = 0, []
    for row in found:
        try:
            changed = sealed.renew(row)
        except SealBroken:
            broken.append(str(row.pk))
            continue
        older += changed
        if changed and write:
            row.save(update_fields=list(sealed.columns))
    return Tally(sealed.kind, len(found) - older - len(broken), older, tuple(broken))
