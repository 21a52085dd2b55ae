"""The tenant record: what a bound request or task may know of its organization without another query."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """An immutable copy of an organization's row and its primary host.

    ``generation`` rises on restore, move and suspension; whatever carries an older one is stale.
    """

    id: UUID
    name: str
    slug: str
    host: str
    schema_name: str
    db_role: str
    state: str
    generation: int
    locale: str = "en"
    zone: str = "UTC"
    cell: str = "local"

    @property
    def is_active(self) -> bool:
        """Whether members may use it (read-only organizations still teach)."""
        return self.state in ("active", "read_only")
