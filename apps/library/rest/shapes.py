"""Rows in the words of the API, many at a time: a list costs as many statements as one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from apps.library import links, selectors
from apps.library.dto import Caption
from apps.library.models import Asset, CaptionTrack
from apps.library.services import assets as asset_services
from core.clock import iso
from media import api as media
from media.dto import StageInfo, UploadInfo


def assets(rows: Sequence[Asset]) -> list[dict[str, Any]]:
    """Assets with stages, posters, captions and uses."""
    ids = [row.id for row in rows]
    stages = media.stages_of(ids)
    uses = asset_services.uses_of(ids)
    posters = selectors.poster_urls(rows)
    timelines = selectors.latest_timelines(ids)
    captions = selectors.captions_of(timelines.values())
    return [
        _asset(
            row,
            stages.get(row.id, []),
            posters.get(row.id),
            captions.get(timelines[row.id].id, ()) if row.id in timelines else (),
            uses.get(row.id, 0),
        )
        for row in rows
    ]


def asset(row: Asset) -> dict[str, Any]:
    """One asset."""
    return assets([row])[0]


def upload(info: UploadInfo) -> dict[str, Any]:
    """An upload with the parts that have arrived."""
    return {
        "id": str(info.id),
        "asset_id": str(info.asset_id),
        "name": info.name,
        "fingerprint": info.fingerprint,
        "size_bytes": info.size_bytes,
        "part_bytes": info.part_bytes,
        "parts": info.parts,
        "state": info.state,
        "received": [{"number": part.number, "size_bytes": part.size_bytes} for part in info.received],
        "expires_at": iso(info.expires_at),
    }


def caption(row: Caption | CaptionTrack) -> dict[str, Any]:
    """A caption track without its text."""
    return {
        "id": str(row.id),
        "language": row.language,
        "label": row.label,
        "kind": row.kind,
        "is_default": row.is_default,
        "url": row.url if isinstance(row, Caption) else links.caption_url(row.id),
    }


def caption_detail(row: CaptionTrack) -> dict[str, Any]:
    """A caption track with its text, whole and cue by cue."""
    cues = row.cues.order_by("start_ms", "end_ms").values("start_ms", "end_ms", "text")
    return {**caption(row), "text": row.text_vtt, "cues": list(cues)}


def _asset(
    row: Asset, stages: list[StageInfo], poster_url: str | None, captions: tuple[Caption, ...], used_in: int
) -> dict[str, Any]:
    under_way = next((stage for stage in stages if stage.state in ("running", "queued")), None)
    return {
        "id": str(row.id),
        "title": row.title,
        "kind": row.kind,
        "state": row.state,
        "stage": _current(under_way),
        "stages": [
            {"name": stage.name, "state": stage.state, "progress_permille": stage.progress_permille} for stage in stages
        ],
        "duration_ms": row.duration_ms,
        "width": row.width,
        "height": row.height,
        "size_bytes": row.size_bytes,
        "has_audio": row.has_audio,
        "poster_url": poster_url,
        "error": _error(row),
        "waits": _waits(under_way),
        "captions": [
            {"language": track.language, "label": track.label, "kind": track.kind, "is_default": track.is_default}
            for track in captions
        ],
        "used_in": used_in,
        "created_at": iso(row.created_at),
        "revision": row.revision,
    }


def _current(stage: StageInfo | None) -> dict[str, Any] | None:
    if stage is None:
        return None
    return {"name": stage.name, "progress_permille": stage.progress_permille, "eta_seconds": stage.eta_seconds}


def _waits(stage: StageInfo | None) -> dict[str, Any] | None:
    return asdict(stage.waits) if stage is not None and stage.waits is not None else None


def _error(row: Asset) -> dict[str, Any] | None:
    if not row.error_code:
        return None
    return {
        "code": row.error_code,
        "title": row.error_title,
        "detail": row.error_detail,
        "retryable": row.is_retryable,
    }
