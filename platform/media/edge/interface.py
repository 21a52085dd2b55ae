"""What the product asks of a delivery edge, whichever one serves the organization."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

GrantKind = Literal["cookie", "query"]
Scope = Literal["v", "f"]


class NoKeyGroup(Exception):
    """The organization has no key that may sign: its media were never set up, or were withdrawn."""


class NotDeployedYet(NoKeyGroup):
    """The edge is being told of the organization, or of its next key: minutes, and it will serve."""


class CannotMove(Exception):
    """The organization can't be moved to that strategy now; the message says why."""


@dataclass(frozen=True, slots=True)
class GrantCookie:
    """A cookie to set: for the host that answers only, for ``path`` and below, gone with the browser."""

    name: str
    value: str
    path: str
    secure: bool
    http_only: bool = True
    same_site: Literal["Strict"] = "Strict"


@dataclass(frozen=True, slots=True)
class Grant:
    """Permission to fetch one revision of one asset, for a few minutes.

    ``base_url`` ends with a slash; every URL below it is opened. ``cookies`` are set by the answer that hands the grant
    out, or ``query`` is added to every request. ``policy_hash`` names the grant to :meth:`MediaEdge.revoke_grant`.
    """

    base_url: str
    issued_at: datetime
    renew_at: datetime
    expires_at: datetime
    kind: GrantKind
    cookies: tuple[GrantCookie, ...]
    query: str | None
    policy_hash: str

    def url(self, name: str) -> str:
        """Return the URL of a file of the revision, with its signature where that travels in the query."""
        return f"{self.base_url}{name}?{self.query}" if self.query else f"{self.base_url}{name}"


class MediaEdge(Protocol):
    """A delivery edge. Every method may be called again with the same effect.

    All of them work on the shared schema: call them outside an open transaction of an organization.
    """

    def ensure_tenant(self, organization_id: UUID, hosts: Sequence[str]) -> None:
        """Give the organization its path, its key group and its hosts (names without port), and switch it on."""

    def follow_hosts(self, organization_id: UUID, hosts: Sequence[str]) -> None:
        """Serve the organization on exactly these hosts from now on. Media that are switched off stay so."""

    def rotate(self, organization_id: UUID, *, at_once: bool = False) -> None:
        """Let the next key sign. Grants of the old one live on, unless it has to go ``at_once``.

        Where tokens are asked for, the next secret signs from now on as well.

        Raises:
            NoKeyGroup: the organization has none.
            NotDeployedYet: the edge does not trust the next key yet. With ``at_once`` it is not waited for: nothing is
                granted until the edge does.
        """

    def move(self, organization_id: UUID, strategy: str, *, pool: str = "") -> None:
        """Begin to move the organization to another strategy. Nobody who plays is cut off; it takes some hours.

        ``pool`` is the shared distribution to go to; without it, the first with room.

        Raises:
            NoKeyGroup: the organization has none, or its media are switched off.
            CannotMove: a move is under way, or this edge lacks that strategy.
        """

    def revoke(self, organization_id: UUID) -> None:
        """Serve nothing more of the organization. :meth:`ensure_tenant` undoes it."""

    def revoke_grant(self, organization_id: UUID, policy_hash: str, expires_at: datetime) -> None:
        """End one grant before its time: within a minute nothing is served for it."""

    def grant(
        self,
        organization_id: UUID,
        *,
        host: str,
        item_id: UUID,
        rev: UUID | str,
        kind: GrantKind = "cookie",
        scope: Scope = "v",
    ) -> Grant:
        """Return permission to fetch one revision: of an asset (``v``) or a private file (``f``).

        ``host`` is the organization's host the browser is on. Whether the person may have it was decided by the caller.

        Raises:
            NoKeyGroup: the organization has none, or its media are switched off.
            NotDeployedYet: the edge does not know of it yet.
        """

    def signed_url(
        self,
        organization_id: UUID,
        *,
        host: str,
        item_id: UUID,
        rev: UUID | str,
        name: str,
        expires_at: datetime,
        scope: Scope = "v",
    ) -> str:
        """Return a URL that opens one file of a revision (a poster, say) until ``expires_at``, two hours at most.

        Raises:
            NoKeyGroup: the organization has none, or its media are switched off.
        """
