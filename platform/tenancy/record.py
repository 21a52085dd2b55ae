"""The tenant record: what a bound request or task may know of its organization without another query."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings

from tenancy.entitlements import NOTHING, Entitlements


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether work may be done for an organization now, and which work: what the dispatcher asks about many at once."""

    is_active: bool
    generation: int
    epoch: int


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """An immutable copy of an organization's row and its primary host.

    ``generation`` rises on restore, move and suspension; whatever carries an older one is stale. ``host`` is the
    primary host, the one that mails and links name; ``slug`` is of the address under our suffix, primary or not.
    """

    id: UUID
    name: str
    slug: str
    host: str
    schema_name: str
    db_role: str
    state: str
    generation: int
    # The generation its present data began with; work that was asked for before that is void, not late.
    epoch: int = 1
    locale: str = "en"
    zone: str = "UTC"
    cell: str = "local"
    # Features that not everybody has yet; another reading may find others without being about another organization.
    flags: frozenset[str] = field(default=frozenset(), compare=False)
    # What its plan and what was granted beside it bring, until when.
    entitlements: Entitlements = field(default=NOTHING, compare=False)
    # The host that this request came to; empty outside requests. It says nothing about which organization this is.
    on_host: str = field(default="", compare=False)

    @property
    def here(self) -> str:
        """The host that the browser is on, which its cookies and media belong to; the primary one outside requests."""
        return self.on_host or self.host

    @property
    def is_here(self) -> bool:
        """Whether this cell serves it."""
        return bool(self.cell == settings.CELL)

    @property
    def is_active(self) -> bool:
        """Whether members may use it (read-only organizations still teach)."""
        return self.state in ("active", "read_only")

    @property
    def is_closing(self) -> bool:
        """Whether it is to be deleted: its owners may still call that off, and nobody else may use it."""
        return self.state == "pending_deletion"
