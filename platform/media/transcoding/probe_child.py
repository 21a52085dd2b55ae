"""The half of the probe that runs in the jail: opens a stranger's file with PyAV and prints what it found as JSON.

A script, started by a bare interpreter in the scratch directory (``probe_child.py DEMUXER WHITELIST``); the input is
``source`` there. It decodes a few frames, to know that it can and to keep the best as ``poster.jpg``. On refusal it
prints ``{"refused": code, ...figures}``.
"""

import itertools
import json
import sys
from fractions import Fraction
from typing import Any

import av
import PIL.Image
from av.stream import Disposition

MAX_STREAMS = 64
SCANNED_SECONDS = 90  # how much of a file without an index is read to learn its keyframe distance
POSTER_WIDTH = 1280
POSTER_PLACES = (0.1, 0.25, 0.5, 0.0)


class Refused(Exception):
    """The file cannot be used; ``code`` is one of ``media.transcoding.errors.WORDS``."""

    def __init__(self, code: str, **figures: Any) -> None:
        self.code, self.figures = code, figures
        super().__init__(code)


def probe(demuxer: str, whitelist: str) -> dict[str, Any]:
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": whitelist,
        "max_streams": str(MAX_STREAMS),
        "max_pixels": str(8192 * 8192),
    }
    if demuxer == "mov":
        options["enable_drefs"] = "0"
    try:
        container = av.open("source", format=demuxer, options=options, container_options=options)
    except (av.error.EOFError, av.error.FileNotFoundError):
        raise Refused("unreadable") from None
    except av.error.InvalidDataError as error:
        raise Refused("no_index" if demuxer == "mov" else "unreadable") from error
    with container:
        if len(container.streams) > MAX_STREAMS:
            raise Refused("too_many_streams", count=len(container.streams))
        return describe(container)


def describe(container: Any) -> dict[str, Any]:
    pictures = [s for s in container.streams.video if not is_attached(s)]
    covers = [s for s in container.streams.video if is_attached(s)]
    video = next((s for s in pictures if s.codec_context is not None), None)
    audio = next((s for s in container.streams.audio if s.codec_context is not None), None)
    if video is None and pictures:
        raise Refused("codec", codec=tag_of(pictures[0]))
    if video is None and audio is None:
        raise Refused("nothing_to_play")
    if video is not None and (video.codec_context.width > 8192 or video.codec_context.height > 8192):
        raise Refused("picture_too_large", width=video.codec_context.width, height=video.codec_context.height)
    duration = (container.duration or 0) / av.time_base
    index = index_of(video) if video is not None else []
    scanned = None
    if video is not None and (len(index) < 2 or duration <= 0):
        # Without an index (transport streams, recordings of a browser) the packets themselves must be read.
        scanned = scan(container, video, whole=duration <= 0)
    elif duration <= 0:
        scanned = scan(container, audio, whole=True)
    if duration <= 0 and scanned:
        duration = scanned["seconds"]
    keyframes = scanned["keyframes"] if scanned and scanned["keyframes"] else [time for time, key in index if key]
    gap_end = scanned["seconds"] if scanned and not scanned["complete"] else duration
    result = {
        "duration_seconds": duration,
        "start_seconds": (container.start_time or 0) / av.time_base,
        "bit_rate": container.bit_rate or (int(container.size * 8 / duration) if duration > 0 else 0),
        "held_seconds": held(video or audio, container.size, duration),
        "video": None,
        "audio": audio_facts(audio) if audio is not None else None,
        "poster": None,
    }
    if video is not None:
        result["video"] = video_facts(container, video, result, keyframes, gap_end, duration)
    elif covers:
        cover(container, covers[0], result)
    if audio is not None and video is None:
        check_sound(container, audio)
    return result


def is_attached(stream: Any) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


def tag_of(stream: Any) -> str:
    return str(stream.metadata.get("encoder") or "an unknown codec")


def index_of(stream: Any) -> list[tuple[float, bool]]:
    """(seconds, is keyframe) of each indexed packet."""
    base = float(stream.time_base)
    return [(entry.timestamp * base, entry.is_keyframe) for entry in stream.index_entries]


def held(stream: Any, size: int, duration: float) -> float | None:
    """Seconds of ``stream`` that lie inside the file, by its index; None where the index does not tell."""
    entries = stream.index_entries
    if len(entries) < 2 or not stream.time_base:
        return None
    last = entries[len(entries) - 1]
    if last.pos + max(0, last.size) <= size:
        return None
    first = entries[0].timestamp
    inside = 0.0
    for entry in entries:
        if entry.pos + max(0, entry.size) > size:
            break
        inside = float((entry.timestamp - first) * stream.time_base)
    return min(inside, duration)


def scan(container: Any, stream: Any, whole: bool) -> dict[str, Any]:
    """Read packets: all of them when the length is unknown, else the first minute and a half."""
    base, keyframes, last, first = float(stream.time_base), [], 0.0, None
    complete = True
    try:
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            at = packet.pts * base
            first = at if first is None else first
            last = max(last, at + (packet.duration or 0) * base)
            if packet.is_keyframe:
                keyframes.append(at)
            if not whole and at - first > SCANNED_SECONDS:
                complete = False
                break
    except (av.error.InvalidDataError, av.error.EOFError):
        pass  # damaged at the end: what was read still counts, the encode will tell
    container.seek(0)
    return {"seconds": last - (first or 0.0), "keyframes": keyframes, "complete": complete}


def video_facts(
    container: Any, stream: Any, result: dict[str, Any], keyframes: list[float], gap_end: float, duration: float
) -> dict[str, Any]:
    context = stream.codec_context
    frame, poster = look(container, stream, duration)
    if frame is None:
        raise Refused("unreadable")
    rotation = int(frame.rotation) % 360
    sar = stream.sample_aspect_ratio or Fraction(1)
    width, height = frame.width, frame.height
    shown_width = max(2, round(width * sar)) if sar > 0 else width
    if rotation in (90, 270):
        shown_width, height_shown = height, shown_width
    else:
        height_shown = height
    result["poster"] = poster
    starts = sorted(keyframes)
    gaps = [b - a for a, b in itertools.pairwise(starts)]
    if starts:
        gaps.append(max(0.0, gap_end - (starts[-1] - starts[0])))
    average = stream.average_rate or stream.guessed_rate
    depth = max((component.bits for component in frame.format.components), default=8)
    return {
        "index": stream.index,
        "codec": context.name,
        "profile": stream.profile,
        "level": context.level,
        "pix_fmt": frame.format.name,
        "bit_depth": depth,
        "width": shown_width,
        "height": height_shown,
        "coded_width": width,
        "coded_height": height,
        "rotation": rotation,
        "square_pixels": sar == 1,
        "interlaced": bool(frame.interlaced_frame),
        "average_rate": str(average) if average else None,
        "base_rate": str(stream.base_rate or stream.guessed_rate or average or 0),
        "transfer": int(frame.color_trc or 0),
        "keyframe_gap_seconds": max(gaps) if gaps else None,
        "longest_cut_seconds": cuts(starts, gap_end, 4.0) if starts else 0.0,
        "language": stream.language,
    }


def cuts(starts: list[float], end: float, target: float) -> float:
    """Longest segment that cutting at the first keyframe after each multiple of ``target`` makes."""
    longest, begun, number = 0.0, 0.0, 1
    for start in (at - starts[0] for at in starts[1:]):
        if start >= number * target - 0.001:
            longest, begun, number = max(longest, start - begun), start, number + 1
    return max(longest, end - begun)


def look(container: Any, stream: Any, duration: float) -> tuple[Any, dict[str, int] | None]:
    """One decoded frame as evidence, and the first good picture of a few places as ``poster.jpg``."""
    evidence, best, best_spread = None, None, -1.0
    stream.codec_context.thread_count = 2
    for place in POSTER_PLACES:
        frame = frame_at(container, stream, place * duration)
        if frame is None:
            continue
        evidence = evidence or frame
        image = shown(frame, stream)
        spread = spread_of(image)
        if spread > best_spread:
            best, best_spread = image, spread
        if spread > 12:  # not a black, white or otherwise empty picture
            break
    if best is None:
        return evidence, None
    return evidence, keep(best)


def frame_at(container: Any, stream: Any, seconds: float) -> Any:
    try:
        container.seek(int(seconds * av.time_base) + (container.start_time or 0), backward=True)
        for tried, frame in enumerate(container.decode(stream)):
            if not frame.is_corrupt:
                return frame
            if tried > 50:
                return None
    except (av.error.FFmpegError, ValueError):
        return None
    return None


def shown(frame: Any, stream: Any) -> PIL.Image.Image:
    """The frame as people see it: square pixels, upright."""
    sar = stream.sample_aspect_ratio or Fraction(1)
    width, height = frame.width, frame.height
    if sar > 0:
        width = max(2, round(width * sar))
    scale = min(1.0, POSTER_WIDTH / max(width, height))
    image = frame.to_image(width=max(2, round(width * scale)), height=max(2, round(height * scale)))
    rotation = int(frame.rotation) % 360
    return image.rotate(rotation, expand=True) if rotation else image


def spread_of(image: PIL.Image.Image) -> float:
    """Standard deviation of brightness, 0..127."""
    histogram = image.convert("L").resize((64, 36)).histogram()
    count = sum(histogram)
    mean = sum(value * n for value, n in enumerate(histogram)) / count
    return (sum(n * (value - mean) ** 2 for value, n in enumerate(histogram)) / count) ** 0.5


def keep(image: PIL.Image.Image) -> dict[str, int]:
    image = image.convert("RGB")
    image.thumbnail((POSTER_WIDTH, POSTER_WIDTH), PIL.Image.Resampling.LANCZOS)
    image.save("poster.jpg", "JPEG", quality=82, optimize=True, progressive=True)
    return {"width": image.width, "height": image.height}


def cover(container: Any, stream: Any, result: dict[str, Any]) -> None:
    """The picture in a sound file, where it has one that can be read."""
    try:
        frame = next(iter(container.decode(stream)), None)
        if frame is not None:
            result["poster"] = keep(frame.to_image())
        container.seek(0)
    except (av.error.FFmpegError, ValueError, OSError):
        result["poster"] = None


def audio_facts(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    return {
        "index": stream.index,
        "codec": context.name,
        "profile": stream.profile,
        "sample_rate": context.sample_rate,
        "channels": context.channels,
        "language": stream.language,
        "bit_rate": context.bit_rate or 0,
    }


def check_sound(container: Any, stream: Any) -> None:
    try:
        container.seek(0)
        if next(iter(container.decode(stream)), None) is None:
            raise Refused("unreadable")
    except av.error.FFmpegError as error:
        raise Refused("unreadable") from error


def answer(facts: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")


def main() -> None:
    try:
        answer(probe(sys.argv[1], sys.argv[2]))
    except Refused as refusal:
        answer({"refused": refusal.code, **refusal.figures})
    except av.error.DecoderNotFoundError:
        answer({"refused": "codec", "codec": "an unknown codec"})
    except (av.error.FFmpegError, ValueError, OverflowError, PIL.Image.DecompressionBombError) as error:
        sys.stderr.write(f"{error}\n")
        answer({"refused": "unreadable"})


if __name__ == "__main__":
    main()
