"""Plain data that crosses into other packages."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo in three heights (32, 64 and 128 px); ``ratio`` is its width to its height."""

    h32: str
    h64: str
    h128: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Photo:
    """The picture beside the sign-in form, 800 and 1600 px wide; ``ratio`` is its width to its height."""

    w800: str
    w1600: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Icon:
    """The mark in tabs and on home screens: PNG of 32, 180 and 512 px, and an .ico."""

    s32: str
    s180: str
    s512: str
    ico: str


@dataclass(frozen=True, slots=True)
class BrandInfo:
    """What a page says of the organization's brand. Addresses are paths on the organization's own hosts.

    ``color`` is the colour the organization chose (``#rrggbb``), not the one that a role ended up with. A logo that is
    None is shown as the first letter of the name; where only one is given, it stands in both modes.
    """

    name: str
    color: str
    heading_font: str
    welcome_title: str = ""
    welcome_text: str = ""
    footer: str = ""
    logo_light: Logo | None = None
    logo_dark: Logo | None = None
    favicon: Icon | None = None
    login_image: Photo | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Everything a page needs of the brand, from one read. ``solved`` is the theme's variables by mode."""

    brand: BrandInfo
    css: str
    solved: dict[str, dict[str, str]] = field(repr=False)
