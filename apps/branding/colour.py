"""Colour maths: sRGB, OKLCH (Ottosson 2020, bottosson.github.io/posts/oklab) and the WCAG 2.2 contrast ratio.

Colours are ``#rrggbb`` in lower case. Hues are radians inside this module; callers in degrees use :func:`ok`.
"""

from __future__ import annotations

import math
from functools import lru_cache

Oklch = tuple[float, float, float]

_GAMUT_STEPS = 18  # halvings: a chroma within 4e-6 of the gamut's edge
_GAMUT_SLACK = 1e-4


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(light: float) -> float:
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


_LINEAR = [_linear(value / 255) for value in range(256)]


def _channels(colour: str) -> tuple[float, float, float]:
    """Return linear red, green and blue."""
    return _LINEAR[int(colour[1:3], 16)], _LINEAR[int(colour[3:5], 16)], _LINEAR[int(colour[5:7], 16)]


@lru_cache(maxsize=4096)
def luminance(colour: str) -> float:
    """Return the relative luminance, 0 to 1 (WCAG 2.2)."""
    red, green, blue = _channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def to_oklch(colour: str) -> Oklch:
    """Return lightness (0 to 1), chroma and hue (radians)."""
    r, g, b = _channels(colour)
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    lightness = 0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short
    green_red = 1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short
    blue_yellow = 0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short
    return lightness, math.hypot(green_red, blue_yellow), math.atan2(blue_yellow, green_red)


def _rgb(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
    )


def _fits(channels: tuple[float, float, float]) -> bool:
    return all(-_GAMUT_SLACK <= value <= 1 + _GAMUT_SLACK for value in channels)


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """Return the nearest sRGB colour of this lightness and hue: chroma gives way until it fits."""
    cos, sin = math.cos(hue), math.sin(hue)
    channels = _rgb(lightness, chroma * cos, chroma * sin)
    if not _fits(channels):
        low, high = 0.0, chroma
        for _ in range(_GAMUT_STEPS):
            middle = (low + high) / 2
            if _fits(_rgb(lightness, middle * cos, middle * sin)):
                low = middle
            else:
                high = middle
        channels = _rgb(lightness, low * cos, low * sin)
    return "#" + "".join(f"{_byte(value):02x}" for value in channels)


def _byte(light: float) -> int:
    return math.floor(min(1.0, max(0.0, _gamma(max(0.0, light)))) * 255 + 0.5)


def ok(lightness: float, chroma: float, hue_degrees: float) -> str:
    """Return :func:`from_oklch` of a hue in degrees."""
    return from_oklch(lightness, chroma, hue_degrees * math.pi / 180)


def degrees(hue: float) -> float:
    """Return a hue in degrees, 0 to 360."""
    return (hue * 180 / math.pi + 360) % 360
