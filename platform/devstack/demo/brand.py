"""The looks of the demo organizations: marks and a picture drawn by code, sent as their people would send them."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageDraw

from devstack.demo.browser import Browser, Refused
from devstack.demo.story import Story

BRAND = "/api/v1/brand/"

_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{}</svg>'


def publish(story: Story, studio: Browser) -> None:
    """Give the organization its look: upload the pictures, save the draft, publish it. Publishes once."""
    told = studio.call("GET", BRAND)
    if told["published"]["color"] == story.color.lower() and told["published"]["logo_light"]:
        return
    light, dark = _globe() if story.slug == "globex" else _lanes()
    look: dict[str, Any] = {
        "color": story.color,
        "heading_font": story.heading_font,
        "welcome_title": story.welcome[0],
        "welcome_text": story.welcome[1],
        "sender_name": story.name,
        "reply_to": f"help@{story.slug}.example",
        "footer": story.footer,
        "logo_light": _sent(studio, light, "logo_light"),
        "logo_dark": _sent(studio, dark, "logo_dark"),
        "favicon": _sent(studio, light, "favicon"),
    }
    if story.slug == "acme":
        look["login_image"] = _sent(studio, _panels(), "login_image")
    saved = studio.call("PUT", BRAND, look, **{"If-Match": f'"{told["revision"]}"'})
    try:
        studio.call("POST", f"{BRAND}publication/", **{"If-Match": f'"{saved["revision"]}"'})
    except Refused as refused:
        if refused.code != "nothing_to_publish":
            raise


def _sent(studio: Browser, picture: bytes, use: str) -> str:
    kind = "image/svg+xml" if picture.startswith(b"<svg") else "image/png"
    return str(studio.upload(f"{BRAND}images/?use={use}", picture, kind)["id"])


def _lanes() -> tuple[bytes, bytes]:
    """A leaf of three lanes: green for paper, pale for the night."""

    def drawn(leaf: str, vein: str) -> bytes:
        return _SVG.format(
            f'<path d="M3 29C3 12 12 3 29 3c0 17-9 26-26 26z" fill="{leaf}"/>'
            f'<path d="M3 29L20 12M10 22h9M14.5 17.500v-9" stroke="{vein}" stroke-width="2.4" fill="none" '
            'stroke-linecap="round"/>'
        ).encode()

    return drawn("#0b5d3b", "#ffffff"), drawn("#67c091", "#0c1711")


def _globe() -> tuple[bytes, bytes]:
    """A globe of two lines, outlined where the page is white."""

    def drawn(edge: str) -> bytes:
        return _SVG.format(
            f'<circle cx="16" cy="16" r="14.9" fill="#ffd21f" stroke="{edge}" stroke-width="1.2"/>'
            '<g fill="none" stroke="#171409" stroke-width="2.2"><ellipse cx="16" cy="16" rx="6" ry="14.4"/>'
            '<path d="M1.6 16h28.8"/></g>'
        ).encode()

    return drawn("#a48600"), drawn("#ffd21f")


def _panels() -> bytes:
    """A roof of solar panels at an early hour, 1,600 x 1,200."""
    picture = Image.new("RGB", (1600, 1200), "#dfeae3")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((1020, 150, 1300, 430), fill="#f6d98a")
    pen.polygon([(0, 760), (1600, 420), (1600, 1200), (0, 1200)], fill="#0f3d2a")
    for row in range(4):
        for column in range(8):
            left, top = 60 + column * 190 - row * 24, 800 + row * 118 - column * 40
            corners = [(left, top), (left + 168, top - 36), (left + 150, top + 62), (left - 18, top + 98)]
            pen.polygon(corners, fill="#17573d" if (row + column) % 3 else "#2a7a57")
            pen.line([corners[0], corners[2]], fill="#8ccaa9", width=3)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
