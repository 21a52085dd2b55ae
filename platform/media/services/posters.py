"""Posters on cards: one signed URL each, stable for an hour so that browsers keep the picture.

Decision 0011 says why they are neither public images nor streamed by the application.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.core.cache import cache

import tenancy
from core.clock import now
from media import prefixes
from media.aws.signing import signed_url
from media.edge.grants import item_path, origin
from media.edge.interface import NoKeyGroup
from media.edge.registry import pooled_edge

_HOUR = 3600


def poster_urls(revisions: Mapping[UUID, UUID]) -> dict[UUID, str]:
    """A URL for the poster of each asset's revision, good for one to two hours, for that one picture only.

    ``revisions`` maps an asset to its revision. The caller has decided that the member may see these assets.
    """
    hour = int(now().timestamp()) // _HOUR
    names = {asset: f"media:poster:{rev}:{hour}" for asset, rev in revisions.items()}
    known: dict[str, str] = cache.get_many(list(names.values())) if names else {}
    try:
        fresh = {asset: _sign(asset, revisions[asset], hour) for asset, name in names.items() if name not in known}
    except (NoKeyGroup, tenancy.BindingInsideTransaction):
        # A card without its picture is better than no card. Inside a transaction the key can't be fetched.
        fresh = {}
    if fresh:
        cache.set_many({names[asset]: url for asset, url in fresh.items()}, timeout=_HOUR)
    return {asset: known.get(name) or fresh[asset] for asset, name in names.items() if name in known or asset in fresh}


def _sign(asset_id: UUID, rev: UUID, hour: int) -> str:
    tenant = tenancy.current()
    url = f"{origin(tenant.host)}{item_path(tenant.id, asset_id)}{rev}/{prefixes.POSTER}"
    signer = pooled_edge()._signer(tenant.id)  # the same key, at hand for half a minute, that signs grants
    parts = urlsplit(signed_url(signer, url, datetime.fromtimestamp((hour + 2) * _HOUR, UTC)))
    return f"{parts.path}?{parts.query}"
