"""What the media service tells of assets. Events may come twice and in any order: each handler only moves forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import F, Max

from apps.library.models import Asset, AssetRevision, Rendition, Timeline

State = Asset.State
RANKS = {"remux": 1, "fast": 1, "ladder": 2}
# What is written here; the title and the rest belong to whoever edits them meanwhile.
_PLAYED = ("state", "current_rev", "current_rank", "has_poster")
_ERROR = ("error_code", "error_title", "error_detail", "is_retryable")


def describe(
    *,
    asset_id: UUID,
    upload_id: UUID,
    duration_ms: int,
    width: int | None,
    height: int | None,
    has_audio: bool,
    language: str | None,
) -> None:
    """Note what is in the file, and the timeline that its encodes will share."""
    _timeline(asset_id, upload_id, duration_ms)
    Asset.objects.filter(id=asset_id, upload_id=upload_id).update(
        kind=Asset.Kind.VIDEO if width else Asset.Kind.AUDIO,
        duration_ms=duration_ms,
        width=width,
        height=height,
        has_audio=has_audio,
        language=(language or "")[:16],
    )


def record_revision(
    *,
    asset_id: UUID,
    upload_id: UUID,
    rev: UUID,
    stage: str,
    duration_ms: int,
    bytes: int,
    growing: bool,
    has_poster: bool,
    renditions: Sequence[Mapping[str, Any]],
) -> None:
    """Note an encode, and play it from now on unless a better or later one is played already."""
    asset = Asset.objects.select_for_update(of=("self",)).filter(id=asset_id).first()
    if asset is None:
        return
    timeline = _timeline(asset_id, upload_id, duration_ms)
    row, created = AssetRevision.objects.get_or_create(
        rev=rev, defaults={"asset_id": asset_id, "timeline": timeline, "stage": stage, "is_growing": growing}
    )
    if created or (row.is_growing and not growing):
        row.bytes, row.is_growing = bytes, growing
        row.save(update_fields=["bytes", "is_growing"])
        Rendition.objects.filter(revision=row).delete()
        Rendition.objects.bulk_create([Rendition(revision=row, **rendition) for rendition in renditions])
    rank = RANKS[stage]
    # Ids are made in the order of time: of two tries at one stage the later wins, however the events arrive.
    if (asset.current_rank, asset.current_rev.int if asset.current_rev else 0) > (rank, rev.int):
        AssetRevision.objects.filter(rev=rev).update(state=AssetRevision.State.SUPERSEDED)
        return
    if asset.current_rev not in (None, rev):
        AssetRevision.objects.filter(rev=asset.current_rev).update(state=AssetRevision.State.SUPERSEDED)
    asset.current_rev, asset.current_rank, asset.has_poster = rev, rank, has_poster
    asset.state = State.READY if rank == RANKS["ladder"] else State.PLAYABLE
    asset.duration_ms = asset.duration_ms or duration_ms
    asset.error_code = asset.error_title = asset.error_detail = ""
    asset.is_retryable = False
    asset.save(update_fields=[*_PLAYED, *_ERROR, "duration_ms"])


def record_failure(
    *, asset_id: UUID, upload_id: UUID, stage: str, code: str, title: str, detail: str, retryable: bool
) -> None:
    """Note why a stage was given up. What plays goes on playing; what never became whole is not played any more."""
    asset = Asset.objects.select_for_update(of=("self",)).filter(id=asset_id, upload_id=upload_id).first()
    if asset is None or asset.state == State.READY:
        return
    asset.error_code, asset.error_title, asset.error_detail = code, title[:200], detail
    asset.is_retryable = retryable
    if stage != "ladder":
        if asset.current_rev:
            AssetRevision.objects.filter(rev=asset.current_rev).update(state=AssetRevision.State.FAILED)
        asset.current_rev, asset.current_rank, asset.state = None, 0, State.FAILED
    elif asset.current_rev is None:
        asset.state = State.FAILED
    asset.save(update_fields=[*_PLAYED, *_ERROR])


def _timeline(asset_id: UUID, upload_id: UUID, duration_ms: int) -> Timeline:
    found = Timeline.objects.filter(upload_id=upload_id).first()
    if found is not None:
        return found
    # The asset's row serialises: two events of one upload make one timeline.
    Asset.objects.filter(id=asset_id).update(revision=F("revision"))
    last = Timeline.objects.filter(asset_id=asset_id).aggregate(last=Max("number"))["last"] or 0
    row, _ = Timeline.objects.get_or_create(
        upload_id=upload_id, defaults={"asset_id": asset_id, "number": last + 1, "duration_ms": duration_ms}
    )
    return row
