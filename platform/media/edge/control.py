"""What :class:`media.edge.rows.RowsEdge` asks of whoever makes an edge hold its rows."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from django.db.models import Q

from media.models.keys import EdgeBinding


class EdgeControl(Protocol):
    """Makes an edge hold what the tables say.

    The local edge reads the tables by itself: a commit is a deployment. CloudFront has to be told over its API, and
    takes minutes: there the rows are only marked here, and a duty does the telling. Every method runs in the
    transaction of the change, so none of them may call over the network.
    """

    # Whether keys and secrets are trusted as soon as their rows are committed.
    at_once: bool

    def place(self, binding: EdgeBinding, strategy: str, *, pool: str = "") -> str:
        """Return the distribution where an organization is to be served by a strategy; empty where there is no room.

        ``pool`` is the shared one that it has to be, where somebody chose.
        """

    def changed(self, binding: EdgeBinding) -> None:
        """The rows of an organization are about to be committed: make the edge hold them, or see to it that it will."""

    def revoked(self, organization_id: UUID, policy_hash: str) -> None:
        """A grant was ended."""

    def strangers(self) -> Q:
        """Return the condition of bindings that another edge has left: another cell's, or the one before this one."""

    def stands(self, binding: EdgeBinding) -> bool:
        """Return whether the edge is known to hold everywhere what the binding has wanted since its last change."""
