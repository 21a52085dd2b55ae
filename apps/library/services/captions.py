"""Caption tracks: uploaded, read by players and transcripts, deleted."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.audit.api import record
from apps.library import captions
from apps.library.errors import AssetNotDescribed, CaptionLanguageTaken, CaptionNotFound
from apps.library.models import Asset, CaptionTrack, Cue, Timeline


def add_captions(
    *, asset: Asset, language: str, label: str, text: str, is_default: bool, kind: str = CaptionTrack.Kind.CAPTIONS
) -> CaptionTrack:
    """Read a VTT or SRT text and keep it as a track of the asset's timeline.

    Raises:
        AssetNotDescribed, CaptionsRefused, CaptionLanguageTaken.
    """
    timeline = timeline_of_asset(asset)
    cues = captions.parse(text)
    captions.check_against(cues, timeline.duration_ms)
    rendered = captions.render(cues)
    try:
        with transaction.atomic():
            tracks = CaptionTrack.objects.filter(timeline=timeline)
            if is_default:
                tracks.update(is_default=False)
            track = CaptionTrack.objects.create(
                timeline=timeline,
                language=language,
                label=label,
                kind=kind,
                is_default=is_default or not tracks.exists(),
                text_vtt=rendered,
                sha256=hashlib.sha256(rendered.encode()).hexdigest(),
            )
            Cue.objects.bulk_create(
                [Cue(track=track, start_ms=cue.start_ms, end_ms=cue.end_ms, text=cue.text) for cue in cues],
                batch_size=2000,
            )
            record(
                "library.captions.added",
                object_type="asset",
                object_id=asset.id,
                label=asset.title,
                changes={"language": language},
            )
    except IntegrityError as error:
        raise CaptionLanguageTaken(f"Delete the captions in “{label}” first, then add these.") from error
    return track


def get_captions(asset: Asset, caption_id: UUID) -> CaptionTrack:
    """One track of an asset.

    Raises:
        CaptionNotFound
    """
    track = CaptionTrack.objects.filter(id=caption_id, timeline__asset=asset).first()
    if track is None:
        raise CaptionNotFound
    return track


def delete_captions(asset: Asset, caption_id: UUID) -> None:
    """Delete a track; another becomes the default where this was it.

    Raises:
        CaptionNotFound
    """
    track = get_captions(asset, caption_id)
    with transaction.atomic():
        timeline_id, was_default = track.timeline_id, track.is_default
        track.delete()
        record(
            "library.captions.deleted",
            object_type="asset",
            object_id=asset.id,
            label=asset.title,
            changes={"language": track.language},
        )
        if was_default:
            heir = CaptionTrack.objects.filter(timeline_id=timeline_id).order_by("created_at").first()
            if heir is not None:
                CaptionTrack.objects.filter(id=heir.id).update(is_default=True)


def timeline_of_asset(asset: Asset) -> Timeline:
    """The asset's present cut.

    Raises:
        AssetNotDescribed: nobody has looked at the file yet.
    """
    timeline = Timeline.objects.filter(asset=asset).order_by("-number").first()
    if timeline is None:
        raise AssetNotDescribed("Wait until the video has been looked at, a few seconds after its upload.")
    return timeline
