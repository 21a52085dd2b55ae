"""A copy of the look outside the organization's schema, for pages that can't ask it.

A paused organization's role is refused by the database, and an error page must stand when the database does not. The
copy is small and public: a name, a colour, the addresses of pictures. The theme is solved anew from the colour, so
nothing that is read from a file reaches a page's style.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import asdict
from typing import Any
from uuid import UUID

import structlog

from apps.branding import theme
from apps.branding.dto import BrandInfo, Icon, Logo, Look, Photo
from apps.branding.selectors import look
from apps.branding.solver import brand_theme
from media.api import keep_look, kept_look

_log = structlog.get_logger(__name__)

_VERSION = 1
_FRESH_SECONDS = 60.0
_COLOR = re.compile(r"#[0-9a-f]{6}")
_known: dict[UUID, tuple[float, Look | None]] = {}


def copy_look() -> None:
    """Write the bound organization's published look to the object store."""
    brand = look().brand
    keep_look(json.dumps({"v": _VERSION, "brand": asdict(brand)}).encode())


def look_from_outside(organization_id: UUID) -> Look | None:
    """Return the look as of its last publication, or None where it is not known. Never raises; at most 60 s old."""
    at, found = _known.get(organization_id, (float("-inf"), None))
    if time.monotonic() - at < _FRESH_SECONDS:
        return found
    try:
        stored = kept_look(organization_id)
        found = _read(json.loads(stored)) if stored else None
    except Exception:  # noqa: BLE001
        # An error page is being made: whatever goes wrong here, it is made without the look.
        _log.warning("the copy of a look can't be read", organization_id=str(organization_id), exc_info=True)
        found = None
    if len(_known) > 2_000:
        _known.clear()
    _known[organization_id] = (time.monotonic(), found)
    return found


def _read(stored: dict[str, Any]) -> Look:
    brand = dict(stored["brand"])
    if stored["v"] != _VERSION or not _COLOR.fullmatch(brand["color"]):
        raise ValueError("a look of another form")
    kinds: dict[str, type] = {"logo_light": Logo, "logo_dark": Logo, "favicon": Icon, "login_image": Photo}
    for name, kind in kinds.items():
        brand[name] = kind(**brand[name]) if brand[name] else None
    info = BrandInfo(**brand)
    solved = brand_theme(info.color)
    return Look(
        brand=info,
        css=theme.css_of(solved, info.heading_font),
        solved={"light": solved.light, "dark": solved.dark},
    )
