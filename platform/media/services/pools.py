"""Distributions, what of their quotas is used, and whose films are where: for staff. Platform only, from rows alone.

What CloudFront held was written down by whoever looked last, at most ten minutes ago: nobody waits for its API here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from core.errors import NotFound
from media.edge import quotas
from media.edge.grants import ALL_ENDED_AFTER
from media.edge.keyring import TRUSTED
from media.edge.registry import CLOUDFRONT
from media.models import EdgeBinding, EdgePool, SigningKey
from media.models.keys import other_strategy

Only = Literal["", "moving", "pending", "troubled"]
_Strategy = EdgeBinding.Strategy
_State = EdgeBinding.State
_Phase = EdgeBinding.Phase
_OF_POOLS = (quotas.BEHAVIOURS, quotas.ALIASES)
_OF_ACCOUNT = (quotas.PUBLIC_KEYS, quotas.KEY_GROUPS, quotas.TENANTS)


@dataclass(frozen=True, slots=True)
class Used:
    """How much of a quota is used. ``kept_free`` is left to those who change a distribution by hand."""

    name: str
    used: int
    limit: int
    kept_free: int = 0


@dataclass(frozen=True, slots=True)
class Pool:
    """A distribution. ``looked_at`` is None where nobody has looked at it yet; ``is_set`` whether the settings name it.

    ``leaving`` are on their way to another one; both have them meanwhile.
    """

    id: str
    kind: str
    is_set: bool
    is_deployed: bool
    problem: str
    looked_at: datetime | None
    written_at: datetime | None
    written_by: str
    organizations: int
    leaving: int
    key_groups: int
    public_keys: int
    figures: tuple[Used, ...]
    has_room: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """The edge of this cell as a whole. Of the embedded one there are no distributions."""

    kind: str
    pools: tuple[Pool, ...]
    account: tuple[Used, ...]
    organizations: int
    moving: int
    pending: int
    troubled: int
    without_place: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How one organization's films are delivered. ``next_at`` is when a move may go on at the soonest.

    ``choices`` are the strategies that it could be moved to now; the one it has calls a move off.
    """

    organization_id: UUID
    strategy: str
    pool: str
    state: str
    phase: str
    phase_since: datetime | None
    next_at: datetime | None
    other_pool: str
    is_settled: bool
    problem: str
    hosts: tuple[str, ...]
    changed_at: datetime
    choices: tuple[str, ...]


def edge() -> Edge:
    """Return how the edge stands."""
    rows = list(EdgeBinding.objects.all())
    is_cloudfront = settings.MEDIA_EDGE == CLOUDFRONT
    pools = _pools(rows) if is_cloudfront else ()
    return Edge(
        kind=settings.MEDIA_EDGE,
        pools=pools,
        account=_account() if is_cloudfront else (),
        organizations=len(rows),
        moving=sum(bool(row.phase) for row in rows),
        pending=sum(row.state == _State.PENDING for row in rows),
        troubled=sum(bool(row.problem) for row in rows),
        without_place=sum(not row.pool for row in rows),
    )


def bindings(*, pool: str = "", only: Only = "") -> QuerySet[EdgeBinding]:
    """Return the bindings that have a place in a distribution, or want something; ready for pages."""
    rows = EdgeBinding.objects.all()
    if pool:
        rows = rows.filter(Q(pool=pool) | ~Q(phase="") & Q(other_pool=pool))
    wanted: dict[str, Q] = {
        "moving": ~Q(phase=""),
        "pending": Q(state=_State.PENDING),
        "troubled": ~Q(problem=""),
    }
    return rows.filter(wanted[only]) if only else rows


def standing_of(organization_id: UUID) -> Standing:
    """Return how an organization stands.

    Raises:
        NotFound: its media were never set up.
    """
    row = EdgeBinding.objects.filter(organization_id=organization_id).first()
    if row is None:
        raise NotFound("Its media were never set up.")
    return stand(row)


def stand(row: EdgeBinding) -> Standing:
    """Return how a binding stands."""
    waits = row.phase in (_Phase.BOTH, _Phase.SETTLING) and row.phase_since is not None
    return Standing(
        organization_id=row.organization_id,
        strategy=row.strategy,
        pool=row.pool,
        state=row.state,
        phase=row.phase,
        phase_since=row.phase_since,
        next_at=row.phase_since + ALL_ENDED_AFTER if waits and row.phase_since else None,
        other_pool=row.other_pool if row.phase else "",
        is_settled=row.is_settled,
        problem=row.problem,
        hosts=tuple(row.hosts),
        changed_at=row.changed_at,
        choices=_choices(row),
    )


def _choices(row: EdgeBinding) -> tuple[str, ...]:
    """What :func:`media.edge.moving.begin` would take now, but for room."""
    if settings.MEDIA_EDGE != CLOUDFRONT or row.state == _State.REVOKED:
        return ()
    if row.phase in (_Phase.PREPARING, _Phase.BOTH):
        return (row.strategy,)
    if row.phase or row.state != _State.DEPLOYED:
        return ()
    other = other_strategy(row.strategy)
    if other == _Strategy.DISTRIBUTION_TENANT and not settings.CLOUDFRONT_TEMPLATE:
        return ()
    return (other,)


def _pools(rows: list[EdgeBinding]) -> tuple[Pool, ...]:
    seen = {row.distribution_id: row for row in EdgePool.objects.all()}
    at, leaving = Counter(row.pool for row in rows), Counter(row.other_pool for row in rows if row.phase)
    keys = Counter(
        dict(
            SigningKey.objects.filter(state__in=TRUSTED)
            .values_list("organization_id")
            .annotate(n=Count("id"))
            .order_by()
        )
    )
    # Those of before, where somebody is still served, belong on the page most of all.
    named = [*settings.CLOUDFRONT_POOLS, settings.CLOUDFRONT_TEMPLATE, *sorted({*at, *leaving} & seen.keys())]
    found = []
    for name in dict.fromkeys(one for one in named if one):
        is_template = name == settings.CLOUDFRONT_TEMPLATE
        strategy = _Strategy.DISTRIBUTION_TENANT if is_template else _Strategy.POOLED
        groups = [row for row in rows if row.side(strategy) == name and row.state != _State.REVOKED]
        if is_template:
            groups = [row for row in groups if row.phase]
        found.append(
            _pool(
                name,
                seen.get(name),
                organizations=at[name],
                leaving=leaving[name],
                key_groups=len(groups),
                public_keys=sum(keys[row.organization_id] for row in groups),
            )
        )
    return tuple(found)


def _pool(
    name: str, row: EdgePool | None, *, organizations: int, leaving: int, key_groups: int, public_keys: int
) -> Pool:
    is_template = name == settings.CLOUDFRONT_TEMPLATE
    figures: tuple[Used, ...] = ()
    if row is not None and row.used and not is_template:
        figures = tuple(
            Used(one, row.used.get(one, 0), quotas.limit(row.quotas, one), quotas.KEPT_FREE) for one in _OF_POOLS
        )
    return Pool(
        id=name,
        kind=EdgePool.Kind.TEMPLATE if is_template else EdgePool.Kind.SHARED,
        is_set=name in (*settings.CLOUDFRONT_POOLS, settings.CLOUDFRONT_TEMPLATE),
        is_deployed=row is not None and row.is_deployed,
        problem=row.problem if row is not None else "",
        looked_at=row.looked_at if row is not None and row.used else None,
        written_at=row.written_at if row is not None else None,
        written_by=row.written_by if row is not None else "",
        organizations=organizations,
        leaving=leaving,
        key_groups=key_groups,
        public_keys=public_keys,
        figures=figures,
        has_room=is_template or all(one.limit - one.used > one.kept_free for one in figures),
    )


def _account() -> tuple[Used, ...]:
    """Return the account's quotas as whoever looked last saw them."""
    found: dict[str, Used] = {}
    for row in EdgePool.objects.exclude(used={}).order_by("looked_at"):
        found |= {
            name: Used(name, row.used[name], quotas.limit(row.quotas, name)) for name in _OF_ACCOUNT if name in row.used
        }
    return tuple(found[name] for name in _OF_ACCOUNT if name in found)
