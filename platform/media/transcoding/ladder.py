"""Which renditions a source deserves: sizes, rates and bit rates. Pure arithmetic.

The table and the rules come from measurements on lecture-like film: text needs resolution more than bit rate, so 1080p
stays; ``veryfast`` is the preset past which quality costs more than it gives; ``ultrafast`` serves only the first,
temporary rung.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from media.transcoding.probe import Picture

SHORT_SIDES = (1080, 720, 480, 270)
_CRF = {1080: 23, 720: 23, 480: 24, 270: 26}
_MAX_KBITS = {1080: 4500, 720: 2200, 480: 900, 270: 300}
_FULL_PIXELS = 1920 * 1080
# Wider than 2.4:1 is a panorama: its rungs are bound by the long side too, or they would cost like the rung above.
_WIDEST = 2.4
_STANDARD_RATES = (Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30))

SEGMENT_SECONDS = 4
GOP_SECONDS = 2
FAST_SEGMENT_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Rung:
    """One picture rendition: even ``width`` and ``height`` in pixels, bit rates in kbit/s."""

    name: str
    width: int
    height: int
    rate: Fraction
    crf: int
    max_kbits: int
    preset: str

    @property
    def gop(self) -> int:
        """Frames between keyframes: the same time on every rung, so that switching is seamless."""
        return max(2, round(self.rate * GOP_SECONDS))


@dataclass(frozen=True, slots=True)
class SoundRung:
    """One sound rendition in AAC."""

    name: str
    kbits: int
    channels: int


SOUND = SoundRung("audio", 128, 2)
SOUND_LOW = SoundRung("audio-low", 48, 1)


def rungs_for(picture: Picture) -> list[Rung]:
    """The full ladder of a picture, largest first: never larger than the source, 60 frames a second halved."""
    rate = rate_for(picture)
    sides = short_sides(min(picture.width, picture.height))
    return [_rung(picture, short, _pace(short, sides[0], rate)) for short in sides]


def fast_rung(picture: Picture) -> Rung:
    """The one rung that is ready first: at most 480p, the cheapest preset."""
    short = min(480, even(min(picture.width, picture.height)))
    width, height = size_for(picture, short)
    kbits = 2 * _kbits(short, width * height)
    return Rung("fast", width, height, rate_for(picture), crf=25, max_kbits=kbits, preset="ultrafast")


def short_sides(source: int) -> list[int]:
    """The short sides to make from a source whose short side is ``source`` pixels."""
    top = min(even(source), SHORT_SIDES[0])
    lower = [side for side in SHORT_SIDES if side <= top]
    if not lower:
        return [top]
    # A source between two rungs keeps its own size where the rung below would lose something that one can see.
    return [top, *lower] if top >= lower[0] * 1.15 else lower


def size_for(picture: Picture, short: int) -> tuple[int, int]:
    """Even width and height with the source's shape whose short side is at most ``short``; never upscaled."""
    width, height = picture.width, picture.height
    scale = min(1.0, short / min(width, height), short * _WIDEST / max(width, height))
    return even(width * scale), even(height * scale)


def even(length: float) -> int:
    """The nearest even length of at least two pixels: 4:2:0 has no odd ones."""
    return max(2, round(length / 2) * 2)


def rate_for(picture: Picture) -> Fraction:
    """Frames a second of the full rungs: the source's where it is steady and at most 30, else a standard one."""
    rate = picture.average_rate if picture.is_variable else picture.base_rate
    if not rate or rate <= 0:
        return Fraction(30)
    while rate > Fraction(61, 2):
        rate /= 2
    if not picture.is_variable:
        return rate.limit_denominator(1001)
    if rate < 20:  # slides and screen shares: keep the pace, whole frames
        return Fraction(max(1, round(rate)))
    return next((standard for standard in _STANDARD_RATES if standard >= rate * Fraction(99, 100)), Fraction(30))


def _pace(short: int, top: int, rate: Fraction) -> Fraction:
    """The smallest of several rungs is for the worst of networks: every second frame is enough there."""
    return rate / 2 if short <= 270 and short < top and rate > 20 else rate


def _rung(picture: Picture, short: int, rate: Fraction) -> Rung:
    width, height = size_for(picture, short)
    nearest = min(SHORT_SIDES, key=lambda side: abs(side - short))
    return Rung(f"{short}p", width, height, rate, _CRF[nearest], _kbits(short, width * height), "veryfast")


def _kbits(short: int, pixels: int) -> int:
    if short in _MAX_KBITS:
        return _MAX_KBITS[short]
    # Between the rows of the table: bits grow a little slower than pixels.
    return max(200, round(4500 * (pixels / _FULL_PIXELS) ** 0.85 / 50) * 50)
