"""What people ask of archives: make one, fetch it, put an organization back, begin again what failed. Platform only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.module_loading import import_string

from core import acting
from core.clock import now
from core.ids import new_id, new_secret
from core.objects import StoredPart, object_store
from tenancy import hosts
from tenancy.tasks import named
from tenants import acts
from tenants.archive import keys
from tenants.archive.deletion import want_final_export
from tenants.archive.errors import (
    AlreadyRunning,
    CannotExport,
    LinkRefused,
    NothingToRetry,
    NotReady,
    UnknownJob,
    WrongStage,
)
from tenants.archive.export import EXPORTABLE, KEPT_FOR
from tenants.archive.queue import KINDS
from tenants.archive.stream import PART_BYTES
from tenants.catalog import record_of
from tenants.errors import UnknownOrganization
from tenants.models import DeletionReport, ExportJob, Organization, RestoreJob

LINK_LIFE = timedelta(hours=24)
DOWNLOAD_SECONDS = 300  # until the store must have been asked; a download that has begun goes on

_State = RestoreJob.State


@dataclass(frozen=True, slots=True)
class Link:
    """A download link, in the clear this once."""

    url: str
    token: str
    expires_at: datetime


def ask_export(organization_id: UUID, *, origin: str, reason: str = "") -> tuple[ExportJob, bool]:
    """Have everything of an organization put into an archive; return the job and whether it is a new one.

    One at a time: asking while one is under way returns that one.

    Raises:
        UnknownOrganization, CannotExport: there is no schema to read.
    """
    organization = _organization(organization_id)
    if organization.state not in EXPORTABLE:
        raise CannotExport
    try:
        with transaction.atomic():
            job = ExportJob.objects.create(organization=organization, origin=origin, reason=reason, **_asker())
            _record(organization_id, "organization.export.asked", "export", job.id, reason=reason)
            _hand_over("export", job.id)
        return job, True
    except IntegrityError:
        under_way = ExportJob.objects.filter(organization_id=organization_id, state__in=("queued", "running")).first()
        if under_way is None:
            raise
        return under_way, False


def exports(organization_id: UUID, *, limit: int = 50) -> list[ExportJob]:
    """Return the organization's archives and those under way, newest first."""
    return list(ExportJob.objects.filter(organization_id=organization_id).order_by("-created_at", "-id")[:limit])


def export_of(organization_id: UUID, export_id: UUID) -> ExportJob:
    """Return one of the organization's exports.

    Raises:
        UnknownJob: it has none of this id.
    """
    found = ExportJob.objects.filter(organization_id=organization_id, id=export_id).first()
    if found is None:
        raise UnknownJob
    return found


def make_link(organization_id: UUID, export_id: UUID) -> Link:
    """Make the link by which an owner fetches the archive. It replaces the one before and lives a day.

    Raises:
        UnknownJob, NotReady: there is nothing to fetch.
    """
    token, moment = new_secret(), now()
    with transaction.atomic():
        job = export_of(organization_id, export_id)
        if job.state != ExportJob.State.READY or (job.expires_at and job.expires_at <= moment):
            raise NotReady
        ends = min(moment + LINK_LIFE, job.expires_at or moment + LINK_LIFE)
        ExportJob.objects.filter(id=job.id).update(link_sha256=_hashed(token), link_expires_at=ends)
        _record(organization_id, "organization.export.linked", "export", job.id)
    host = _primary_host(organization_id)
    # Behind a #, so that no server on the way and no log ever sees it.
    return Link(hosts.public_url(host, f"/studio/settings/data#{export_id}.{token}"), token, ends)


def open_link(organization_id: UUID, export_id: UUID, token: str) -> str:
    """Return where the store serves the archive for the next five minutes.

    Raises:
        LinkRefused: the token is not this export's, or its day is over.
    """
    with transaction.atomic():
        found = (
            ExportJob.objects.select_related("organization")
            .filter(
                organization_id=organization_id,
                id=export_id,
                state=ExportJob.State.READY,
                link_sha256=_hashed(token),
                link_expires_at__gt=now(),
            )
            .first()
        )
        if found is None or not token:
            raise LinkRefused
        ExportJob.objects.filter(id=found.id).update(downloads=F("downloads") + 1)
        _record(organization_id, "organization.export.downloaded", "export", found.id)
    taken = (found.snapshot_at or found.created_at).strftime("%Y-%m-%d")
    slug = _primary_host(organization_id).split(".")[0]
    return object_store().presign_get(found.object_key, seconds=DOWNLOAD_SECONDS, file_name=f"{slug}-{taken}.zip")


def remove_export(organization_id: UUID, export_id: UUID) -> None:
    """Delete an archive before its day, or call off one that is being made. Safe to repeat.

    Raises:
        UnknownJob: the organization has none of this id.
    """
    with transaction.atomic():
        job = export_of(organization_id, export_id)
        if job.state == ExportJob.State.EXPIRED:
            return
        _record(organization_id, "organization.export.removed", "export", job.id)
        _expire(job)


def expire_due() -> int:
    """Delete archives whose day has come; return how many."""
    due = list(ExportJob.objects.filter(state=ExportJob.State.READY, expires_at__lte=now())[:50])
    for job in due:
        with transaction.atomic():
            _expire(job)
    return len(due)


def _expire(job: ExportJob) -> None:
    """Close the row first: an object without a row is swept, a row without its object would promise something."""
    # The fence moves: a worker that is still at it writes nothing any more.
    ExportJob.objects.filter(id=job.id).update(
        state=ExportJob.State.EXPIRED,
        fence=F("fence") + 1,
        lease_until=None,
        link_sha256="",
        updated_at=now(),
        finished_at=now(),
    )

    def remove() -> None:
        store = object_store()
        if job.upload_id:
            store.abort_upload(job.object_key, job.upload_id)
        store.delete([key for key in (job.object_key, keys.tail(job.organization_id, job.id)) if key])

    transaction.on_commit(remove)


def bring(organization_id: UUID, file: Path) -> ExportJob:
    """Take an archive in from outside, unread; a restore verifies it before it believes a byte of it.

    Raises:
        UnknownOrganization: there is no such organization.
    """
    organization, store, export_id = _organization(organization_id), object_store(), new_id()
    key = keys.archive(organization_id, export_id)
    upload_id = store.begin_upload(key, content_type="application/zip")
    parts: list[StoredPart] = []
    with file.open("rb") as source:
        while piece := source.read(PART_BYTES):
            parts.append(store.put_part(key, upload_id, len(parts) + 1, piece))
    stored = store.complete_upload(key, upload_id, parts)
    with transaction.atomic():
        job = ExportJob.objects.create(
            id=export_id,
            organization=organization,
            origin=ExportJob.Origin.BROUGHT,
            state=ExportJob.State.READY,
            object_key=key,
            size_bytes=stored.size_bytes,
            progress_permille=1000,
            finished_at=now(),
            expires_at=now() + KEPT_FOR,
            **_asker(),
        )
        _record(organization_id, "organization.export.brought", "export", job.id)
    return job


# -- restores ----------------------------------------------------------------------------------------------------------


def ask_restore(organization_id: UUID, export_id: UUID, *, reason: str) -> RestoreJob:
    """Have an archive built up beside the living organization and compared with it. Nothing living is touched.

    Raises:
        UnknownJob, NotReady: there is no such archive. AlreadyRunning: another restore is under way.
    """
    archive = export_of(organization_id, export_id)
    if archive.state != ExportJob.State.READY:
        raise NotReady
    try:
        with transaction.atomic():
            job = RestoreJob.objects.create(organization_id=organization_id, archive=archive, reason=reason, **_asker())
            # As long as it is needed, the archive is not thrown away.
            ExportJob.objects.filter(id=archive.id).update(expires_at=now() + KEPT_FOR)
            _record(organization_id, "organization.restore.asked", "restore", job.id, reason=reason)
            _hand_over("restore", job.id)
        return job
    except IntegrityError:
        raise AlreadyRunning from None


def restore(restore_id: UUID) -> RestoreJob:
    """Return a restore.

    Raises:
        UnknownJob: there is none of this id.
    """
    found = RestoreJob.objects.select_related("archive").filter(id=restore_id).first()
    if found is None:
        raise UnknownJob
    return found


def restores(organization_id: UUID, *, limit: int = 20) -> list[RestoreJob]:
    """Return the organization's restores, newest first."""
    found = RestoreJob.objects.select_related("archive").filter(organization_id=organization_id)
    return list(found.order_by("-created_at", "-id")[:limit])


def ask_swap(restore_id: UUID, *, reason: str) -> RestoreJob:
    """Put the compared shadow in the living organization's place. Asking again has no effect.

    Raises:
        UnknownJob, WrongStage: it is not compared yet, or no longer there.
    """
    return _move(restore_id, "restore.swapped", (_State.COMPARED,), _State.SWAPPING, reason)


def ask_discard(restore_id: UUID, *, reason: str) -> RestoreJob:
    """Throw the shadow away; the living organization never knew of it. Asking again has no effect.

    Raises:
        UnknownJob, WrongStage: the swap has begun.
    """
    return _move(restore_id, "restore.discarded", (_State.COMPARED, _State.FAILED), _State.DISCARDING, reason)


def _move(restore_id: UUID, action: str, sources: tuple[str, ...], to: str, reason: str) -> RestoreJob:
    with transaction.atomic():
        job = RestoreJob.objects.select_for_update().filter(id=restore_id).first()
        if job is None:
            raise UnknownJob
        if job.state == to:
            return job
        if job.state not in sources:
            raise WrongStage(f"It is {job.state}.", state=job.state)
        job.state, job.run_at, job.attempts, job.finished_at = to, now(), 0, None
        job.progress_permille, job.error_code, job.error_detail = 0, "", ""
        job.save(
            update_fields=[
                *("state", "run_at", "attempts", "finished_at", "progress_permille", "error_code", "error_detail")
            ]
        )
        _record(job.organization_id, f"organization.{action}", "restore", job.id, reason=reason, tell=False)
        _hand_over("restore", job.id)
        return job


def old_due() -> list[RestoreJob]:
    """Return swapped restores whose replaced schema has been kept long enough."""
    return list(
        RestoreJob.objects.filter(state=_State.SWAPPED, old_dropped_at__isnull=True, old_kept_until__lte=now()).exclude(
            old_schema=""
        )[:5]
    )


def deletion_of(organization_id: UUID) -> DeletionReport:
    """Return the report of an organization's end, or of how far it is.

    Raises:
        UnknownJob: nothing was begun.
    """
    found = DeletionReport.objects.filter(organization_id=organization_id).first()
    if found is None:
        raise UnknownJob
    return found


def ask_final_export(organization_id: UUID) -> None:
    """Have a last archive made before the organization is deleted.

    Raises:
        UnknownOrganization: there is none. WrongStage: its deletion is not asked for, or has begun.
    """
    state = _organization(organization_id).state
    if state != Organization.State.PENDING_DELETION:
        raise WrongStage("The organization is not waiting to be deleted.", state=state)
    want_final_export(organization_id)
    _record(organization_id, "organization.export.asked", "organization", organization_id, tell=False)


def retry(kind: str, job_id: UUID) -> Any:
    """Let a failed job begin again where it stopped, inside the caller's transaction.

    Raises:
        UnknownJob, NothingToRetry: there is none, or it has not failed.
    """
    model: Any = KINDS[kind]
    job = model.objects.select_for_update().filter(id=job_id).first()
    if job is None:
        raise UnknownJob
    if job.state != "failed":
        raise NothingToRetry
    # A restore that failed in its swap goes on there: it was decided, and what it had done it finds done.
    job.state = _State.SWAPPING if kind == "restore" and "compare" in job.cursor.get("done", []) else "queued"
    job.attempts, job.run_at, job.finished_at = 0, now(), None
    job.save(update_fields=["state", "attempts", "run_at", "finished_at"])
    _hand_over(kind, job.id)
    return job


def _organization(organization_id: UUID) -> Organization:
    found = Organization.objects.filter(id=organization_id).first()
    if found is None:
        raise UnknownOrganization
    return found


def _primary_host(organization_id: UUID) -> str:
    return record_of(_organization(organization_id)).host


def _asker() -> dict[str, Any]:
    who = acting.current()
    # A member's name is the organization's own; its audit has it.
    return {
        "requested_by_kind": who.kind,
        "requested_by_id": who.id,
        "requested_by_name": who.name if who.kind == "staff" else "",
    }


def _record(
    organization_id: UUID, action: str, object_type: str, object_id: UUID, *, reason: str = "", tell: bool = True
) -> None:
    """Write both audits: the organization's, and where staff acted the platform's."""
    if tell:
        acts.note(
            organization_id,
            action,
            object_type=object_type,
            object_id=object_id,
            changes={"reason": ["", reason]} if reason else None,
        )
    if acting.current().kind == "staff":
        import_string(settings.PLATFORM_AUDIT)(
            action, organization_id=organization_id, object_type=object_type, object_id=object_id, reason=reason
        )


def _hand_over(kind: str, job_id: UUID) -> None:
    """Wake a worker after the commit; the dispatcher asks again should the message be lost."""
    named("tenants.archive.tasks.work").delay_on_commit(kind, str(job_id))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
