"""The process that opens what strangers sent: ``python -m apps.branding.imaging.draw <use>``.

Reads the picture from stdin and writes one JSON object to stdout: ``files`` (each with its name, kind, size and
content in base64), or ``error`` with a code and figures. It limits its own memory and time first, so that a picture
that expands without end ends this process and nothing else. Decoders of what no page shows are never loaded.
"""

from __future__ import annotations

import base64
import io
import json
import re
import resource
import sys
from typing import Any

from PIL import Image, ImageCms, ImageOps

from apps.branding.imaging import limits
from apps.branding.imaging.svg import RefusedSvg, clean

_KINDS = {"PNG": "PNG", "JPEG": "JPEG", "WEBP": "WebP"}
_SVG_START = re.compile(rb"^\xef\xbb\xbf?\s*<|^\s*<")


class Refused(Exception):
    """The picture can't be used; ``code`` and ``figures`` say why."""

    def __init__(self, code: str, **figures: Any) -> None:
        super().__init__(code)
        self.code, self.figures = code, figures


def main() -> None:
    """Draw what stdin holds for the use that the command line names."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY_BYTES, limits.MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.CPU_SECONDS, limits.CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    content = sys.stdin.buffer.read(limits.MAX_BYTES + 1)
    try:
        answer: dict[str, Any] = drawn(content, sys.argv[1])
    except Refused as refused:
        answer = {"error": refused.code, **refused.figures}
    except MemoryError:
        answer = {"error": "too_complex"}
    json.dump(answer, sys.stdout)


def drawn(content: bytes, use: str) -> dict[str, Any]:
    """Return the files of ``use`` made from ``content``.

    Raises:
        Refused: it is too large, broken, or no picture of a kind that pages show.
    """
    if len(content) > limits.MAX_BYTES:
        raise Refused("too_large", bytes=len(content))
    kind, (width, height), picture = _from_svg(content) if _SVG_START.match(content[:64]) else _from_pixels(content)
    if use.startswith("logo"):
        files = _logo(picture)
    elif use == "favicon":
        files = _icon(picture)
    else:
        files = _photo(picture)
    return {"kind": kind, "width": width, "height": height, "files": files}


_Opened = tuple[str, tuple[int, int], Image.Image]  # its kind, its size as it was sent, and what to draw from


def _from_svg(content: bytes) -> _Opened:
    import resvg_py

    try:
        text = clean(content)
    except RefusedSvg as refused:
        raise Refused(f"svg_{refused.code}") from refused
    try:
        # By height: a logo's own size in the file says nothing.
        png = resvg_py.svg_to_bytes(svg_string=text, height=512, skip_system_fonts=True)
    except Exception as broken:
        raise Refused("svg_broken") from broken
    picture = Image.open(io.BytesIO(bytes(png)))
    _measure("SVG", picture)
    return "SVG", picture.size, picture.convert("RGBA")


def _from_pixels(content: bytes) -> _Opened:
    Image.MAX_IMAGE_PIXELS = None  # judged below, in words
    try:
        picture = Image.open(io.BytesIO(content), formats=list(_KINDS))
        kind = _KINDS[picture.format or ""]
        _measure(kind, picture)
        sent = picture.size
        # A JPEG can be decoded at a half or a quarter: a large photograph then costs what is used of it.
        picture.draft("RGB", (limits.PHOTO_WIDTHS[-1], limits.PHOTO_WIDTHS[-1]))
        picture.load()
        return kind, sent, _plain(picture)
    except (Refused, MemoryError):
        raise
    except Exception as broken:  # decoders raise whatever they like at broken files
        raise Refused("unreadable") from broken


def _measure(kind: str, picture: Image.Image) -> None:
    width, height = picture.size
    if max(width, height) > limits.MAX_SIDE or width * height > limits.MAX_PIXELS:
        raise Refused("too_many_pixels", kind=kind, width=width, height=height)
    if min(width, height) < limits.MIN_SIDE:
        raise Refused("too_few_pixels", kind=kind, width=width, height=height)


def _plain(picture: Image.Image) -> Image.Image:
    """Upright, in sRGB, eight bits a channel, and nothing else: no place, no camera, no profile, no second frame."""
    upright = ImageOps.exif_transpose(picture)
    profile = picture.info.get("icc_profile")
    if profile and upright.mode in ("RGB", "CMYK", "RGBA"):
        try:
            converted = ImageCms.profileToProfile(
                upright,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGBA" if upright.mode == "RGBA" else "RGB",
            )
            upright = converted or upright
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that can't be read changes shades; without it the picture is still the picture
    has_alpha = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    plain = upright.convert("RGBA" if has_alpha else "RGB")
    plain.info = {}
    return plain


def _logo(picture: Image.Image) -> list[dict[str, Any]]:
    trimmed = _trimmed(picture.convert("RGBA"))
    width, height = trimmed.size
    if width > height * limits.LOGO_MAX_RATIO:
        raise Refused("too_wide", width=width, height=height)
    files = []
    for tall in limits.LOGO_HEIGHTS:
        wide = max(1, round(width * tall / height))
        files.append(_file(f"h{tall}", trimmed.resize((wide, tall), Image.Resampling.LANCZOS), "png"))
    return files


def _icon(picture: Image.Image) -> list[dict[str, Any]]:
    trimmed = _trimmed(picture.convert("RGBA"))
    side = max(trimmed.size)
    square = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    square.paste(trimmed, ((side - trimmed.width) // 2, (side - trimmed.height) // 2))
    files = []
    for size in limits.ICON_SIDES:
        small = square.resize((size, size), Image.Resampling.LANCZOS)
        if size == 180:
            # A phone's home screen paints what is clear black.
            ground = Image.new("RGBA", small.size, (255, 255, 255, 255))
            small = Image.alpha_composite(ground, small).convert("RGB")
        files.append(_file(f"s{size}", small, "png"))
    box = square.resize((48, 48), Image.Resampling.LANCZOS)
    files.append(_file("ico", box, "ico", sizes=[(16, 16), (32, 32), (48, 48)]))
    return files


def _photo(picture: Image.Image) -> list[dict[str, Any]]:
    if picture.mode == "RGBA":
        ground = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(ground, picture)
    flat = picture.convert("RGB")
    files = []
    for width in limits.PHOTO_WIDTHS:
        wide = min(width, flat.width)
        tall = max(1, round(flat.height * wide / flat.width))
        files.append(
            _file(f"w{width}", flat.resize((wide, tall), Image.Resampling.LANCZOS), "webp", quality=80, method=4)
        )
    return files


def _trimmed(picture: Image.Image) -> Image.Image:
    """Without its clear margins: the height of a logo is the height of its ink."""
    box = picture.getchannel("A").getbbox()
    if box is None:
        raise Refused("empty")
    return picture.crop(box)


def _file(name: str, picture: Image.Image, extension: str, **options: Any) -> dict[str, Any]:
    out = io.BytesIO()
    if extension == "png":
        options = {"optimize": True}
    picture.save(out, extension.upper(), **options)
    return {
        "name": name,
        "extension": extension,
        "width": picture.width,
        "height": picture.height,
        "content": base64.b64encode(out.getvalue()).decode("ascii"),
    }


if __name__ == "__main__":
    main()
