"""Short films and hostile files, made on the spot."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from media.transcoding import commands, encoder
from media.transcoding.encoder import Report, StageMade
from media.transcoding.probe import probe
from media.transcoding.sandbox import ffmpeg_path

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size={size}:rate={rate}:duration={seconds}")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration={seconds}")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30")
AAC = ("-c:a", "aac", "-b:a", "64k")


def make(
    path: Path,
    *options: str,
    size: str = "320x180",
    rate: str = "30",
    seconds: float = 3,
    picture: bool = True,
    sound: bool = True,
) -> Path:
    """A film at ``path`` whose name decides the container; ``options`` default to H.264 and AAC."""
    inputs = [*(PICTURE if picture else ()), *(SOUND if sound else ())]
    argv = [part.format(size=size, rate=rate, seconds=seconds) for part in inputs]
    codecs = options or (*(H264 if picture else ()), *(AAC if sound else ()))
    ffmpeg(*argv, *codecs, str(path))
    return path


def ffmpeg(*argv: str) -> None:
    """Plain ffmpeg, for making inputs."""
    subprocess.run([ffmpeg_path(), "-v", "error", "-y", *argv], check=True, timeout=60)


class FolderStore:
    """An object store that is a folder; ``written`` is the order of writes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.written: list[str] = []
        self.headers: dict[str, tuple[str, str]] = {}

    def put_file(self, name: str, path: Path, *, content_type: str, cache_control: str) -> None:
        self.put_bytes(name, path.read_bytes(), content_type=content_type, cache_control=cache_control)

    def put_bytes(self, name: str, body: bytes, *, content_type: str, cache_control: str) -> None:
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
        self.written.append(name)
        self.headers[name] = (content_type, cache_control)


def place(scratch: Path, source: Path) -> Path:
    """Put ``source`` where a stage looks for it."""
    scratch.mkdir(parents=True, exist_ok=True)
    (scratch / "source").write_bytes(source.read_bytes())
    return scratch


def all_stages(
    scratch: Path, source: Path, playable: Callable[[StageMade], None] = lambda made: None
) -> tuple[list[str], dict[str, FolderStore], dict[str, StageMade]]:
    """Probe ``source`` and run the stages that it calls for, as the worker does."""
    place(scratch, source)
    facts = probe(scratch)
    stages = ["remux" if facts.why_not_standard() is None else "fast", "ladder"]
    stores, made = {}, {}
    for stage in stages:
        stores[stage] = FolderStore(scratch / "store" / stage)
        plan = getattr(commands, stage)(facts)
        made[stage], _ = encoder.encode(plan, scratch=scratch, store=stores[stage], report=Report(playable=playable))
    return stages, stores, made


def durations(store: FolderStore, rendition: str) -> float:
    """Seconds of a stored rendition, decoded end to end by a plain ffmpeg that must not complain."""
    playlist = store.root / rendition / "index.m3u8"
    done = subprocess.run(
        [ffmpeg_path(), "-v", "error", "-xerror", "-progress", "pipe:1", "-i", str(playlist), "-f", "null", "-"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert not done.stderr, done.stderr
    return max(int(line.split("=")[1]) for line in done.stdout.splitlines() if line.startswith("out_time_us=")) / 1e6
