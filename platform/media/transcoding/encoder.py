"""Runs one stage: starts ffmpeg in the jail, puts each finished segment into the store, publishes playlists.

What becomes visible, and when: segments and headers are stored first, a media playlist names only what is stored, the
master playlist is written once every media playlist it names exists. A growing stage reports ``playable`` as soon as
that holds for its first seconds; every other stage only at its end. A stage that dies leaves objects that nothing
points at.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec

from media.transcoding import playlists
from media.transcoding.boxes import codecs_of
from media.transcoding.commands import OUTPUT, Plan, prepare
from media.transcoding.errors import (
    InputRejected,
    LeaseLost,
    ResourceShortage,
    TranscodingError,
    clock_words,
    span_words,
)
from media.transcoding.playlists import Segment, Track
from media.transcoding.progress import Progress
from media.transcoding.sandbox import Mode, Outcome, Watch, run
from media.transcoding.store import GROWING, IMMUTABLE, Store, content_type

MASTER = "master.m3u8"
FIRST_SECONDS = 4.0  # of film that must be stored before a growing stage counts as playable
LOOK_SECONDS = 0.1
PLAYLIST_SECONDS = 1.0
WORKERS = 4
# A stage whose output ends this much before the source said so has not converted it.
COMPLETE_SHARE = 0.95

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class RenditionMade:
    """One rendition as it is stored: sizes in pixels and bytes, rates in bits a second."""

    name: str
    width: int | None
    height: int | None
    codecs: str
    bits: int
    peak_bits: int
    bytes: int


@dataclass(frozen=True, slots=True)
class StageMade:
    """What a stage made so far. ``bytes`` is everything stored under the revision."""

    renditions: tuple[RenditionMade, ...]
    seconds: float
    bytes: int
    growing: bool


@dataclass(slots=True)
class Report:
    """What the stage tells its caller while it runs; all are called on the thread that called ``encode``."""

    progress: Callable[[Progress], None] = lambda progress: None
    playable: Callable[[StageMade], None] = lambda made: None
    should_stop: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class Cost:
    """What the ffmpeg run took, for the job's record."""

    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0


def encode(
    plan: Plan, *, scratch: Path, store: Store, report: Report | None = None, mode: Mode | None = None
) -> tuple[StageMade, Cost]:
    """Run ``plan`` on ``scratch/source`` and return what it stored once the last playlist is written.

    Raises:
        InputRejected: the file is at fault.
        ResourceShortage: the machine or the store is.
        LeaseLost: ``should_stop`` said so; nothing was published after it did.
    """
    report = report or Report()
    shutil.rmtree(scratch / OUTPUT, ignore_errors=True)
    prepare(plan, scratch)
    stage = _Stage(plan, scratch, store, report)
    watch = Watch(on_line=stage.progress.read, on_tick=stage.tick, should_stop=report.should_stop, heartbeat=True)
    try:
        outcome = run(plan.argv, scratch=scratch, limits=plan.limits, watch=watch, mode=mode)
        _check(outcome, stage)
        stage.finish()
    finally:
        stage.close()
        shutil.rmtree(scratch / OUTPUT, ignore_errors=True)
    cost = Cost(outcome.wall_seconds, outcome.cpu_seconds, outcome.peak_bytes)
    return stage.made(growing=False), cost


@dataclass(slots=True)
class _Writing:
    """One variant on its way into the store. ``stored`` counts the segments without a gap before them."""

    track: Track
    folder: Path
    text: str = ""
    futures: list[Future[int]] = field(default_factory=list)
    header: Future[int] | None = None
    stored: int = 0
    written: int = 0


class _Stage:
    def __init__(self, plan: Plan, scratch: Path, store: Store, report: Report) -> None:
        self.plan, self.store, self.report = plan, store, report
        self.progress = Progress(plan.duration_seconds)
        self.pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="store")
        self.variants = [_Writing(Track(variant), scratch / OUTPUT / variant.name) for variant in plan.variants]
        self.looked_at = self.wrote_at = 0.0
        self.is_playable = False

    def tick(self) -> None:
        now = time.monotonic()
        if now - self.looked_at < LOOK_SECONDS:
            return
        self.looked_at = now
        self._collect()
        self.report.progress(self.progress)
        if self.plan.grows and (not self.is_playable or now - self.wrote_at >= PLAYLIST_SECONDS):
            self._grow(now)

    def finish(self) -> None:
        """Wait for the last uploads and write the final playlists; the master last.

        Raises:
            InputRejected: ``not_convertible`` where the output ends long before the source.
        """
        self._collect()
        self._settle(to_the_end=True)
        shortest = min((writing.track.seconds for writing in self.variants), default=0.0)
        if shortest <= 0:
            raise InputRejected("unreadable")
        if max(writing.track.seconds for writing in self.variants) < self.plan.duration_seconds * COMPLETE_SHARE - 1:
            raise InputRejected("not_convertible", position=clock_words(shortest))
        if self.report.should_stop():
            raise LeaseLost
        for writing in self.variants:
            self._write_media(writing, ended=True)
        self._write_master(ended=True)

    def close(self) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)

    def made(self, *, growing: bool) -> StageMade:
        tracks = [writing.track for writing in self.variants]
        return StageMade(
            renditions=tuple(
                RenditionMade(
                    name=track.variant.name,
                    width=track.variant.width,
                    height=track.variant.height,
                    codecs=",".join(track.codecs),
                    bits=track.average_bits,
                    peak_bits=track.peak_bits,
                    bytes=track.bytes,
                )
                for track in tracks
            ),
            seconds=max((track.seconds for track in tracks), default=0.0),
            bytes=sum(track.bytes for track in tracks),
            growing=growing,
        )

    def _collect(self) -> None:
        """Hand every segment that ffmpeg finished since the last look to the store."""
        for writing in self.variants:
            try:
                text = (writing.folder / "index.m3u8").read_text()
            except FileNotFoundError:
                continue
            if text == writing.text:
                continue
            writing.text = text
            init, segments = playlists.parse(text)
            if writing.header is None and init:
                self._take_header(writing, init)
            for segment in segments[len(writing.futures) :]:
                writing.futures.append(self.pool.submit(self._put_segment, writing, segment))

    def _take_header(self, writing: _Writing, init: str) -> None:
        path = writing.folder / init
        header = path.read_bytes()
        writing.track.codecs = tuple(codecs_of(header))
        writing.track.init, writing.track.init_bytes = "init.mp4", len(header)
        writing.header = self.pool.submit(self._put, f"{writing.track.variant.name}/init.mp4", header, IMMUTABLE)

    def _put_segment(self, writing: _Writing, segment: Segment) -> int:
        path = writing.folder / segment.name
        name = f"{writing.track.variant.name}/{segment.name}"
        size = path.stat().st_size
        self.store.put_file(name, path, content_type=content_type(name), cache_control=IMMUTABLE)
        path.unlink()  # a film must not lie on this disk twice
        return size

    def _put(self, name: str, body: bytes, cache_control: str) -> int:
        self.store.put_bytes(name, body, content_type=content_type(name), cache_control=cache_control)
        return len(body)

    def _settle(self, *, to_the_end: bool = False) -> None:
        """Count what has arrived in the store, in order."""
        for writing in self.variants:
            _, segments = playlists.parse(writing.text)
            if to_the_end:
                self._await([*writing.futures, *([writing.header] if writing.header else [])])
            while writing.stored < len(writing.futures):
                future = writing.futures[writing.stored]
                if not to_the_end and not future.done():
                    break
                writing.track.sizes.append(_stored(future.result))
                writing.track.segments.append(segments[writing.stored])
                writing.stored += 1

    def _await(self, futures: list[Future[int]]) -> None:
        """Wait for the store, still saying that we are alive: a slow store must not cost the lease."""
        while wait(futures, timeout=0.5).not_done:
            self.report.progress(self.progress)
            if self.report.should_stop():
                raise LeaseLost
        for future in futures:
            _stored(future.result)

    def _grow(self, now: float) -> None:
        self._settle()
        if not all(writing.header and writing.header.done() for writing in self.variants):
            return
        if not self.is_playable and min(writing.track.seconds for writing in self.variants) < FIRST_SECONDS:
            return
        if self.report.should_stop():
            return  # the next tick of the run ends it
        for writing in self.variants:
            if writing.stored > writing.written:
                self._write_media(writing, ended=False)
        self.wrote_at = now
        if not self.is_playable:
            self._write_master(ended=False)
            self.is_playable = True
            self.report.playable(self.made(growing=True))

    def _write_media(self, writing: _Writing, *, ended: bool) -> None:
        track = writing.track
        if track.init is None:
            raise InputRejected("unreadable")
        text = playlists.media_playlist(
            track.init, track.segments, target_seconds=self.plan.target_seconds, ended=ended
        )
        _stored(self._put, f"{track.variant.name}/index.m3u8", text.encode(), IMMUTABLE if ended else GROWING)
        writing.written = writing.stored

    def _write_master(self, *, ended: bool) -> None:
        text = playlists.master_playlist([writing.track for writing in self.variants], language=self.plan.language)
        _stored(self._put, MASTER, text.encode(), IMMUTABLE if ended else GROWING)


def _stored(call: Callable[P, int], *args: P.args, **kwargs: P.kwargs) -> int:
    """The answer of the store; whatever it raises becomes one kind of shortage."""
    try:
        return call(*args, **kwargs)
    except TranscodingError:
        raise
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ResourceShortage("storage") from error


def _check(outcome: Outcome, stage: _Stage) -> None:
    """Turn the way ffmpeg ended into one of our errors, or into nothing."""
    if outcome.succeeded:
        return
    position = clock_words(stage.progress.done_seconds)
    if outcome.ending == "stopped":
        raise LeaseLost
    if outcome.ending in ("wall", "cpu"):
        spent = outcome.wall_seconds if outcome.ending == "wall" else outcome.cpu_seconds
        raise InputRejected("too_much_work", limit=span_words(spent))
    if outcome.ending == "silence":
        raise ResourceShortage("stalled", limit=span_words(stage.plan.limits.silence_seconds))
    if outcome.ending == "output":
        raise InputRejected("output_too_large")
    if outcome.ending == "memory" or "Cannot allocate memory" in outcome.stderr:
        raise ResourceShortage("out_of_memory")
    if "No space left on device" in outcome.stderr:
        raise ResourceShortage("out_of_space")
    if outcome.returncode == 125 and outcome.stderr.startswith("jail:"):
        raise ResourceShortage("internal")
    if stage.progress.done_seconds > 0:
        raise InputRejected("not_convertible", position=position)
    raise InputRejected("unreadable")
