"""Reads of the brand."""

from __future__ import annotations

import tenancy
from apps.branding import theme
from apps.branding.dto import BrandInfo, Look
from apps.branding.models import Brand
from apps.branding.solver import brand_theme
from core.mail import Letterhead


def published() -> Brand:
    """Return the bound organization's published brand; one that has none yet looks like the default."""
    found = Brand.objects.filter(state=Brand.State.PUBLISHED).first()
    return found or default_brand()


def default_brand() -> Brand:
    """Return the unsaved brand that an organization starts with."""
    solved = theme.to_json(brand_theme(theme.DEFAULT_COLOR))
    return Brand(state=Brand.State.PUBLISHED, solved=solved)


def is_adjusted(brand: Brand) -> bool:
    """Return whether the light theme's buttons have another colour than the organization chose."""
    return bool(brand.solved["light"]["brand-solid"] != brand.color)


def look() -> Look:
    """Return brand and CSS of the bound organization, from one read.

    Nothing of it is cached: the read is one row, and the text of the rules is made in less time than a cache answers.
    """
    brand = published()
    return Look(brand=_info(brand), css=theme.css_of(theme.from_json(brand.solved), brand.heading_font))


def theme_css() -> str:
    """Return the CSS variables of the bound organization's theme, light and dark."""
    return look().css


def brand_of() -> BrandInfo:
    """Return what a page says of the bound organization's brand."""
    return _info(published())


def letterhead() -> Letterhead:
    """Return the look of the bound organization's mails: its name, and its colour on the one button."""
    light = theme.from_json(published().solved).light
    return Letterhead(name=tenancy.current().name, color=light["brand-solid"], on_color=light["brand-on"])


def _info(brand: Brand) -> BrandInfo:
    return BrandInfo(name=tenancy.current().name, logo_url=None, color=brand.color, heading_font=brand.heading_font)
