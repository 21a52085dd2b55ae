"""What an organization's look puts on a page: boot data, tags in the head, and all of a page that stands alone."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import Any
from xml.sax.saxutils import escape

from apps.branding.api import HEADING_FONTS, Look, Photo

Manifest = dict[str, Any]

WIDE = 1.8  # width to height: from here on a logo is a word mark, and the name beside it would say it twice

# Where the build's manifest lists a face's files, by what they hold. The second is fetched only for its letters.
_FONT_FILES = "@fontsource-variable/{key}/files/{key}-{subset}-wght-normal.woff2"
_SUBSETS = {
    "latin": (
        "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,"
        "U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
    ),
    "latin-ext": (
        "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+2020,"
        "U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF"
    ),
}


@dataclass(frozen=True, slots=True)
class Head:
    """The tags that dress a page. ``css`` is trusted: variables that were checked, and addresses of our own build."""

    css: str
    font_preload: str
    icon: str
    touch_icon: str
    theme_light: str
    theme_dark: str
    image_preload: str
    description: str
    share_image: str


def head(look: Look, manifest: Manifest, *, shows_photo: bool = False) -> Head:
    """Return the tags of a page in ``look``; ``shows_photo`` where it begins with the picture of the sign-in page."""
    brand = look.brand
    faces, preload = _faces(brand.heading_font, manifest)
    return Head(
        css=faces + look.css,
        font_preload=preload,
        icon=brand.favicon.s32 if brand.favicon else letter_icon(look),
        touch_icon=brand.favicon.s180 if brand.favicon else "",
        theme_light=look.solved["light"]["canvas"],
        theme_dark=look.solved["dark"]["canvas"],
        image_preload=brand.login_image.w1600 if brand.login_image and shows_photo else "",
        description=brand.welcome_text,
        share_image=brand.login_image.w1600 if brand.login_image else "",
    )


def boot_brand(look: Look) -> dict[str, Any]:
    """Return what the application is told of the brand."""
    brand = look.brand
    return {
        "name": brand.name,
        "color": brand.color,
        "logo": {"light": asdict(brand.logo_light), "dark": asdict(brand.logo_dark)}
        if brand.logo_light and brand.logo_dark
        else None,
        "welcome_title": brand.welcome_title,
        "welcome_text": brand.welcome_text,
        "footer": brand.footer,
        "login_image": _photo(brand.login_image),
    }


_PLAIN = ("canvas", "text", "text-2", "text-3", "line", "track", "brand-solid", "brand-on", "brand-edge", "link")


def plain_page(look: Look) -> dict[str, Any]:
    """Return what ``config/plain.html`` shows of a look: it follows the device, as nothing there runs a script."""
    brand = look.brand
    light, dark = (";".join(f"--{name}:{look.solved[mode][name]}" for name in _PLAIN) for mode in ("light", "dark"))
    found: dict[str, Any] = {
        "name": brand.name,
        "foot": brand.footer,
        "icon": brand.favicon.s32 if brand.favicon else letter_icon(look),
        "theme": f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}",
    }
    if brand.logo_light and brand.logo_dark:
        found |= {
            "logo_light": brand.logo_light,
            "logo_dark": brand.logo_dark,
            "logo_width_light": round(32 * brand.logo_light.ratio),
            "logo_width_dark": round(32 * brand.logo_dark.ratio),
            "logo_is_wide": brand.logo_light.ratio > WIDE,
        }
    return found


def letter_icon(look: Look) -> str:
    """Return an icon for who has none: the first letter of the name, on the brand's colour."""
    light = look.solved["light"]
    letter = escape(look.brand.name[:1].upper())
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{light["brand-solid"]}"/>'
        '<text x="16" y="22.5" text-anchor="middle" font-family="system-ui,sans-serif" font-weight="650" '
        f'font-size="19" fill="{light["brand-on"]}">{letter}</text></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


def web_manifest(look: Look) -> dict[str, Any]:
    """Return what a phone needs to keep the organization's pages like an app of its own."""
    brand, light = look.brand, look.solved["light"]
    icons = (
        [
            {"src": brand.favicon.s180, "sizes": "180x180", "type": "image/png"},
            {"src": brand.favicon.s512, "sizes": "512x512", "type": "image/png"},
        ]
        if brand.favicon
        else [{"src": letter_icon(look), "sizes": "any", "type": "image/svg+xml"}]
    )
    return {
        "name": brand.name,
        "short_name": brand.name[:24],
        "start_url": "/home",
        "scope": "/",
        "display": "standalone",
        "theme_color": light["canvas"],
        "background_color": light["canvas"],
        "icons": icons,
    }


def _faces(heading_font: str, manifest: Manifest) -> tuple[str, str]:
    """Return the rules of the heading face and the file to preload; nothing for the face that every page has."""
    face = HEADING_FONTS[heading_font]
    if not face.family:
        return "", ""
    return _rules(heading_font, face.family, manifest)


def text_face(manifest: Manifest) -> str:
    """Return the rules of the face that all text is set in, for pages without our style sheets."""
    return _rules("onest", "Onest", manifest)[0]


def _rules(key: str, family: str, manifest: Manifest) -> tuple[str, str]:
    rules, first = [], ""
    for subset, letters in _SUBSETS.items():
        wanted = _FONT_FILES.format(key=key, subset=subset)
        # Where the packages lie is the build's own business: the end of the path says which file it is.
        built = next((made for source, made in manifest.items() if source.endswith(wanted)), None)
        if built is None:
            continue
        first = first or f"/{built['file']}"
        rules.append(
            f"@font-face{{font-family:'{family}';font-display:swap;font-weight:100 900;"
            f"src:url('/{built['file']}') format('woff2');unicode-range:{letters}}}"
        )
    return "".join(rules), first


def _photo(photo: Photo | None) -> dict[str, Any] | None:
    return asdict(photo) if photo else None
