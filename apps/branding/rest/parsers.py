"""The body of an upload: the picture itself, in one piece."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.parsers import BaseParser

from apps.branding.errors import PictureRefused
from apps.branding.imaging.limits import MAX_BYTES


class PictureParser(BaseParser):
    """What the picture is, its own bytes say; the browser's word for it only leads here."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Return the bytes.

        Raises:
            PictureRefused: there are more than five megabytes. The rest is not read.
        """
        content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            declared = str(getattr(stream, "META", {}).get("CONTENT_LENGTH") or "")
            raise PictureRefused("too_large", bytes=int(declared) if declared.isdigit() else len(content))
        return content


def _named(name: str) -> type[PictureParser]:
    return type("PictureParser", (PictureParser,), {"media_type": name})


PICTURE_PARSERS: list[type[BaseParser]] = [
    PictureParser,
    *(_named(f"image/{kind}") for kind in ("png", "jpeg", "webp", "svg+xml", "gif", "avif", "heic", "bmp", "tiff")),
]
