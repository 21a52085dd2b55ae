"""Films to measure with: encoded once for a few seconds, made long by copying."""

from __future__ import annotations

import subprocess
from pathlib import Path

from media.transcoding.sandbox import ffmpeg_path

# A slide that keeps still, full of fine edges as text is, and a noisy webcam picture in its corner.
_LECTURE = (
    "cellauto=size=1920x1080:rate=30:rule=110:stitch=1:scroll=0:full=1,trim=end_frame=1,loop=-1:1,setpts=N/30/TB,"
    "format=yuv420p[slide];"
    "testsrc2=size=480x270:rate=30,noise=alls=14:allf=t,format=yuv420p[person];"
    "[slide][person]overlay=1416:786,fps=30[v]"
)


def h264(path: Path, *, seconds: int) -> Path:
    """1080p30 H.264 and AAC at about 4 Mbit/s, a keyframe every two seconds, header in front."""
    codec = ("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-g", "60", "-b:v", "3800k")
    rate = ("-maxrate", "4200k", "-bufsize", "4000k", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k")
    return _looped(path, seconds, 10, "testsrc2=size=1920x1080:rate=30[v]", (*codec, *rate), ".mp4")


def vp9(path: Path, *, seconds: int) -> Path:
    """1080p30 VP9 and Opus."""
    codec = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-g", "60")
    return _looped(
        path, seconds, 6, "testsrc2=size=1920x1080:rate=30[v]", (*codec, "-b:v", "3M", "-c:a", "libopus"), ".webm"
    )


def lecture(path: Path, *, seconds: int) -> Path:
    """1080p30 H.264 as a recorded lecture looks, in a quality that leaves the ladder its work."""
    codec = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p", "-g", "60", "-c:a", "aac")
    return _looped(path, seconds, 10, _LECTURE, codec, ".mp4")


def _looped(path: Path, seconds: int, short: int, picture: str, codec: tuple[str, ...], ending: str) -> Path:
    piece = path.with_name(f"{path.stem}-piece{ending}")
    sound = f"sine=frequency=220:duration={short}[a]"
    graph = ("-filter_complex", f"{picture};{sound}", "-map", "[v]", "-map", "[a]", "-t", str(short))
    _ffmpeg(*graph, *codec, str(piece))
    faststart = ("-movflags", "+faststart") if ending == ".mp4" else ()
    _ffmpeg("-stream_loop", str(seconds // short - 1), "-i", str(piece), "-c", "copy", *faststart, str(path))
    piece.unlink()
    return path


def _ffmpeg(*argv: str) -> None:
    subprocess.run([ffmpeg_path(), "-nostdin", "-v", "error", "-y", *argv], check=True)
