"""The ffmpeg command lines of the three stages, as data. One process a stage, one decode of the source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from media.transcoding import limits
from media.transcoding.ladder import (
    FAST_SEGMENT_SECONDS,
    SEGMENT_SECONDS,
    SOUND,
    SOUND_LOW,
    Rung,
    SoundRung,
    fast_rung,
    rungs_for,
)
from media.transcoding.limits import Limits
from media.transcoding.probe import Picture, Probe
from media.transcoding.sandbox import ffmpeg_path

Stage = Literal["remux", "fast", "ladder"]
Carries = Literal["both", "picture", "sound"]

OUTPUT = "out"


@dataclass(frozen=True, slots=True)
class Variant:
    """One media playlist that the process writes, in ``out/<name>/``."""

    name: str
    carries: Carries
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    kbits: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """One stage, ready to run. ``grows``: its playlists are published while they are written.

    ``target_seconds`` is the longest segment to expect: a growing playlist has to state it in advance and keep it.
    """

    stage: Stage
    argv: tuple[str, ...]
    variants: tuple[Variant, ...]
    limits: Limits
    grows: bool
    target_seconds: int
    duration_seconds: float
    language: str | None


def remux(probe: Probe) -> Plan:
    """Copy the streams of a standard source into fragmented MP4 as they are."""
    picture, sound = probe.picture, probe.sound
    carries: Carries = "both" if picture and sound else "picture" if picture else "sound"
    longest = picture.longest_cut_seconds if picture else SEGMENT_SECONDS
    variant = Variant(
        "source",
        carries,
        picture.width if picture else None,
        picture.height if picture else None,
        _frame_rate(picture),
        round(probe.bit_rate / 1000),
    )
    maps = [argument for track in (picture, sound) if track for argument in ("-map", f"0:{track.index}")]
    argv = [*_head(probe), *maps, "-c", "copy", *_hls([variant], SEGMENT_SECONDS)]
    return Plan(
        stage="remux",
        argv=tuple(argv),
        variants=(variant,),
        limits=limits.for_remux(duration_seconds=probe.duration_seconds, size_bytes=probe.size_bytes),
        grows=True,
        target_seconds=max(SEGMENT_SECONDS, round(longest + 0.5)),
        duration_seconds=probe.duration_seconds,
        language=_language(probe),
    )


def fast(probe: Probe) -> Plan:
    """One cheap rung with the sound inside, playable while it grows."""
    picture, sound = probe.picture, probe.sound
    codecs: list[str] = []
    if picture is None:
        variant = Variant("fast", "sound", kbits=SOUND.kbits)
        maps = ["-map", f"0:{sound.index}"] if sound else []
        codecs = _sound_codec(0, SOUND)
        pixels, bits = 0, SOUND.kbits
    else:
        rung = fast_rung(picture)
        variant = _variant(rung, "both" if sound else "picture")
        maps = ["-filter_complex", _filters(picture, [rung]), "-map", "[v0]"]
        codecs = _picture_codec(0, rung)
        if sound:
            maps += ["-map", f"0:{sound.index}"]
            codecs += _sound_codec(0, SOUND)
        pixels, bits = picture.coded_width * picture.coded_height, rung.max_kbits + SOUND.kbits
    argv = [*_head(probe), *maps, *codecs, *_hls([variant], FAST_SEGMENT_SECONDS)]
    return Plan(
        stage="fast",
        argv=tuple(argv),
        variants=(variant,),
        # Somebody waits for this one: it does not stand back for anything.
        limits=replace(_encode_limits(probe, pixels, bits), nice=0),
        grows=True,
        target_seconds=FAST_SEGMENT_SECONDS + 1,
        duration_seconds=probe.duration_seconds,
        language=_language(probe),
    )


def ladder(probe: Probe) -> Plan:
    """Every rung that the source deserves and one shared group of sound, from a single decode."""
    picture, sound = probe.picture, probe.sound
    rungs = rungs_for(picture) if picture else []
    sounds = [SOUND, SOUND_LOW] if sound else []
    maps: list[str] = []
    codecs: list[str] = []
    if picture:
        maps += ["-filter_complex", _filters(picture, rungs)]
    for number, rung in enumerate(rungs):
        maps += ["-map", f"[v{number}]"]
        codecs += _picture_codec(number, rung)
    for number, track in enumerate(sounds):
        if sound:
            maps += ["-map", f"0:{sound.index}"]
            codecs += _sound_codec(number, track)
    variants = [_variant(rung, "picture") for rung in rungs]
    variants += [Variant(track.name, "sound", kbits=track.kbits) for track in sounds]
    bits = sum(rung.max_kbits for rung in rungs) + sum(track.kbits for track in sounds)
    pixels = picture.coded_width * picture.coded_height if picture else 0
    argv = [*_head(probe), *maps, *codecs, *_hls(variants, SEGMENT_SECONDS)]
    return Plan(
        stage="ladder",
        argv=tuple(argv),
        variants=tuple(variants),
        limits=_encode_limits(probe, pixels, bits),
        grows=False,
        target_seconds=SEGMENT_SECONDS + 1,
        duration_seconds=probe.duration_seconds,
        language=_language(probe),
    )


def prepare(plan: Plan, scratch: Path) -> None:
    """Make the directories that ffmpeg writes into."""
    for variant in plan.variants:
        (scratch / OUTPUT / variant.name).mkdir(parents=True, exist_ok=True)


def _head(probe: Probe) -> list[str]:
    family = probe.family
    return [
        ffmpeg_path(),
        *("-nostdin", "-y", "-hide_banner", "-v", "warning", "-progress", "pipe:1", "-stats_period", "0.5", "-nostats"),
        # Twice bound: to the one demuxer that the first bytes call for, and to local files inside it.
        *("-protocol_whitelist", "file,pipe", "-format_whitelist", family.whitelist, "-f", family.demuxer),
        *(("-enable_drefs", "0") if family.demuxer == "mov" else ()),
        *("-max_streams", "64", "-i", "file:source"),
        *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"),
    ]


def _filters(picture: Picture, rungs: list[Rung]) -> str:
    """The filter graph: the source upright and steady at the size of the largest rung, then one branch a rung."""
    top = rungs[0]
    steps = ["bwdif=mode=send_frame"] if picture.interlaced else []
    # A fixed rate even where the source claims one: rungs whose keyframes drift apart cannot be switched between.
    steps += [f"fps={top.rate}", f"scale={top.width}:{top.height}:flags=bicubic", "setsar=1"]
    if picture.is_hdr:
        steps += [
            "zscale=transfer=linear:npl=100",
            "format=gbrpf32le",
            "zscale=primaries=bt709",
            "tonemap=hable:desat=0",
            "zscale=transfer=bt709:matrix=bt709:range=tv",
        ]
    steps.append("format=yuv420p")
    graph = f"[0:{picture.index}]" + ",".join(steps)
    if len(rungs) == 1:
        return graph + "[v0]"
    ends = "".join(f"[s{number}]" for number in range(len(rungs)))
    branches = [f"{graph},split={len(rungs)}{ends}"]
    for number, rung in enumerate(rungs):
        step = (
            []
            if (rung.width, rung.height) == (top.width, top.height)
            else [f"scale={rung.width}:{rung.height}:flags=bicubic"]
        )
        if rung.rate != top.rate:
            step = [f"fps={rung.rate}", *step]
        branches.append(f"[s{number}]{','.join(step) or 'null'}[v{number}]")
    return ";".join(branches)


def _picture_codec(number: int, rung: Rung) -> list[str]:
    options = {
        "c": "libx264",
        "preset": rung.preset,
        "crf": str(rung.crf),
        "maxrate": f"{rung.max_kbits}k",
        "bufsize": f"{rung.max_kbits * 2}k",
        "g": str(rung.gop),
        "keyint_min": str(rung.gop),
        "sc_threshold": "0",
        "profile": "high" if rung.preset != "ultrafast" else "baseline",
    }
    return [argument for name, value in options.items() for argument in (f"-{name}:v:{number}", value)]


def _sound_codec(number: int, track: SoundRung) -> list[str]:
    options = {"c": "aac", "b": f"{track.kbits}k", "ac": str(track.channels), "ar": "48000"}
    return [argument for name, value in options.items() for argument in (f"-{name}:a:{number}", value)]


def _hls(variants: list[Variant], seconds: int) -> list[str]:
    streams, pictures, sounds = [], 0, 0
    for variant in variants:
        parts = []
        if variant.carries in ("both", "picture"):
            parts.append(f"v:{pictures}")
            pictures += 1
        if variant.carries in ("both", "sound"):
            parts.append(f"a:{sounds}")
            sounds += 1
        # An audio group only keeps ffmpeg from complaining: the master playlist is ours.
        group = "agroup:sound," if len(variants) > 1 else ""
        streams.append(",".join(parts) + f",{group}name:{variant.name}")
    return [
        *("-f", "hls", "-hls_time", str(seconds), "-hls_list_size", "0", "-hls_playlist_type", "event"),
        *("-hls_segment_type", "fmp4", "-hls_flags", "independent_segments+temp_file"),
        *("-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", f"{OUTPUT}/%v/seg_%05d.m4s"),
        *("-var_stream_map", " ".join(streams), f"{OUTPUT}/%v/index.m3u8"),
    ]


def _variant(rung: Rung, carries: Carries) -> Variant:
    return Variant(rung.name, carries, rung.width, rung.height, round(float(rung.rate), 3), rung.max_kbits)


def _frame_rate(picture: Picture | None) -> float | None:
    if picture is None or not picture.average_rate:
        return None
    return round(float(picture.average_rate), 3)


def _language(probe: Probe) -> str | None:
    return probe.sound.language if probe.sound else None


def _encode_limits(probe: Probe, pixels: int, kbits: int) -> Limits:
    return limits.for_encode(
        duration_seconds=probe.duration_seconds, pixels=pixels, max_bits_per_second=max(kbits, 256) * 1000
    )
