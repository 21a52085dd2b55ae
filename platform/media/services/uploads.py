"""Uploads: from a browser straight into the object store, in parts; completed, then verified, by us.

``open -> completing -> received``, ``open | completing -> aborted``, ``received -> rejected``. Every transition is one
guarded UPDATE; nothing here holds a transaction open while it talks to the store.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

import tenancy
from billing import api as billing
from core.clock import now
from core.ids import new_id
from events.api import publish
from media import prefixes
from media.dto import ReceivedPart, SignedPart, UploadInfo
from media.errors import (
    PartRefused,
    StorageUnavailable,
    UploadDamaged,
    UploadEnded,
    UploadIncomplete,
    UploadNotFound,
    UploadSizeRefused,
    UploadTypeRefused,
)
from media.events import StageFailed, UploadReceived
from media.models import StorageEntry, TranscodeJob, Upload
from media.services import jobs
from media.services.objects import store
from media.services.turns import in_turn
from media.storage import ObjectGone, PartsRefused, StoredPart, UploadGone
from media.transcoding.errors import TranscodingError

MIB = 1024 * 1024
GIB = 1024 * MIB
LARGEST_BYTES = 50 * GIB
LIFE = timedelta(days=3)
STUCK = timedelta(seconds=60)
PARTS_A_REQUEST = 100
PART_URL_SECONDS = 15 * 60
SHA256_BASE64_LENGTH = 44

State = Upload.State


def part_bytes_for(size_bytes: int) -> int:
    """The size of each part but the last: few requests for large files, a smooth bar for small ones."""
    if size_bytes <= 256 * MIB:
        return 8 * MIB
    if size_bytes <= 8 * GIB:
        return 16 * MIB
    return 64 * MIB


def find_open(*, member_id: UUID, fingerprint: str, size_bytes: int) -> UploadInfo | None:
    """The member's open upload of the same file, to go on with."""
    row = _live().filter(member_id=member_id, fingerprint=fingerprint, size_bytes=size_bytes).first()
    return _info(row, _received(row)) if row else None


@transaction.atomic
def open_upload(
    *, member_id: UUID, asset_id: UUID, name: str, content_type: str, fingerprint: str, size_bytes: int
) -> UUID:
    """Reserve the bytes and note the upload; call ``begin`` after the commit. Returns the upload's id.

    Raises:
        UploadSizeRefused, UploadTypeRefused: this cannot be taken.
        billing.errors.QuotaExceeded: there is no room.
        UploadEnded: the member's other tab has just opened the same file.
    """
    if size_bytes < 1:
        raise UploadSizeRefused("The file is empty. Look at the copy on your disk.")
    if size_bytes > LARGEST_BYTES:
        raise UploadSizeRefused("The largest file is 50\N{NO-BREAK SPACE}GiB. Export the film smaller or in parts.")
    if content_type and not content_type.startswith(("video/", "audio/", "application/")):
        raise UploadTypeRefused("Upload a film or a sound recording, for example an MP4.")
    organization_id, upload_id = tenancy.current().id, new_id()
    part_bytes = part_bytes_for(size_bytes)
    reservation_id = billing.reserve(meter=billing.STORAGE_BYTES, amount=size_bytes, life=LIFE + timedelta(days=1))
    row = Upload(
        id=upload_id,
        organization_id=organization_id,
        member_id=member_id,
        asset_id=asset_id,
        key=prefixes.source_key(organization_id, upload_id),
        name=name[:255],
        content_type=content_type[:100],
        fingerprint=fingerprint[:128],
        size_bytes=size_bytes,
        part_bytes=part_bytes,
        parts=math.ceil(size_bytes / part_bytes),
        reservation_id=reservation_id,
        expires_at=now() + LIFE,
    )
    try:
        with transaction.atomic():
            Upload.objects.bulk_create([row])
    except IntegrityError as error:
        raise UploadEnded("This file is being uploaded in another tab.", state="open") from error
    return upload_id


def begin(upload_id: UUID) -> UploadInfo:
    """Open the multipart upload in the store. Safe to repeat.

    Raises:
        StorageUnavailable: the store did not answer; the upload and its bytes were given up.
    """
    row = _get(upload_id)
    if not row.s3_upload_id:
        try:
            s3_upload_id = store().begin_upload(row.key, content_type=row.content_type or "application/octet-stream")
        except StorageUnavailable:
            _give_up(row)
            raise
        if not Upload.objects.filter(id=row.id, s3_upload_id="").update(s3_upload_id=s3_upload_id):
            store().abort_upload(row.key, s3_upload_id)
        row = _get(upload_id)
    return _info(row)


def mine(member_id: UUID) -> list[UploadInfo]:
    """The member's uploads under way, newest first."""
    rows = _live().filter(member_id=member_id).order_by("-created_at")[:50]
    return [_info(row, _received(row)) for row in rows]


def get(upload_id: UUID, *, member_id: UUID) -> UploadInfo:
    """One upload with what has arrived of it.

    Raises:
        UploadNotFound: there is none, or it is someone else's.
    """
    row = _own(upload_id, member_id)
    return _info(row, _received(row))


def sign_parts(upload_id: UUID, *, member_id: UUID, parts: Sequence[tuple[int, str]]) -> list[SignedPart]:
    """URLs to put parts to, each bound to the part's length and SHA-256 (base64): nothing else is accepted there.

    Raises:
        UploadNotFound, UploadEnded, PartRefused.
    """
    row = _own(upload_id, member_id)
    if row.state != State.OPEN or not row.s3_upload_id:
        raise UploadEnded(state=row.state)
    if len(parts) > PARTS_A_REQUEST:
        raise PartRefused(f"At most {PARTS_A_REQUEST} parts at once.")
    signed = []
    for number, sha256 in parts:
        if not 1 <= number <= row.parts or len(sha256) != SHA256_BASE64_LENGTH:
            raise PartRefused(f"The upload has parts 1 to {row.parts}, each with the base64 of a SHA-256.")
        request = store().presign_part(
            row.key,
            row.s3_upload_id,
            number,
            size_bytes=_size_of(row, number),
            sha256=sha256,
            seconds=PART_URL_SECONDS,
        )
        signed.append(SignedPart(number, request.url, request.headers))
    return signed


def complete(upload_id: UUID, *, member_id: UUID) -> UUID:
    """Put the parts together, look at what came of it, and ask for the conversion; return the asset's id.

    Repeating it is harmless: an upload that was received stays received.

    Raises:
        UploadNotFound, UploadEnded, UploadIncomplete, UploadDamaged, StorageUnavailable.
    """
    row = _own(upload_id, member_id)
    return _complete(row)


def resume_completing(upload_id: UUID) -> None:
    """Finish a completion that was interrupted. The dispatcher's way in."""
    row = _get(upload_id)
    if row.state == State.COMPLETING:
        _complete(row)


def abort(upload_id: UUID, *, member_id: UUID) -> UUID:
    """Give an upload up and its bytes back; return the asset's id. Safe to repeat.

    Raises:
        UploadNotFound: there is none, or it is someone else's.
        UploadEnded: it has been received.
    """
    row = _own(upload_id, member_id)
    if row.state in (State.RECEIVED, State.REJECTED):
        raise UploadEnded(state=row.state)
    _give_up(row)
    return row.asset_id


def expire(upload_id: UUID) -> None:
    """Give up what was left lying. The sweeper's way in."""
    row = _get(upload_id)
    if row.state == State.OPEN and row.expires_at < now():
        _give_up(row)
        _tell_failed(
            row,
            "upload_expired",
            "The upload was not finished",
            "Nothing arrived for three days, so it was put away. Upload the file again.",
        )


def due_for_sweep(*, limit: int = 100) -> list[tuple[UUID, UUID, str]]:
    """(organization, upload, state) of completions that were interrupted and of uploads past their time, in turn.

    Must run on the platform.
    """
    stuck = Upload.objects.filter(state=State.COMPLETING, state_changed_at__lt=now() - STUCK)
    expired = Upload.objects.filter(state=State.OPEN, expires_at__lt=now())
    fields = ("organization_id", "id", "state")
    return [
        *in_turn(stuck, by="state_changed_at", limit=limit).values_list(*fields),
        *in_turn(expired, by="expires_at", limit=limit).values_list(*fields),
    ]


def reject(upload_id: UUID, error: TranscodingError) -> None:
    """The probe says that this is no film: delete the file, give the bytes back, tell the author why."""
    with transaction.atomic():
        row = Upload.objects.select_for_update(of=("self",)).get(id=upload_id)
        if not _move(row, (State.RECEIVED,), State.REJECTED, error_code=error.code, source_deleted_at=now()):
            return
        _count(row, -row.size_bytes)
        publish(
            StageFailed(
                asset=row.asset_id,
                upload=row.id,
                stage=TranscodeJob.Stage.FIRST,
                code=error.code,
                title=error.title,
                detail=error.detail,
                retryable=False,
            )
        )
    store().delete([row.key])


def delete_source(upload_id: UUID) -> None:
    """Delete a received file for good and give its bytes back. Safe to repeat."""
    with transaction.atomic():
        row = Upload.objects.select_for_update(of=("self",)).get(id=upload_id)
        if row.state != State.RECEIVED or row.source_deleted_at is not None:
            return
        Upload.objects.filter(id=row.id).update(source_deleted_at=now())
        _count(row, -row.size_bytes)
    store().delete([row.key])


def _complete(row: Upload) -> UUID:
    if row.state == State.RECEIVED:
        return row.asset_id
    if not _move(row, (State.OPEN, State.COMPLETING), State.COMPLETING):
        raise UploadEnded(state=_get(row.id).state)
    try:
        parts = store().parts(row.key, row.s3_upload_id)
    except UploadGone:
        parts = None  # an earlier try completed it and died before it could say so
    if parts is not None:
        missing = _missing(row, parts)
        if missing:
            _move(row, (State.COMPLETING,), State.OPEN)
            raise UploadIncomplete(f"{len(missing)} of {row.parts} parts have not arrived.", missing=missing[:100])
        try:
            store().complete_upload(row.key, row.s3_upload_id, parts)
        except UploadGone:
            pass  # another request has just completed it
        except PartsRefused as error:
            _move(row, (State.COMPLETING,), State.OPEN)
            raise UploadIncomplete("The store does not take these parts. Send them again.", missing=[]) from error
    if _stored_bytes(row.key) != row.size_bytes:
        store().delete([row.key])
        _give_up(row)
        _tell_failed(row, UploadDamaged.code, UploadDamaged.title, "Upload the file again.")
        raise UploadDamaged("The store holds another size than was announced. Upload the file again.")
    _receive(row)
    return row.asset_id


@transaction.atomic
def _receive(row: Upload) -> None:
    if not _move(row, (State.COMPLETING,), State.RECEIVED):
        return
    # The bytes count from here: the reservation becomes use, and the ledger says for what.
    billing.commit(row.reservation_id, actual=row.size_bytes)
    _enter(row, row.size_bytes)
    jobs.enqueue(asset_id=row.asset_id, upload_id=row.id, stage=TranscodeJob.Stage.FIRST)
    publish(UploadReceived(upload=row.id, asset=row.asset_id, bytes=row.size_bytes))


def _give_up(row: Upload) -> None:
    with transaction.atomic():
        if _move(row, (State.OPEN, State.COMPLETING), State.ABORTED, source_deleted_at=now()):
            billing.release(row.reservation_id)
    if row.s3_upload_id:
        # Where it does not answer now, the store drops unfinished uploads by itself after three days.
        with contextlib.suppress(StorageUnavailable):
            store().abort_upload(row.key, row.s3_upload_id)


def _tell_failed(row: Upload, code: str, title: str, detail: str) -> None:
    with transaction.atomic():
        publish(
            StageFailed(
                asset=row.asset_id,
                upload=row.id,
                stage="upload",
                code=code,
                title=title,
                detail=detail,
                retryable=False,
            )
        )


def _move(row: Upload, sources: Iterable[str], target: str, **changes: object) -> bool:
    moved = Upload.objects.filter(id=row.id, state__in=list(sources)).update(
        state=target, state_changed_at=now(), **changes
    )
    if moved:
        row.state = target
    return bool(moved)


def _missing(row: Upload, parts: Sequence[StoredPart]) -> list[int]:
    """Part numbers that are not there in the size that they must have."""
    there = {part.number: part.size_bytes for part in parts}
    return [number for number in range(1, row.parts + 1) if there.get(number) != _size_of(row, number)]


def _size_of(row: Upload, number: int) -> int:
    return row.part_bytes if number < row.parts else row.size_bytes - row.part_bytes * (row.parts - 1)


def _count(row: Upload, delta: int) -> None:
    billing.add(meter=billing.STORAGE_BYTES, delta=delta)
    _enter(row, delta)


def _enter(row: Upload, delta: int) -> None:
    StorageEntry.objects.bulk_create(
        [
            StorageEntry(
                organization_id=row.organization_id,
                object_prefix=row.key,
                kind=StorageEntry.Kind.SOURCE,
                delta_bytes=delta,
                ref_id=row.id,
            )
        ]
    )


def _stored_bytes(key: str) -> int | None:
    try:
        return store().head(key).size_bytes
    except ObjectGone:
        return None


def _live() -> QuerySet[Upload]:
    return Upload.objects.filter(state=State.OPEN, expires_at__gt=now())


def _get(upload_id: UUID) -> Upload:
    row = Upload.objects.filter(id=upload_id).first()
    if row is None:
        raise UploadNotFound
    return row


def _own(upload_id: UUID, member_id: UUID) -> Upload:
    row = Upload.objects.filter(id=upload_id, member_id=member_id).first()
    if row is None:
        raise UploadNotFound
    return row


def _received(row: Upload) -> tuple[ReceivedPart, ...]:
    if row.state != State.OPEN or not row.s3_upload_id:
        return ()
    try:
        parts = store().parts(row.key, row.s3_upload_id)
    except UploadGone:
        return ()
    # A part of the wrong size has not arrived: the browser sends it again.
    return tuple(
        ReceivedPart(part.number, part.size_bytes)
        for part in parts
        if 1 <= part.number <= row.parts and part.size_bytes == _size_of(row, part.number)
    )


def _info(row: Upload, received: tuple[ReceivedPart, ...] = ()) -> UploadInfo:
    return UploadInfo(
        id=row.id,
        asset_id=row.asset_id,
        name=row.name,
        fingerprint=row.fingerprint,
        size_bytes=row.size_bytes,
        part_bytes=row.part_bytes,
        parts=row.parts,
        state=row.state,
        expires_at=row.expires_at,
        received=received,
    )
