"""Plain data that crosses into other packages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tenancy.models import SharedModel


@dataclass(frozen=True, slots=True)
class OwnerDraft:
    """Who signed the organization up; the password is already hashed."""

    name: str
    email: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class RedeemedHandOver:
    """Whom a hand-over code signs in."""

    member_email: str


@dataclass(frozen=True, slots=True)
class SharedTable:
    """An organization's rows of one shared table, found by ``organization_id``: what an archive holds of it.

    ``meaning`` is for the person who opens the archive. ``returns`` whether a restore puts rows back (by id; rows that
    the archive does not know stay). ``left_out`` are columns that no archive holds. ``where`` narrows the rows: SQL
    over the table's own columns, written by us.
    """

    model: type[SharedModel]
    meaning: str
    returns: bool = False
    left_out: tuple[str, ...] = ()
    where: str = "true"

    @property
    def table(self) -> str:
        return self.model._meta.db_table


# (table) -> the archive's rows of it, as JSON objects
ArchivedRows = Callable[[str], Iterator[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Archived:
    """One package's part in archives.

    ``prepare`` and ``settle`` run in the transaction of a swap, before and after rows are back, with the organization's
    id and the archive's rows; ``settle`` gets the new generation too. What would be in the way is put aside; what is
    counted or queued outside the schema is made to agree with it.
    """

    tables: Sequence[SharedTable]
    prepare: Callable[[UUID, ArchivedRows], None] | None = None
    settle: Callable[[UUID, int, ArchivedRows], None] | None = None
    # Removes what a deleted organization left in tables that no column ``organization_id`` ties to it. Twice is once.
    forget: Callable[[UUID], None] | None = None
    # {table: why no archive holds its rows}
    not_archived: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch of a data step did. ``cursor`` is where the next one begins; None where there is none."""

    rows: int
    cursor: dict[str, Any] | None
