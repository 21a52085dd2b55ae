"""Reads: how far the conversion of assets is."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from media.dto import StageInfo, Waits
from media.models import TranscodeJob

Stage = TranscodeJob.Stage
State = TranscodeJob.State

# What a job that is put off for want of room has as its kind of error.
WAITS = "waits"
_STATES = {State.QUEUED: "queued", State.LEASED: "running", State.DONE: "done", State.FAILED: "failed"}


def stages_of(asset_ids: Iterable[UUID]) -> dict[UUID, list[StageInfo]]:
    """The stages of each asset's latest upload, in order; assets that have none are missing."""
    found: dict[UUID, dict[bool, TranscodeJob]] = {}
    latest: dict[UUID, UUID] = {}
    rows = TranscodeJob.objects.filter(asset_id__in=list(asset_ids)).order_by("-created_at")
    for job in rows:
        # A retry is a later job of the same stage: the newest tells.
        if latest.setdefault(job.asset_id, job.upload_id) == job.upload_id:
            found.setdefault(job.asset_id, {}).setdefault(job.stage == Stage.LADDER, job)
    return {asset: [_info(jobs[key]) for key in (False, True) if key in jobs] for asset, jobs in found.items()}


def _info(job: TranscodeJob) -> StageInfo:
    return StageInfo(
        # Until the probe has looked, the first stage is expected to be the quickest.
        name=Stage.REMUX if job.stage == Stage.FIRST else job.stage,
        state=_STATES[State(job.state)],
        progress_permille=job.progress_permille,
        eta_seconds=job.eta_seconds if job.state == State.LEASED else None,
        waits=(
            Waits(job.error_code, job.error_title, job.error_detail)
            if job.state == State.QUEUED and job.error_kind == WAITS
            else None
        ),
    )
