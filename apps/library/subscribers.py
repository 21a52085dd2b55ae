"""What the library does when the media service has news."""

from __future__ import annotations

from apps.library.services import assets, conversion
from events.api import subscriber
from media.events import RevisionPublished, StageFailed, UploadProbed, UploadReceived


@subscriber("library.take_into_work", UploadReceived)
def take_into_work(event: UploadReceived) -> None:
    assets.take_into_work(event.asset)


@subscriber("library.describe", UploadProbed)
def describe(event: UploadProbed) -> None:
    conversion.describe(
        asset_id=event.asset,
        upload_id=event.upload,
        duration_ms=event.duration_ms,
        width=event.width,
        height=event.height,
        has_audio=event.has_audio,
        language=event.language,
    )


@subscriber("library.record_revision", RevisionPublished)
def record_revision(event: RevisionPublished) -> None:
    conversion.record_revision(
        asset_id=event.asset,
        upload_id=event.upload,
        rev=event.rev,
        stage=event.stage,
        duration_ms=event.duration_ms,
        bytes=event.bytes,
        growing=event.growing,
        has_poster=event.has_poster,
        renditions=event.renditions,
    )


@subscriber("library.record_failure", StageFailed)
def record_failure(event: StageFailed) -> None:
    conversion.record_failure(
        asset_id=event.asset,
        upload_id=event.upload,
        stage=event.stage,
        code=event.code,
        title=event.title,
        detail=event.detail,
        retryable=event.retryable,
    )
