"""Who makes a stage: this machine, or a service. One contract, chosen by ``settings.TRANSCODER``."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from django.conf import settings

from core.telemetry import metrics
from media.models import TranscodeJob
from media.services import objects, remote, revisions
from media.services.jobs import Lease
from media.transcoding import commands, encoder
from media.transcoding.commands import Plan
from media.transcoding.encoder import Report, StageMade
from media.transcoding.probe import Probe

Stage = TranscodeJob.Stage
_PLANS: dict[str, Callable[[Probe], Plan]] = {
    Stage.REMUX: commands.remux,
    Stage.FAST: commands.fast,
    Stage.LADDER: commands.ladder,
}


@dataclass(frozen=True, slots=True)
class Work:
    """One stage of one revision, begun: its row is there and its poster is stored.

    ``folder`` holds the source where the transcoder asked for it; ``follow`` is told how far the work is.
    """

    lease: Lease
    facts: Probe
    source_key: str
    folder: Path
    store: objects.RevisionStore
    report: Report


class Transcoder(Protocol):
    """Turns a source into a revision that can be played. ``is_elsewhere``: ladders take nothing of this machine."""

    is_elsewhere: bool

    def needs_source(self, stage: str, facts: Probe | None) -> bool:
        """Whether the stage is made of a file on this machine. ``facts`` None: nobody has looked at it yet."""

    def make(self, work: Work) -> None:
        """Make the stage, here and now, or hand the lease to whoever makes it: then its end is heard of.

        Either way the revision is published by one row, under the fence of the lease, once it is whole (or, of first
        stages made here, while it grows).

        Raises:
            media.transcoding.errors.TranscodingError: it can't be made, or not now.
        """


class LocalTranscoder:
    """ffmpeg in its jail, on this machine."""

    is_elsewhere = False

    def needs_source(self, stage: str, facts: Probe | None) -> bool:
        """See :class:`Transcoder`."""
        return True

    def make(self, work: Work) -> None:
        """See :class:`Transcoder`."""
        lease, facts, store = work.lease, work.facts, work.store

        def playable(made: StageMade) -> None:
            revisions.publish(lease, made, duration_ms=facts.duration_ms)

        report = replace(work.report, playable=playable)
        began = time.monotonic()
        made, cost = encoder.encode(_PLANS[lease.stage](facts), scratch=work.folder, store=store, report=report)
        store.close()
        metrics.TRANSCODED_SECONDS.labels(lease.stage).inc(facts.duration_ms / 1000)
        metrics.TRANSCODE_SECONDS.labels(lease.stage).inc(time.monotonic() - began)
        duration_ms = max(facts.duration_ms, 1) if made.seconds <= 0 else round(made.seconds * 1000)
        revisions.finish(
            lease,
            replace(made, bytes=store.total_bytes),
            cost,
            duration_ms=min(duration_ms, facts.duration_ms) or duration_ms,
        )


class RemoteTranscoder:
    """MediaConvert for whatever is encoded. A copy of the streams is made here: it takes seconds, and is none."""

    is_elsewhere = True

    def __init__(self) -> None:
        self._here = LocalTranscoder()

    def needs_source(self, stage: str, facts: Probe | None) -> bool:
        """See :class:`Transcoder`."""
        return facts is None or stage == Stage.FIRST or not _goes_out(stage, facts)

    def make(self, work: Work) -> None:
        """See :class:`Transcoder`."""
        if _goes_out(work.lease.stage, work.facts):
            remote.hand_over(work.lease, work.facts, source_key=work.source_key)
        else:
            self._here.make(work)


def transcoder() -> Transcoder:
    """Return the transcoder of this installation."""
    return RemoteTranscoder() if settings.TRANSCODER == "mediaconvert" else LocalTranscoder()


def _goes_out(stage: str, facts: Probe) -> bool:
    return stage in (Stage.FAST, Stage.LADDER) and remote.suits(facts)
