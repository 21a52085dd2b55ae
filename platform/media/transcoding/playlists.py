"""Reading ffmpeg's media playlists and writing ours. Times in seconds, rates in bits a second."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from media.transcoding.commands import Variant

_INFO = re.compile(r"#EXTINF:([0-9.]+)")
_MAP = re.compile(r'#EXT-X-MAP:URI="([^"]+)"')
_LANGUAGE = re.compile(r"^[a-z]{2,3}$")
# ISO 639-2 as containers carry it -> BCP 47 as browsers want it; only what has a two-letter form and is common.
_SHORT = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt",
    "nld": "nl", "dut": "nl", "pol": "pl", "rus": "ru", "ukr": "uk", "tur": "tr", "ara": "ar", "heb": "he",
    "hin": "hi", "jpn": "ja", "kor": "ko", "zho": "zh", "chi": "zh", "swe": "sv", "nor": "no", "dan": "da",
    "fin": "fi", "ces": "cs", "cze": "cs", "ell": "el", "gre": "el", "ron": "ro", "rum": "ro", "hun": "hu",
}  # fmt: skip
_NAMES = {
    "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "it": "Italiano", "pt": "Português",
    "nl": "Nederlands", "pl": "Polski", "ru": "Русский", "uk": "Українська", "tr": "Türkçe", "ar": "العربية",
    "he": "עברית", "hi": "हिन्दी", "ja": "日本語", "ko": "한국어", "zh": "中文", "sv": "Svenska", "no": "Norsk",
    "da": "Dansk", "fi": "Suomi", "cs": "Čeština", "el": "Ελληνικά", "ro": "Română", "hu": "Magyar",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a rendition: file name, length, and its size once it is known."""

    name: str
    seconds: float


@dataclass(slots=True)
class Track:
    """What is known of one variant while it is written."""

    variant: Variant
    codecs: tuple[str, ...] = ()
    init: str | None = None
    segments: list[Segment] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    init_bytes: int = 0
    # Where its media playlist lies, beside the master. Empty: in a folder of its own.
    uri: str = ""

    @property
    def playlist(self) -> str:
        return self.uri or f"{self.variant.name}/index.m3u8"

    @property
    def seconds(self) -> float:
        return sum(segment.seconds for segment in self.segments)

    @property
    def bytes(self) -> int:
        return self.init_bytes + sum(self.sizes)

    @property
    def average_bits(self) -> int:
        return round(sum(self.sizes) * 8 / self.seconds) if self.seconds > 0 else 0

    @property
    def peak_bits(self) -> int:
        """The largest rate of one segment. A stub shorter than a second says nothing about the rate."""
        rates = [
            size * 8 / segment.seconds
            for segment, size in zip(self.segments, self.sizes, strict=True)
            if segment.seconds >= 1
        ]
        return max(round(max(rates, default=0)), self.average_bits)


def parse(text: str) -> tuple[str | None, list[Segment]]:
    """The init file and the finished segments that one of ffmpeg's playlists names."""
    init = _MAP.search(text)
    segments, seconds = [], None
    for line in text.splitlines():
        info = _INFO.match(line)
        if info:
            seconds = float(info.group(1))
        elif line and not line.startswith("#") and seconds is not None:
            segments.append(Segment(line.rsplit("/", 1)[-1], seconds))
            seconds = None
    return (init.group(1).rsplit("/", 1)[-1] if init else None), segments


def media_playlist(init: str, segments: Sequence[Segment], *, target_seconds: int, ended: bool) -> str:
    """An EVENT playlist while it grows, a VOD playlist once it has ended (RFC 8216)."""
    target = max([target_seconds, *(round(segment.seconds) for segment in segments)])
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{target}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if ended else 'EVENT'}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{init}"',
    ]
    for segment in segments:
        lines += [f"#EXTINF:{segment.seconds:.6f},", segment.name]
    if ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def master_playlist(tracks: Sequence[Track], *, language: str | None) -> str:
    """The playlist of playlists: measured rates, real codecs, one group of sound, the largest picture first."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    pictures = worthwhile([track for track in tracks if track.variant.carries != "sound"])
    sounds = [track for track in tracks if track.variant.carries == "sound"]
    shared = sounds[0] if pictures and sounds else None
    if shared is not None:
        lines.append(_sound_line(shared, language))
    for track in pictures:
        lines += _stream_lines(track, shared)
    # On their own the sound tracks are what a player falls back to where the line carries no picture at all.
    for track in sounds if not pictures else sounds[-1:]:
        lines += _stream_lines(track, None)
    return "\n".join(lines) + "\n"


def worthwhile(pictures: Iterable[Track]) -> list[Track]:
    """Largest first, without the rungs that save nobody anything: above 85 % of the next larger one."""
    kept: list[Track] = []
    for track in sorted(pictures, key=lambda one: -(one.variant.width or 0) * (one.variant.height or 0)):
        if not kept or track.average_bits <= kept[-1].average_bits * 0.85:
            kept.append(track)
    return kept


def language_tag(language: str | None) -> str | None:
    """BCP 47 of a container's language, None where it says nothing ("und", "mis", junk)."""
    if not language or language in ("und", "mis", "mul", "zxx") or not _LANGUAGE.match(language):
        return None
    return _SHORT.get(language, language)


def _sound_line(track: Track, language: str | None) -> str:
    tag = language_tag(language)
    parts = ["TYPE=AUDIO", 'GROUP-ID="sound"', f'NAME="{_NAMES.get(tag or "", "Sound")}"']
    if tag:
        parts.append(f'LANGUAGE="{tag}"')
    parts += ["DEFAULT=YES", "AUTOSELECT=YES", 'CHANNELS="2"', f'URI="{track.playlist}"']
    return "#EXT-X-MEDIA:" + ",".join(parts)


def _stream_lines(track: Track, sound: Track | None) -> list[str]:
    variant = track.variant
    codecs = [*track.codecs, *(sound.codecs if sound else ())]
    parts = [
        f"BANDWIDTH={max(1, track.peak_bits + (sound.peak_bits if sound else 0))}",
        f"AVERAGE-BANDWIDTH={max(1, track.average_bits + (sound.average_bits if sound else 0))}",
        f'CODECS="{",".join(codecs)}"',
    ]
    if variant.width and variant.height:
        parts.append(f"RESOLUTION={variant.width}x{variant.height}")
    if variant.frame_rate:
        parts.append(f"FRAME-RATE={variant.frame_rate:.3f}")
    if sound is not None:
        parts.append('AUDIO="sound"')
    return ["#EXT-X-STREAM-INF:" + ",".join(parts), track.playlist]
