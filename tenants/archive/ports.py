"""What archives need of the layers above: the organization's rows of their shared tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from tenancy.models import SharedModel


@dataclass(frozen=True, slots=True)
class SharedTable:
    """An organization's rows of one shared table, found by ``organization_id``.

    ``meaning`` is for the person who opens the archive. ``returns`` whether a restore puts rows back (by id; rows that
    the archive does not know stay). ``left_out`` are columns that no archive holds. ``where`` narrows the rows: SQL
    over the table's own columns, written by us.
    """

    model: type[SharedModel]
    meaning: str
    returns: bool = False
    left_out: tuple[str, ...] = ()
    where: str = ""

    @property
    def table(self) -> str:
        return self.model._meta.db_table


@dataclass(frozen=True, slots=True)
class Archived:
    """One package's part in archives.

    ``settle`` runs in the transaction of a swap, after the rows are back, with the organization's id and its new
    generation: what is counted or queued outside the schema is made to agree with it.
    """

    tables: Sequence[SharedTable]
    settle: Callable[[UUID, int], None] | None = None
    # {table: why no archive holds its rows}
    not_archived: dict[str, str] = field(default_factory=dict)


def archived() -> list[Archived]:
    """Return every package's part, as settings list them."""
    return [import_string(path) for path in settings.EXPORTERS]


def shared_tables() -> list[SharedTable]:
    """Return every shared table that archives hold, by name."""
    return sorted((found for part in archived() for found in part.tables), key=lambda found: found.table)
