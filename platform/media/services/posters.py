"""Posters on cards: one signed URL each, stable for an hour so that browsers keep the picture.

Decision 0011 says why they are neither public images nor streamed by the application.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.core.cache import cache
from redis.exceptions import RedisError

import tenancy
from core.clock import now
from media import prefixes
from media.edge.interface import NoKeyGroup
from media.edge.registry import media_edge

_HOUR = 3600


def poster_urls(revisions: Mapping[UUID, UUID]) -> dict[UUID, str]:
    """A URL for the poster of each asset's revision, good for one to two hours, for that one picture only.

    ``revisions`` maps an asset to its revision. The caller has decided that the member may see these assets.
    """
    hour = int(now().timestamp()) // _HOUR
    here = tenancy.current().here
    names = {asset: f"media:poster:{here}:{rev}:{hour}" for asset, rev in revisions.items()}
    found: dict[UUID, str] = {}
    with contextlib.suppress(RedisError):
        known = cache.get_many(list(names.values())) if names else {}
        found = {asset: known[name] for asset, name in names.items() if name in known}
    try:
        fresh = {asset: _sign(asset, rev, hour) for asset, rev in revisions.items() if asset not in found}
    except (NoKeyGroup, tenancy.BindingInsideTransaction):
        # A card without its picture is better than no card. Inside a transaction the key can't be fetched.
        return found
    if fresh:
        with contextlib.suppress(RedisError):
            cache.set_many({names[asset]: url for asset, url in fresh.items()}, timeout=_HOUR)
    return found | fresh


def _sign(asset_id: UUID, rev: UUID, hour: int) -> str:
    tenant = tenancy.current()
    until = datetime.fromtimestamp((hour + 2) * _HOUR, UTC)
    url = media_edge().signed_url(
        tenant.id, host=tenant.here, item_id=asset_id, rev=rev, name=prefixes.POSTER, expires_at=until
    )
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
