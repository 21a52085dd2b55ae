"""The theme solver: one brand colour in, every colour role of a light and a dark theme out.

The brand colour is not trusted, it is solved for: each role begins at the brand's own lightness and moves until its
ratio holds against the *worst* of the five grounds. Text needs 4.5, outlines, marks and focus 3.0 (WCAG 2.2 AA); the
thresholds below aim a little higher, because colours round to 8 bits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, repeat, takewhile

from apps.branding.colour import contrast, degrees, from_oklch, luminance, ok, to_oklch

Tokens = dict[str, str]

WHITE = "#ffffff"
INK_HUE = 262.0  # degrees: the hue of our own greys
SIGNAL = "#2455e6"  # the one working blue of site, studio and staff
STEP = 0.004  # of lightness

# Hue in degrees and chroma of the colours that mean something. They are ours in every theme.
_MEANINGS = {"danger": (25, 0.19), "warning": (75, 0.15), "success": (152, 0.14), "info": (250, 0.15)}


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour variable of both modes, by name without the leading dashes."""

    light: Tokens
    dark: Tokens


def solve(chroma: float, hue: float, start: float, grounds: Sequence[str], ratio: float, direction: int) -> str:
    """Return the first colour from lightness ``start`` on that reaches ``ratio`` on every ground.

    ``direction`` is -1 towards black, 1 towards white; where nothing reaches it, the answer is black or white itself.
    """
    levels = [luminance(ground) for ground in grounds]

    def holds(lightness: float) -> bool:
        own = luminance(from_oklch(lightness, chroma, hue))
        return all((max(own, level) + 0.05) / (min(own, level) + 0.05) >= ratio for level in levels)

    steps = list(takewhile(lambda at: 0 <= at <= 1, accumulate(repeat(direction * STEP), initial=start)))
    # Away from the grounds contrast only grows, so the first step that holds is found by halving.
    low, high = 0, len(steps)
    while low < high:
        middle = (low + high) // 2
        if holds(steps[middle]):
            high = middle
        else:
            low = middle + 1
    if low < len(steps):
        return from_oklch(steps[low], chroma, hue)
    return "#000000" if direction < 0 else WHITE


def neutrals(hue: float, *, dark: bool) -> Tokens:
    """Return the greys, leaning towards ``hue`` (degrees)."""
    radians = hue * math.pi / 180
    if dark:
        hover = ok(0.262, 0.009, hue)
        return {
            "canvas": ok(0.168, 0.006, hue),
            "surface": ok(0.203, 0.007, hue),
            "raised": ok(0.238, 0.008, hue),
            "sunken": ok(0.145, 0.006, hue),
            "hover": hover,
            "line": ok(0.283, 0.009, hue),
            "line-2": ok(0.35, 0.01, hue),
            "control": solve(0.012, radians, 0.45, [hover], 3.02, 1),
            "text-3": solve(0.012, radians, 0.6, [hover], 4.52, 1),
            "text-2": ok(0.785, 0.01, hue),
            "text": ok(0.962, 0.004, hue),
        }
    hover = ok(0.953, 0.006, hue)
    return {
        "canvas": ok(0.987, 0.003, hue),
        "surface": WHITE,
        "raised": WHITE,
        "sunken": ok(0.965, 0.005, hue),
        "hover": hover,
        "line": ok(0.914, 0.007, hue),
        "line-2": ok(0.86, 0.009, hue),
        "control": solve(0.014, radians, 0.72, [hover], 3.02, -1),
        "text-3": solve(0.014, radians, 0.6, [hover], 4.52, -1),
        "text-2": ok(0.425, 0.014, hue),
        "text": ok(0.215, 0.014, hue),
    }


def grounds_of(grey: Tokens) -> list[str]:
    """Return everything that text may lie on."""
    return [grey["canvas"], grey["surface"], grey["raised"], grey["sunken"], grey["hover"]]


def roles(brand: str, grey: Tokens, *, dark: bool) -> Tokens:
    """Return the eight roles of a brand colour on these greys."""
    lightness, chroma, hue = to_oklch(brand)
    grounds = grounds_of(grey)
    direction = 1 if dark else -1
    black = ok(0.19, 0.02, degrees(hue))

    def label_on(ground: str) -> str:
        return WHITE if contrast(WHITE, ground) >= contrast(black, ground) else black

    solid = brand
    if dark and lightness < 0.5:
        # A deep brand would sink into a dark ground.
        solid = from_oklch(0.74, min(chroma * 1.2, 0.17), hue)
    on = label_on(solid)
    if contrast(on, solid) < 4.5:
        solid = solve(chroma, hue, to_oklch(solid)[0], [on], 4.52, -1 if on == WHITE else 1)
        on = label_on(solid)
    own_lightness, own_chroma, own_hue = to_oklch(solid)
    # Hover moves away from the label, so it never reads worse than at rest.
    hovered = own_lightness + (-0.045 if on == WHITE else 0.04)
    soft = (
        from_oklch(0.29, min(chroma * 0.38, 0.055), hue) if dark else from_oklch(0.95, min(chroma * 0.28, 0.045), hue)
    )
    stands_out = all(contrast(solid, ground) >= 3 for ground in grounds)
    return {
        "text": (
            solve(min(chroma * 1.1, 0.17), hue, max(lightness, 0.62), grounds, 6, direction)
            if dark
            else solve(chroma, hue, lightness, grounds, 4.6, direction)
        ),
        "solid": solid,
        "solid-hover": from_oklch(min(0.98, max(0.05, hovered)), own_chroma, own_hue),
        "on": on,
        "edge": solid if stands_out else solve(chroma, hue, own_lightness, grounds, 3.02, direction),
        "soft": soft,
        "soft-text": solve(chroma, hue, lightness, [soft], 6 if dark else 4.7, direction),
        "focus": solve(chroma, hue, lightness, grounds, 4.5 if dark else 3.02, direction),
    }


def meanings(grey: Tokens, *, dark: bool) -> Tokens:
    """Return danger, warning, success and info, each with text, solid, on, soft, soft-text and mark."""
    found: Tokens = {}
    grounds = grounds_of(grey)
    for name, (hue, chroma) in _MEANINGS.items():
        radians = hue * math.pi / 180
        if dark:
            soft = ok(0.28, 0.05, hue)
            parts = {
                "text": solve(chroma, radians, 0.5, grounds, 4.52, 1),
                "solid": ok(0.8 if name == "warning" else 0.66, chroma, hue),
                "on": ok(0.17, 0.02, hue),
                "soft": soft,
                "soft-text": solve(chroma * 0.9, radians, 0.5, [soft], 4.7, 1),
                "mark": solve(chroma, radians, 0.6, grounds, 3.05, 1),
            }
        else:
            soft = ok(0.955, 0.028, hue)
            parts = {
                "text": solve(chroma, radians, 0.6, grounds, 4.52, -1),
                "solid": solve(chroma, radians, 0.6, [WHITE], 4.55, -1),
                "on": WHITE,
                "soft": soft,
                "soft-text": solve(chroma * 0.9, radians, 0.6, [soft], 4.7, -1),
                "mark": solve(chroma, radians, 0.7, grounds, 3.05, -1),
            }
        found.update({f"{name}-{part}": colour for part, colour in parts.items()})
    return found


@cache
def signal(*, dark: bool) -> Tokens:
    """Return the working blue, solved once on our own greys and the same in every theme."""
    blue = roles(SIGNAL, neutrals(INK_HUE, dark=dark), dark=dark)
    return {f"signal-{part}": blue[part] for part in ("text", "solid", "on", "edge", "soft", "soft-text", "focus")}


def brand_theme(brand: str) -> Theme:
    """Return the theme of an organization whose colour is ``brand`` (``#rrggbb``, lower case)."""
    return Theme(light=_brand_tokens(brand, dark=False), dark=_brand_tokens(brand, dark=True))


def ink_theme() -> Theme:
    """Return our own theme: black on white, white on black, and the working blue."""
    return Theme(light=_ink_tokens(dark=False), dark=_ink_tokens(dark=True))


def _brand_tokens(brand: str, *, dark: bool) -> Tokens:
    hue = degrees(to_oklch(brand)[2])
    grey = neutrals(hue, dark=dark)
    own = {f"brand-{part}": colour for part, colour in roles(brand, grey, dark=dark).items()}
    return {
        **grey,
        **own,
        **meanings(grey, dark=dark),
        **signal(dark=dark),
        "control-solid": own["brand-solid"],
        "control-on": own["brand-on"],
        "control-edge": own["brand-edge"],
        "link": own["brand-text"],
        "progress": own["brand-solid"],
        "progress-edge": own["brand-edge"],
        "track": _track(hue, dark=dark),
    }


def _ink_tokens(*, dark: bool) -> Tokens:
    grey = neutrals(INK_HUE, dark=dark)
    blue = signal(dark=dark)
    ink = {
        "brand-text": blue["signal-text"],
        "brand-solid": grey["text"],
        "brand-solid-hover": WHITE if dark else ok(0.32, 0.02, INK_HUE),
        "brand-on": ok(0.2, 0.014, INK_HUE) if dark else WHITE,
        "brand-edge": grey["text"],
        "brand-soft": blue["signal-soft"],
        "brand-soft-text": blue["signal-soft-text"],
        "brand-focus": blue["signal-focus"],
    }
    return {
        **grey,
        **ink,
        **meanings(grey, dark=dark),
        **blue,
        "control-solid": blue["signal-solid"],
        "control-on": blue["signal-on"],
        "control-edge": blue["signal-edge"],
        "link": blue["signal-text"],
        "progress": blue["signal-focus"],
        "progress-edge": "transparent",
        "track": _track(INK_HUE, dark=dark),
    }


def _track(hue: float, *, dark: bool) -> str:
    """The unfilled part of a progress band, a little nearer to the ground than the stronger line."""
    return ok(0.35, 0.01, hue) if dark else ok(0.885, 0.009, hue)
