"""Reads of the brand."""

from __future__ import annotations

from django.conf import settings

import tenancy
from apps.branding import theme
from apps.branding.dto import BrandInfo, Icon, Logo, Look, Photo
from apps.branding.imaging.limits import USES
from apps.branding.models import Brand, BrandImage
from apps.branding.solver import brand_theme
from core.mail import Letterhead, Picture
from tenancy.hosts import public_url


def published() -> Brand:
    """Return the bound organization's published brand; one that has none yet looks like the default."""
    return _one(Brand.State.PUBLISHED) or default_brand()


def draft() -> Brand | None:
    """Return the draft, or None where nothing differs from what is published."""
    return _one(Brand.State.DRAFT)


def versions() -> list[Brand]:
    """Return the earlier looks, the latest first."""
    return list(Brand.objects.filter(state=Brand.State.ARCHIVED).select_related(*USES).order_by("-published_at", "-id"))


def _one(state: str) -> Brand | None:
    return Brand.objects.filter(state=state).select_related(*USES).first()


def default_brand() -> Brand:
    """Return the unsaved brand that an organization starts with."""
    solved = theme.to_json(brand_theme(theme.DEFAULT_COLOR))
    return Brand(state=Brand.State.PUBLISHED, solved=solved)


def is_adjusted(brand: Brand) -> bool:
    """Return whether the light theme's buttons have another colour than the organization chose."""
    return bool(brand.solved["light"]["brand-solid"] != brand.color)


def look(*, of_draft: bool = False) -> Look:
    """Return brand and CSS of the bound organization, from one read; ``of_draft`` the look that is being edited.

    Nothing of it is cached: the read is one row, and the text of the rules is made in less time than a cache answers.
    """
    return look_of((draft() if of_draft else None) or published())


def look_of(brand: Brand) -> Look:
    """Return what pages show of one row."""
    solved = theme.from_json(brand.solved)
    return Look(
        brand=_info(brand),
        css=theme.css_of(solved, brand.heading_font),
        solved={"light": solved.light, "dark": solved.dark},
    )


def theme_css() -> str:
    """Return the CSS variables of the bound organization's theme, light and dark."""
    return look().css


def brand_of() -> BrandInfo:
    """Return what a page says of the bound organization's brand."""
    return _info(published())


def letterhead(*, of_draft: bool = False) -> Letterhead:
    """Return the look of the bound organization's mails: who writes, its logo, and its colour on the one button."""
    brand = (draft() if of_draft else None) or published()
    tenant = tenancy.current()
    light = theme.from_json(brand.solved).light
    name = brand.name or tenant.name
    return Letterhead(
        name=name,
        color=light["brand-solid"],
        on_color=light["brand-on"],
        edge=light["brand-edge"],
        sender_name=brand.sender_name or name,
        # Under our suffix also where it has a domain of its own: that domain signs no mail of ours.
        sender_domain=f"{tenant.slug}.{settings.TENANT_SUFFIX}",
        reply_to=brand.reply_to,
        footer=brand.footer,
        url=public_url(tenant.host, "/"),
        logo=_mail_logo(brand, tenant.host),
    )


def _mail_logo(brand: Brand, host: str) -> Picture | None:
    """Mails are light, so they show the light logo, at half of what it was drawn for."""
    image = brand.logo_light
    if image is None:
        return None
    file = image.files["h64"]
    return Picture(url=public_url(host, file["url"]), width=round(file["width"] / 2), height=32)


def _info(brand: Brand) -> BrandInfo:
    return BrandInfo(
        name=brand.name or tenancy.current().name,
        color=brand.color,
        heading_font=brand.heading_font,
        welcome_title=brand.welcome_title,
        welcome_text=brand.welcome_text,
        footer=brand.footer,
        logo_light=_logo(brand.logo_light or brand.logo_dark),
        logo_dark=_logo(brand.logo_dark or brand.logo_light),
        favicon=_icon(brand.favicon),
        login_image=_photo(brand.login_image),
    )


def _logo(image: BrandImage | None) -> Logo | None:
    if image is None:
        return None
    largest = image.files["h128"]
    return Logo(
        h32=image.url("h32"),
        h64=image.url("h64"),
        h128=image.url("h128"),
        ratio=largest["width"] / largest["height"],
    )


def _icon(image: BrandImage | None) -> Icon | None:
    if image is None:
        return None
    return Icon(s32=image.url("s32"), s180=image.url("s180"), s512=image.url("s512"), ico=image.url("ico"))


def _photo(image: BrandImage | None) -> Photo | None:
    if image is None:
        return None
    largest = image.files["w1600"]
    return Photo(image.url("w800"), image.url("w1600"), ratio=largest["width"] / largest["height"])
