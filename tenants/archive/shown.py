"""Jobs of archives as the API shows them: in the studio and in the console alike. Tracebacks stay inside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.clock import iso, now
from tenants.models import DeletionReport, ExportJob, RestoreJob


def export_json(job: ExportJob) -> dict[str, Any]:
    """Return an export as the API shows it. Tracebacks stay inside."""
    has_link = bool(job.link_sha256) and job.link_expires_at is not None and job.link_expires_at > now()
    return {
        "id": str(job.id),
        "state": job.state,
        "stage": job.stage,
        "progress_permille": job.progress_permille,
        "origin": job.origin,
        "created_at": iso(job.created_at),
        "snapshot_at": _when(job.snapshot_at),
        "finished_at": _when(job.finished_at),
        "expires_at": _when(job.expires_at),
        "size_bytes": job.size_bytes,
        "tables": job.tables,
        "rows": job.rows,
        "files": job.objects_count,
        "files_bytes": job.objects_bytes,
        "manifest_sha256": job.manifest_sha256,
        "link_expires_at": _when(job.link_expires_at) if has_link else None,
        "downloads": job.downloads,
        "error": error_words(job),
    }


def restore_json(job: RestoreJob) -> dict[str, Any]:
    """Return a restore as the API shows it."""
    found = job.comparison
    return {
        "id": str(job.id),
        "organization_id": str(job.organization_id),
        "archive_id": str(job.archive_id),
        "state": job.state,
        "stage": job.stage,
        "progress_permille": job.progress_permille,
        "created_at": iso(job.created_at),
        "swapped_at": _when(job.swapped_at),
        "old_kept_until": _when(job.old_kept_until) if job.old_dropped_at is None else None,
        "snapshot_at": found["snapshot_at"] if found else None,
        "comparison": [_compared(line) for line in found["tables"]] if found else None,
        "media_missing": found["objects"]["missing"] if found else None,
        "media_missing_bytes": found["objects"]["missing_bytes"] if found else None,
        "erasures": found["erasures"] if found else job.erasures,
        "error": error_words(job),
    }


def _compared(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "table": line["table"],
        "live": line["live_rows"] or 0,
        "restored": line["archive_rows"],
        "equal": line["same"],
        "comes_back": line["comes_back"],
        "goes_away": line["goes_away"],
        "changes": line["changes"],
        "words": line["words"],
    }


def deletion_json(job: DeletionReport) -> dict[str, Any]:
    """Return a deletion and its report as the API shows it."""
    return {
        "organization_id": str(job.organization_id),
        "state": job.state,
        "stage": job.stage,
        "progress_permille": job.progress_permille,
        "wants_final_export": job.wants_final_export,
        "created_at": iso(job.created_at),
        "finished_at": _when(job.finished_at),
        "report": job.report,
        "sha256": job.sha256,
        "error": error_words(job),
    }


def error_words(job: ExportJob | RestoreJob | DeletionReport) -> str:
    """Return what went wrong for a person: words where there are some, never a traceback."""
    if not job.error_code:
        return ""
    if job.error_code == "internal":
        return "Something went wrong on our side. It is tried again; nothing is lost."
    return job.error_detail


def _when(instant: datetime | None) -> str | None:
    return iso(instant) if instant else None
