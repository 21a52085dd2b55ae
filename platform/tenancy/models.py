"""Abstract bases. A table's folder says its schema; these say what the schema's rules need to know of it."""

from __future__ import annotations

from typing import ClassVar, Literal

from django.db import models

from core.ids import new_id

EVERY_ROW = "true"

Door = Literal["append", "own_rows", "none"]


class TenantModel(models.Model):
    """A table in every organization's schema.

    ``pii`` says what personal data it holds, ``export`` whether the organization's export has it, ``erase`` what a
    member's erasure does to it. ``immutable`` tables are INSERT-only: the organization's role may not UPDATE or DELETE.
    ``verbs`` says it where that is not fine enough; ``other_roles`` grants a role of the database its own narrow way.
    ``sealed`` columns are in an archive for a restore only, readable by nobody who has the file; ``not_archived`` says
    why an archive has none of the rows.
    """

    pii: ClassVar[str]
    export: ClassVar[str]
    erase: ClassVar[str]
    immutable: ClassVar[bool] = False
    verbs: ClassVar[tuple[str, ...] | None] = None
    other_roles: ClassVar[dict[str, str]] = {}
    sealed: ClassVar[tuple[str, ...]] = ()
    not_archived: ClassVar[str] = ""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def granted(cls) -> tuple[str, ...]:
        """Return what the organization's role may do with the table."""
        if cls.verbs is not None:
            return cls.verbs
        return ("SELECT", "INSERT") if cls.immutable else ("SELECT", "INSERT", "UPDATE", "DELETE")


class SharedModel(models.Model):
    """A table in the shared schema, closed to organizations but for its declared door.

    ``append``: INSERT of own rows (no SELECT, hence no RETURNING: the client makes the id). ``own_rows``: the verbs in
    ``door_verbs`` on own rows; UPDATE is limited to ``door_update_columns``. Both need a column ``organization_id``.
    ``immutable`` tables are INSERT-only for the platform too: rows are facts, and no role that serves may change one.
    Rows of a deleted organization go with it; ``kept`` says why a table keeps them. When an organization moves to
    another cell, ``moves`` is the SQL condition on its rows that go along (``EVERY_ROW``), or ``stays`` says why none
    does. A table of organizations says one of the two.
    """

    tenant_door: ClassVar[Door] = "none"
    door_verbs: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")
    door_update_columns: ClassVar[tuple[str, ...]] = ()
    immutable: ClassVar[bool] = False
    kept: ClassVar[str] = ""
    moves: ClassVar[str] = ""
    stays: ClassVar[str] = ""

    class Meta:
        abstract = True
