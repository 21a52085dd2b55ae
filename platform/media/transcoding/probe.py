"""What is in a file, found out in the jail: the one description every later stage decides by."""

from __future__ import annotations

import dataclasses
import json
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from media.transcoding import limits
from media.transcoding.errors import InputRejected, ResourceShortage, clock_words, span_words
from media.transcoding.sandbox import Mode, Watch, run
from media.transcoding.sniff import MATROSKA, MOV, Family, sniff

CHILD = Path(__file__).with_name("probe_child.py")
POSTER = "poster.jpg"
LONGEST_SECONDS = 12 * 3600

STANDARD_BITS_PER_SECOND = 8_000_000
STANDARD_SHORT_SIDE = 1080
STANDARD_LONG_SIDE = 1920
STANDARD_KEYFRAME_GAP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture track. ``width`` and ``height`` are as people see it: upright, with square pixels."""

    index: int
    codec: str
    profile: str | None
    level: int
    pix_fmt: str
    bit_depth: int
    width: int
    height: int
    coded_width: int
    coded_height: int
    rotation: int
    square_pixels: bool
    interlaced: bool
    average_rate: Fraction | None
    base_rate: Fraction
    transfer: int
    keyframe_gap_seconds: float | None
    longest_cut_seconds: float
    language: str | None

    @property
    def is_hdr(self) -> bool:
        return self.transfer in (16, 18)  # SMPTE ST 2084 and ARIB STD-B67, ITU-T H.273

    @property
    def is_variable(self) -> bool:
        """Whether frames come at no fixed rate, as from phones and screen recorders."""
        if not self.average_rate or not self.base_rate:
            return True
        return abs(self.average_rate / self.base_rate - 1) > Fraction(1, 50)


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound track that is kept."""

    index: int
    codec: str
    profile: str | None
    sample_rate: int
    channels: int
    language: str | None
    bit_rate: int


@dataclass(frozen=True, slots=True)
class Probe:
    """What one file holds. ``poster`` is the size of ``poster.jpg`` in the scratch directory, or None."""

    family: Family
    size_bytes: int
    duration_seconds: float
    bit_rate: int
    picture: Picture | None
    sound: Sound | None
    poster: tuple[int, int] | None

    @property
    def duration_ms(self) -> int:
        return round(self.duration_seconds * 1000)

    def why_not_standard(self) -> str | None:
        """None where browsers play the streams as they are; else the first reason why not, for the log."""
        for applies, reason in self._obstacles():
            if applies:
                return reason
        return None

    def _obstacles(self) -> list[tuple[bool, str]]:
        found = [(self.family not in (MOV, MATROSKA) and self.picture is not None, "container")]
        if self.picture is not None:
            picture = self.picture
            found += [
                (picture.codec != "h264", "codec"),
                (picture.bit_depth != 8 or picture.pix_fmt not in ("yuv420p", "yuvj420p"), "pixel format"),
                (picture.rotation != 0 or not picture.square_pixels, "rotated or stretched"),
                (picture.interlaced, "interlaced"),
                (min(picture.width, picture.height) > STANDARD_SHORT_SIDE, "size"),
                (max(picture.width, picture.height) > STANDARD_LONG_SIDE, "size"),
                (picture.level > 52, "level"),
                (self.bit_rate > STANDARD_BITS_PER_SECOND, "bit rate"),
                ((picture.keyframe_gap_seconds or 1e9) > STANDARD_KEYFRAME_GAP_SECONDS, "keyframe distance"),
            ]
        if self.sound is not None:
            sound = self.sound
            found += [
                (sound.codec != "aac" or (sound.profile or "LC") not in ("LC", "HE-AAC", "HE-AACv2"), "sound codec"),
                (sound.channels > 2, "channels"),
                (self.picture is None and self.family is not MOV, "container"),
            ]
        return found

    def to_json(self) -> dict[str, Any]:
        """The form that is kept with the source, so that a later stage need not look again."""
        value = dataclasses.asdict(self)
        if self.picture is not None:
            value["picture"]["average_rate"] = str(self.picture.average_rate) if self.picture.average_rate else None
            value["picture"]["base_rate"] = str(self.picture.base_rate)
        return {"v": 1, **value}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Probe:
        """The inverse of ``to_json``."""
        picture, sound = value["picture"], value["sound"]
        return cls(
            family=Family(**value["family"]),
            size_bytes=value["size_bytes"],
            duration_seconds=value["duration_seconds"],
            bit_rate=value["bit_rate"],
            picture=_picture(picture) if picture else None,
            sound=Sound(**sound) if sound else None,
            poster=(value["poster"][0], value["poster"][1]) if value["poster"] else None,
        )


def _picture(facts: dict[str, Any]) -> Picture:
    average, base = facts["average_rate"], facts["base_rate"]
    rates = {"average_rate": Fraction(average) if average else None, "base_rate": Fraction(base)}
    return Picture(**{**facts, **rates})


def probe(scratch: Path, *, mode: Mode | None = None) -> Probe:
    """Describe ``scratch/source`` and leave ``scratch/poster.jpg`` where the file has a picture.

    Raises:
        InputRejected: it can't be used; the error says why in words.
        ResourceShortage: the machine could not look.
    """
    source = scratch / "source"
    family = sniff(source)
    lines: list[str] = []
    outcome = run(
        [sys.executable, "-I", str(CHILD), family.demuxer, family.whitelist],
        scratch=scratch,
        limits=limits.PROBE,
        watch=Watch(on_line=lines.append),
        mode=mode,
    )
    if not outcome.succeeded or not lines:
        if outcome.ending == "memory":
            raise ResourceShortage("out_of_memory")
        # The reader itself fell over this file (a crash, a loop): that is an answer about the file.
        raise InputRejected("unreadable")
    facts = json.loads(lines[-1])
    if "refused" in facts:
        raise InputRejected(facts.pop("refused"), **facts)
    return _judge(family, source.stat().st_size, facts)


def _judge(family: Family, size_bytes: int, facts: dict[str, Any]) -> Probe:
    duration = float(facts["duration_seconds"])
    if duration <= 0:
        raise InputRejected("nothing_to_play")
    if duration > LONGEST_SECONDS:
        raise InputRejected("too_long", found=clock_words(duration), allowed=span_words(LONGEST_SECONDS))
    held = facts["held_seconds"]
    if held is not None and held < duration * 0.98 - 0.5:
        raise InputRejected("truncated", found=clock_words(held), promised=clock_words(duration))
    picture = facts["video"]
    sound = facts["audio"]
    poster = facts["poster"]
    return Probe(
        family=family,
        size_bytes=size_bytes,
        duration_seconds=duration,
        bit_rate=int(facts["bit_rate"]),
        picture=_picture(picture) if picture else None,
        sound=Sound(**sound) if sound else None,
        poster=(poster["width"], poster["height"]) if poster else None,
    )
