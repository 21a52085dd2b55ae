"""Runs jobs: claims one, fetches the source, converts it, publishes what came of it."""

from __future__ import annotations

import contextlib
import logging
import time
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection, transaction

import tenancy
from billing.errors import QuotaExceeded
from core.errors import NotFound
from core.telemetry import metrics
from events.api import publish as tell
from media import prefixes
from media.errors import StorageUnavailable
from media.events import UploadProbed
from media.models import Revision, TranscodeJob, Upload
from media.services import allowance, jobs, objects, revisions, scratch, uploads
from media.services.jobs import FIRST_STAGES, LEASE, Lease
from media.services.transcoders import Transcoder, Work, transcoder
from media.storage import ObjectGone
from media.transcoding import probe as probing
from media.transcoding.encoder import Report
from media.transcoding.errors import InputRejected, LeaseLost, ResourceShortage, TranscodingError
from media.transcoding.probe import POSTER, Probe
from media.transcoding.progress import Progress
from media.transcoding.store import IMMUTABLE, content_type

_log = logging.getLogger(__name__)

Stage = TranscodeJob.Stage
BEAT_SECONDS = 1.0
_WAITS_TITLE = "Waits for encoding minutes"
_WAITS_DETAIL = (
    "Your organization has used the encoding minutes of this month. The file is kept, and is converted by itself when "
    "the month begins anew or when there are more."
)


def run_due() -> int:
    """Run jobs until none is due that this machine has room for; return how many were run."""
    ran = 0
    while run_one():
        ran += 1
    return ran


def run_one() -> bool:
    """Claim and run one job. False: nothing is due."""
    with scratch.ladder_slot() as has_room:
        # A ladder that is made elsewhere keeps nobody's cores busy.
        has_room = has_room or transcoder().is_elsewhere
        stages = [*FIRST_STAGES, Stage.LADDER] if has_room else list(FIRST_STAGES)
        with tenancy.platform():
            lease = jobs.claim(stages)
        if lease is None:
            return False
        if lease.stage == Stage.LADDER:
            _run_for_organization(lease)
            return True
    # A first stage needs no slot: it must not keep a ladder of this machine waiting.
    _run_for_organization(lease)
    return True


def _run_for_organization(lease: Lease) -> None:
    try:
        with tenancy.bind(lease.organization_id) as tenant:
            if tenant.is_active:
                _run(lease)
                return
    except NotFound:
        _log.warning("media.organization_gone", extra={"organization_id": str(lease.organization_id)})
    with tenancy.platform():
        jobs.put_back(lease, seconds=300)


def _run(lease: Lease) -> None:
    started = time.monotonic()
    told = {"job": str(lease.job_id), "asset": str(lease.asset_id), "stage": lease.stage, "fence": lease.fence}
    try:
        with scratch.folder(lease) as folder:
            _convert(lease, folder)
    except LeaseLost:
        _log.warning("media.lease_lost", extra=told)
    except QuotaExceeded as refusal:
        _log.info("media.stage_waits", extra={**told, "needed": refusal.members["needed"]})
        jobs.wait(lease, code=refusal.code, title=_WAITS_TITLE, detail=_WAITS_DETAIL)
    except TranscodingError as error:
        metrics.TRANSCODES.labels(lease.stage, error.kind).inc()
        _log.warning("media.stage_failed", extra={**told, "code": error.code, "kind": error.kind})
        jobs.fail(lease, error)
    except StorageUnavailable:
        _log.warning("media.storage_unavailable", extra=told)
        jobs.fail(lease, ResourceShortage("storage"))
    except Exception:  # noqa: BLE001 - whatever broke is recorded, and the job is tried again
        metrics.TRANSCODES.labels(lease.stage, "broken").inc()
        _log.exception("media.stage_broke", extra=told)
        jobs.fail(lease, ResourceShortage("internal"))
    else:
        metrics.TRANSCODES.labels(lease.stage, "done").inc()
        _log.info("media.stage_done", extra={**told, "seconds": round(time.monotonic() - started, 2)})


def _convert(lease: Lease, folder: Path) -> None:
    pulse, maker = _Pulse(lease), transcoder()
    upload = Upload.objects.get(id=lease.upload_id)
    facts = Probe.from_json(upload.probe) if upload.probe is not None else None
    if facts is not None:
        # Known from an earlier try: one that has to wait need not fetch gigabytes to hear so again.
        allowance.hold(lease, duration_ms=facts.duration_ms)
    if facts is None or maker.needs_source(lease.stage, facts):
        facts = _look(lease, upload, folder, pulse)
        if facts is None:
            return
    else:
        _fetch_poster(lease, folder)
    if lease.stage == Stage.LADDER:
        _stage(lease, facts, upload, folder, pulse, maker)
    else:
        _first_stage(lease, facts, upload, folder, pulse, maker)
    if lease.stage == Stage.LADDER or not maker.needs_source(Stage.LADDER, facts):
        scratch.forget(lease.upload_id)


def _look(lease: Lease, upload: Upload, folder: Path, pulse: _Pulse) -> Probe | None:
    """Fetch the source and see what it is; None where it is none, and was refused."""
    scratch.fetch(lease, upload.key, upload.size_bytes, folder / "source", pulse.beat)
    pulse.beat(force=True)
    try:
        facts = probing.probe(folder)
    except InputRejected as error:
        scratch.forget(lease.upload_id)
        jobs.fail(lease, error, announce=False)
        uploads.reject(lease.upload_id, error)
        return None
    if upload.probe is None:
        _note(upload, facts)
        allowance.hold(lease, duration_ms=facts.duration_ms)
    return facts


def _fetch_poster(lease: Lease, folder: Path) -> None:
    """The poster of an earlier version is this one's, where the source itself is not needed."""
    earlier = Revision.objects.filter(upload_id=lease.upload_id, has_poster=True).exclude(state=Revision.State.PURGED)
    found = earlier.order_by("-created_at").first()
    if found is None:
        return
    prefix = prefixes.revision_prefix(lease.organization_id, lease.asset_id, found.id)
    with contextlib.suppress(ObjectGone):
        (folder / POSTER).write_bytes(objects.store().read(prefix + POSTER))


def _first_stage(lease: Lease, facts: Probe, upload: Upload, folder: Path, pulse: _Pulse, maker: Transcoder) -> None:
    """Make it playable: by a copy of its streams where browsers play those, else by the fast rung."""
    if facts.why_not_standard() is None:
        chosen = jobs.choose_stage(lease, Stage.REMUX)
        try:
            _stage(chosen, facts, upload, folder, pulse, maker)
        except InputRejected:
            # Streams that look standard and cannot be copied can still be decoded.
            _log.info("media.remux_refused", extra={"job": str(lease.job_id)})
        else:
            return
    _stage(jobs.choose_stage(lease, Stage.FAST), facts, upload, folder, pulse, maker)


def _stage(lease: Lease, facts: Probe, upload: Upload, folder: Path, pulse: _Pulse, maker: Transcoder) -> None:
    """Begin one revision: note it, store its poster, and let it be made."""
    store = objects.RevisionStore(prefixes.revision_prefix(lease.organization_id, lease.asset_id, lease.rev_id))
    poster = folder / POSTER
    revisions.begin(lease, has_poster=poster.exists())
    if poster.exists():
        store.put_file(POSTER, poster, content_type=content_type(POSTER), cache_control=IMMUTABLE)
    report = Report(progress=pulse.follow, should_stop=lambda: pulse.is_lost)
    maker.make(Work(lease, facts, upload.key, folder, store, report))


def _note(upload: Upload, facts: Probe) -> None:
    with transaction.atomic():
        Upload.objects.filter(id=upload.id).update(probe=facts.to_json())
        tell(
            UploadProbed(
                upload=upload.id,
                asset=upload.asset_id,
                duration_ms=facts.duration_ms,
                width=facts.picture.width if facts.picture else None,
                height=facts.picture.height if facts.picture else None,
                has_audio=facts.sound is not None,
                language=facts.sound.language if facts.sound else None,
            )
        )


class _Pulse:
    """Keeps the lease alive and the bar moving, at most once a second.

    A database that does not answer is not a lost lease until the lease's own time has passed without an answer.
    """

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.is_lost = False
        self._last = self._answered = time.monotonic()
        self._permille = 0
        self._eta: int | None = None

    def follow(self, progress: Progress) -> None:
        self._permille, self._eta = min(progress.permille, 999), progress.eta_seconds
        self.beat()

    def beat(self, *, force: bool = False) -> None:
        at = time.monotonic()
        if self.is_lost or (at - self._last < BEAT_SECONDS and not force):
            return
        self._last = at
        try:
            self.is_lost = not jobs.heartbeat(self.lease, permille=self._permille, eta_seconds=self._eta)
            self._answered = at
        except (DatabaseError, InterfaceError):
            connection.close()
            self.is_lost = at - self._answered > LEASE.total_seconds()
