"""Reads that others ask for."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Sum

from apps.library import links
from apps.library.dto import Caption, TimelineInfo, Video
from apps.library.models import Asset, CaptionTrack, Timeline
from media import api as media


def video_of(asset_ids: Iterable[UUID]) -> dict[UUID, Video]:
    """What courses and players need to know of assets; deleted and unknown ones are missing. Three statements."""
    assets = {asset.id: asset for asset in Asset.objects.kept().filter(id__in=set(asset_ids))}
    if not assets:
        return {}
    timelines = latest_timelines(assets)
    captions = captions_of(timelines.values())
    posters = poster_urls(assets.values())
    return {
        asset.id: _video(asset, timelines.get(asset.id), captions, posters.get(asset.id)) for asset in assets.values()
    }


def timeline_of(timeline_id: UUID) -> TimelineInfo | None:
    """One cut of an asset, or None."""
    row = Timeline.objects.filter(id=timeline_id).values_list("id", "asset_id", "duration_ms").first()
    return TimelineInfo(*row) if row else None


def latest_timelines(asset_ids: Iterable[UUID]) -> dict[UUID, Timeline]:
    """The present cut of each asset."""
    rows = Timeline.objects.filter(asset_id__in=list(asset_ids)).order_by("asset_id", "-number").distinct("asset_id")
    return {row.asset_id: row for row in rows}


def captions_of(timelines: Iterable[Timeline]) -> dict[UUID, tuple[Caption, ...]]:
    """The caption tracks of timelines, the default first, without their text."""
    rows = (
        CaptionTrack.objects.filter(timeline_id__in=[timeline.id for timeline in timelines])
        .defer("text_vtt")
        .order_by("timeline_id", "-is_default", "language")
    )
    found: dict[UUID, tuple[Caption, ...]] = {}
    for row in rows:
        caption = Caption(row.id, row.language, row.label, row.kind, row.is_default, links.caption_url(row.id))
        found[row.timeline_id] = (*found.get(row.timeline_id, ()), caption)
    return found


def poster_urls(assets: Iterable[Asset]) -> dict[UUID, str]:
    """A signed URL for the poster of each asset that has one."""
    return media.poster_urls(
        {asset.id: asset.current_rev for asset in assets if asset.current_rev and asset.has_poster}
    )


def _video(
    asset: Asset, timeline: Timeline | None, captions: dict[UUID, tuple[Caption, ...]], poster_url: str | None
) -> Video:
    return Video(
        asset_id=asset.id,
        title=asset.title,
        kind=asset.kind,
        state=asset.state,
        timeline_id=timeline.id if timeline else None,
        duration_ms=timeline.duration_ms if timeline else None,
        width=asset.width,
        height=asset.height,
        has_audio=asset.has_audio,
        rev=asset.current_rev,
        poster_url=poster_url,
        captions=captions.get(timeline.id, ()) if timeline else (),
        chapters=tuple(timeline.chapters) if timeline else (),
    )


def film_minutes() -> int:
    """Return how long the bound organization's films run together, in begun minutes."""
    total = Asset.objects.kept().aggregate(total=Sum("duration_ms"))["total"] or 0
    return -(-int(total) // 60_000)
