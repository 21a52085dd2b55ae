"""Plain data that crosses into other packages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BrandInfo:
    """What a page says of the organization's brand.

    ``color`` is the colour the organization chose (``#rrggbb``), not the one that a role ended up with.
    ``logo_url`` is None where the organization shows its name instead.
    """

    name: str
    logo_url: str | None
    color: str
    heading_font: str


@dataclass(frozen=True, slots=True)
class Look:
    """Everything a page needs of the brand, from one read."""

    brand: BrandInfo
    css: str
