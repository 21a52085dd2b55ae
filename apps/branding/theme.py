"""From a brand to what a page inlines: the stored form of a solved theme, heading faces, and the CSS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from apps.branding.solver import Theme, Tokens, ink_theme

DEFAULT_COLOR = "#2455e6"
DEFAULT_FONT = "onest"


@dataclass(frozen=True, slots=True)
class Face:
    """A self-hosted heading face: its name, its CSS family, and the system face that stands in until it is there."""

    name: str
    family: str
    fallback: str


# What an organization may choose for headings; body text stays Onest, so measure and line breaks hold.
HEADING_FONTS = {
    "onest": Face("Onest", "", "var(--font-ui)"),
    "bricolage-grotesque": Face("Bricolage", "Bricolage Grotesque Variable", "var(--font-ui)"),
    "figtree": Face("Figtree", "Figtree Variable", "var(--font-ui)"),
    "fraunces": Face("Fraunces", "Fraunces Variable", "Georgia, serif"),
    "lora": Face("Lora", "Lora Variable", "Georgia, serif"),
    "manrope": Face("Manrope", "Manrope Variable", "var(--font-ui)"),
    "newsreader": Face("Newsreader", "Newsreader Variable", "Georgia, serif"),
    "space-grotesk": Face("Grotesk", "Space Grotesk Variable", "var(--font-ui)"),
}

_VERSION = 1
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_VALUE = re.compile(r"#[0-9a-f]{6}|transparent")

_FIXED_LIGHT = {
    "overlay": "rgb(15 17 22 / 0.38)",
    "e-1": "0 1px 2px rgb(16 20 30 / 0.07)",
    "e-2": "0 0 0 1px rgb(16 20 30 / 0.08),0 2px 6px rgb(16 20 30 / 0.05),0 12px 32px rgb(16 20 30 / 0.11)",
    "e-3": "0 0 0 1px rgb(16 20 30 / 0.07),0 8px 20px rgb(16 20 30 / 0.07),0 32px 80px rgb(16 20 30 / 0.18)",
}
# In the dark, height is a ring of the stronger line; shadows only help.
_FIXED_DARK = {
    "overlay": "rgb(0 0 0 / 0.6)",
    "e-1": "0 1px 2px rgb(0 0 0 / 0.4)",
    "e-2": "0 0 0 1px var(--line-2),0 12px 32px rgb(0 0 0 / 0.5)",
    "e-3": "0 0 0 1px var(--line-2),0 32px 80px rgb(0 0 0 / 0.6)",
}


def to_json(theme: Theme) -> dict[str, Any]:
    """Return the stored form."""
    return {"v": _VERSION, "light": theme.light, "dark": theme.dark}


def from_json(stored: dict[str, Any]) -> Theme:
    """Return the theme that :func:`to_json` stored.

    Raises:
        ValueError: it is of another version, or holds what is no colour variable: nothing else reaches a page's CSS.
    """
    if stored.get("v") != _VERSION:
        raise ValueError(f"a theme of version {stored.get('v')}")
    for tokens in (stored["light"], stored["dark"]):
        for name, value in tokens.items():
            if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
                raise ValueError(f"not a colour variable: {name}: {value}")
    return Theme(light=stored["light"], dark=stored["dark"])


def css_of(theme: Theme, heading_font: str) -> str:
    """Return the rules that dress everything marked ``data-brand="tenant"``, by ``data-theme``.

    A page without ``data-theme`` is light. Two attributes weigh more than the style sheet's own values, wherever the
    rules stand.
    """
    chosen = HEADING_FONTS[heading_font]
    face = f"--font-head:'{chosen.family}',{chosen.fallback}" if chosen.family else f"--font-head:{chosen.fallback}"
    return (
        f":root[data-brand='tenant'],[data-brand='tenant'][data-theme='light']"
        f"{{{_declarations(theme.light, _FIXED_LIGHT)};{face};color-scheme:light}}"
        f"[data-brand='tenant'][data-theme='dark']"
        f"{{{_declarations(theme.dark, _FIXED_DARK)};{face};color-scheme:dark}}"
    )


@cache
def ink_css() -> str:
    """Return our own theme for pages without an organization: site, staff, and the chrome of the studio."""
    theme = ink_theme()
    return (
        f":root,[data-theme='light'][data-brand='ink']{{{_declarations(theme.light, _FIXED_LIGHT)};color-scheme:light}}"
        f"[data-theme='dark'][data-brand='ink']{{{_declarations(theme.dark, _FIXED_DARK)};color-scheme:dark}}"
    )


def _declarations(tokens: Tokens, fixed: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in {**tokens, **fixed}.items())
