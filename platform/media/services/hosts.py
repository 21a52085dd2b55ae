"""The hosts on which an organization's media are served: a copy of what tenants know, kept at the edge."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from media.edge.registry import media_edge
from media.models import EdgeBinding
from tenants.api import all_hosts, hosts_of


def serve_hosts(organization_id: UUID, hosts: Sequence[str]) -> None:
    """Serve the organization's media on ``hosts`` and no other. Call it outside any transaction."""
    media_edge().follow_hosts(organization_id, hosts)


def compare() -> int:
    """Mend copies that missed a change; return how many. Must run on the platform.

    Both sides are read at different moments: what seems to differ is asked for once more, so that nothing that changes
    meanwhile is set back, and who has just come loses no host.
    """
    copies = list(EdgeBinding.objects.values_list("organization_id", "hosts"))
    known = all_hosts()
    mended = 0
    for organization_id, kept in copies:
        if sorted(known.get(organization_id, [])) == sorted(kept):
            continue
        hosts = hosts_of(organization_id)
        if sorted(hosts) != sorted(kept):
            serve_hosts(organization_id, hosts)
            mended += 1
    return mended
