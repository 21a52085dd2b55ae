"""How organizations' media are delivered, for staff: where each stands, moves and rotations. Platform only."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from core.clock import iso
from core.errors import NotFound
from media.edge import registry
from media.edge.interface import CannotMove, NoKeyGroup
from media.edge.registry import media_edge
from media.errors import EdgeRefuses
from media.models import EdgeBinding


def find_by_host(host: str) -> UUID:
    """Return whose media are delivered on a host.

    Raises:
        NotFound: nobody's.
    """
    row = EdgeBinding.objects.filter(hosts__contains=[host.lower().rstrip(".")]).first()
    if row is None:
        raise NotFound(f"Nobody's media are delivered on {host}.")
    return row.organization_id


def standing(organization_id: UUID) -> dict[str, str]:
    """Return in words how an organization's media are delivered.

    Raises:
        NotFound: they are not set up.
    """
    row = EdgeBinding.objects.filter(organization_id=organization_id).first()
    if row is None:
        raise NotFound("Its media were never set up.")
    found = {"strategy": row.strategy, "distribution": row.pool or "none yet", "state": row.state}
    if row.phase:
        since = iso(row.phase_since) if row.phase_since else ""
        found["moving"] = f"{row.phase} since {since}, other distribution {row.other_pool}"
    found["edge"] = "holds what it has to" if row.is_settled else "is being told"
    found["hosts"] = ", ".join(row.hosts)
    if row.problem:
        found["problem"] = row.problem
    return found


def move(organization_id: UUID, strategy: str, *, pool: str = "") -> None:
    """Begin to move an organization's media to another strategy, or call a move off by naming the one it has.

    ``pool`` is the shared distribution to go to; without it, the first with room.

    Raises:
        EdgeRefuses: it can't be moved now; the detail says why.
    """
    try:
        media_edge().move(organization_id, strategy, pool=pool)
    except (CannotMove, NoKeyGroup) as refused:
        raise EdgeRefuses(str(refused)) from refused


def rotate(organization_id: UUID, *, at_once: bool) -> None:
    """Let the next key (and secret) sign; with ``at_once`` what the old ones signed ends as soon as the edge knows.

    Raises:
        EdgeRefuses: the next one is not trusted everywhere yet.
    """
    try:
        media_edge().rotate(organization_id, at_once=at_once)
    except NoKeyGroup as refused:
        raise EdgeRefuses(str(refused)) from refused


def rotate_template(*, at_once: bool) -> str:
    """Let the next key that all distribution tenants share sign, as :func:`rotate`; return whose template it is.

    Raises:
        EdgeRefuses: there is none, or the next one is not trusted everywhere yet.
    """
    template = registry.template()
    try:
        registry.rows_edge().rotate_shard(template, at_once=at_once)
    except NoKeyGroup as refused:
        raise EdgeRefuses(str(refused)) from refused
    return template


def problems(organization_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return why the edge does not hold what it has to, of those organizations where it does not."""
    rows = EdgeBinding.objects.filter(organization_id__in=list(organization_ids)).exclude(problem="")
    return dict(rows.values_list("organization_id", "problem"))
