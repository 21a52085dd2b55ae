"""Assets: from the first byte to the bin."""

from __future__ import annotations

import contextlib
import re
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.module_loading import import_string

from apps.audit.api import record
from apps.library.errors import AssetInUse, AssetNotFound
from apps.library.models import Asset
from core.clock import now
from core.errors import RevisionConflict
from core.ids import new_id
from media import api as media
from media.dto import UploadInfo
from media.errors import StorageUnavailable, UploadEnded

State = Asset.State


def start_upload(
    *, member_id: UUID, name: str, content_type: str, fingerprint: str, size_bytes: int
) -> tuple[UploadInfo, bool]:
    """An upload to put parts to, and whether it is new: the same file from the same member goes on where it was.

    Raises:
        media.errors.UploadSizeRefused, UploadTypeRefused, StorageUnavailable; billing.errors.QuotaExceeded.
    """
    going_on = media.find_open(member_id=member_id, fingerprint=fingerprint, size_bytes=size_bytes)
    if going_on is not None:
        return going_on, False
    asset_id = new_id()
    with transaction.atomic():
        upload_id = media.open_upload(
            member_id=member_id,
            asset_id=asset_id,
            name=name,
            content_type=content_type,
            fingerprint=fingerprint,
            size_bytes=size_bytes,
        )
        Asset.objects.create(
            id=asset_id,
            title=title_of(name),
            kind=Asset.Kind.AUDIO if content_type.startswith("audio/") else Asset.Kind.VIDEO,
            owner_id=member_id,
            upload_id=upload_id,
            size_bytes=size_bytes,
        )
        record(
            "library.asset.uploaded",
            object_type="asset",
            object_id=asset_id,
            label=title_of(name),
            changes={"size_bytes": size_bytes},
        )
    try:
        return media.begin(upload_id), True
    except StorageUnavailable:
        Asset.objects.filter(id=asset_id).update(deleted_at=now())
        raise


def finish_upload(upload_id: UUID, *, member_id: UUID) -> Asset:
    """Complete an upload and return its asset, in work from now on. Safe to repeat.

    Raises:
        media.errors.UploadNotFound, UploadEnded, UploadIncomplete, UploadDamaged, StorageUnavailable.
    """
    asset_id = media.complete(upload_id, member_id=member_id)
    take_into_work(asset_id)
    return get_asset(asset_id)


def take_into_work(asset_id: UUID) -> None:
    """The file is there; the conversion has been asked for."""
    Asset.objects.filter(id=asset_id, state=State.UPLOADING).update(state=State.PROCESSING)


def cancel_upload(upload_id: UUID, *, member_id: UUID) -> None:
    """Give an upload up; its asset, which never was anything, goes with it.

    Raises:
        media.errors.UploadNotFound, UploadEnded.
    """
    asset_id = media.abort(upload_id, member_id=member_id)
    Asset.objects.filter(id=asset_id, state=State.UPLOADING, deleted_at__isnull=True).update(deleted_at=now())


@transaction.atomic
def rename_asset(asset_id: UUID, *, title: str, expected_revision: int | None) -> Asset:
    """Give an asset another title; with ``expected_revision`` only over what one has seen.

    Raises:
        AssetNotFound, core.errors.RevisionConflict.
    """
    rows = Asset.objects.kept().filter(id=asset_id)
    before = rows.select_for_update().values_list("title", flat=True).first()
    if expected_revision is not None:
        rows = rows.filter(revision=expected_revision)
    if not rows.update(title=title, revision=F("revision") + 1):
        current = get_asset(asset_id)
        raise RevisionConflict(current={"title": current.title, "revision": current.revision})
    if before != title:
        record(
            "library.asset.renamed",
            object_type="asset",
            object_id=asset_id,
            label=title,
            changes={"title": [before, title]},
        )
    return get_asset(asset_id)


def retry_asset(asset_id: UUID) -> Asset:
    """Convert again what failed.

    Raises:
        AssetNotFound; media.errors.SourceGone, NothingToRetry.
    """
    with transaction.atomic():
        asset = get_asset(asset_id)
        media.retry(asset.id)
        cleared: dict[str, Any] = {"error_code": "", "error_title": "", "error_detail": "", "is_retryable": False}
        if asset.state == State.FAILED:
            cleared["state"] = State.PROCESSING
        Asset.objects.filter(id=asset_id).update(**cleared)
    return get_asset(asset_id)


def delete_asset(asset_id: UUID) -> None:
    """Delete an asset that nothing shows: it stops playing now, its bytes are given back.

    Raises:
        AssetNotFound, AssetInUse.
    """
    asset = get_asset(asset_id)
    used_in = uses_of([asset_id]).get(asset_id, 0)
    if used_in:
        places = "1 place" if used_in == 1 else f"{used_in} places"
        raise AssetInUse(f"“{asset.title}” is shown in {places}. Take it out of those lessons first.", used_in=used_in)
    if asset.state == State.UPLOADING and asset.upload_id and asset.owner_id:
        with contextlib.suppress(UploadEnded):  # it has just arrived: discarded below like any other
            media.abort(asset.upload_id, member_id=asset.owner_id)
    with transaction.atomic():
        if Asset.objects.filter(id=asset_id, deleted_at__isnull=True).update(deleted_at=now()):
            record("library.asset.deleted", object_type="asset", object_id=asset_id, label=asset.title)
    media.discard(asset_id)


def get_asset(asset_id: UUID) -> Asset:
    """One asset.

    Raises:
        AssetNotFound: there is none, or it was deleted.
    """
    asset = Asset.objects.kept().filter(id=asset_id).first()
    if asset is None:
        raise AssetNotFound
    return asset


def uses_of(asset_ids: list[UUID]) -> dict[UUID, int]:
    """In how many places each asset is shown, over every app that settings list."""
    total: dict[UUID, int] = {}
    for path in settings.ASSET_USES:
        for asset_id, count in import_string(path)(asset_ids).items():
            total[asset_id] = total.get(asset_id, 0) + count
    return total


def title_of(name: str) -> str:
    """A title from a file's name: without folder, ending and underscores."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", re.split(r"[\\/]", name)[-1])
    words = re.sub(r"[_\s]+", " ", stem).strip()
    return (words or "Untitled")[:200]
