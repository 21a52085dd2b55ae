"""What branding refuses."""

from __future__ import annotations

from typing import Any

from apps.branding.imaging import limits
from core.errors import DomainError, NotFound

_KINDS = "Use a PNG, JPEG, WebP or SVG."


class PictureRefused(DomainError):
    """An uploaded picture can't be used; the detail says what is wrong with this one and what would do."""

    code = "picture_refused"
    title = "This picture can't be used"
    status = 422

    def __init__(self, reason: str, **figures: Any) -> None:
        super().__init__(_words(reason, figures), reason=reason)


class NothingToPublish(DomainError):
    """There is no draft: what is published is all there is."""

    code = "nothing_to_publish"
    title = "There is no draft to publish"


class VersionNotFound(NotFound):
    """No earlier look has this id."""

    title = "There is no such earlier look"


class ImageNotFound(DomainError):
    """A draft names a picture that is not there, or was uploaded for another use."""

    code = "image_not_found"
    title = "A picture of this draft is gone. Upload it again."
    status = 422


def _words(reason: str, figures: dict[str, Any]) -> str:
    size = f"{figures.get('width', 0):,} × {figures.get('height', 0):,} px"
    kind = figures.get("kind", "picture")
    megabytes = limits.MAX_BYTES // (1024 * 1024)
    return {
        "empty_file": f"The file is empty. {_KINDS}",
        "too_large": (
            f"The file has {figures.get('bytes', 0) / 1024 / 1024:.1f} MB; {megabytes} MB is the most. "
            "Save it smaller and try again."
        ),
        "too_many_pixels": (
            f"This {kind} is {size}; {limits.MAX_SIDE:,} px a side and {limits.MAX_PIXELS // 1_000_000} million pixels "
            "in all is the most. Save it smaller and try again."
        ),
        "too_few_pixels": f"This {kind} is {size}; it needs at least {limits.MIN_SIDE} px each way.",
        "too_wide": (
            f"This logo is {size} without its margins, more than {limits.LOGO_MAX_RATIO} times as wide as high. "
            "Use a more compact version."
        ),
        "empty": "Everything in this picture is transparent.",
        "unreadable": f"This file can't be read as a picture. {_KINDS}",
        "too_complex": "This picture takes too much to draw. Export it as a PNG and try again.",
        "svg_broken": "This SVG can't be read. Export it again, or as a PNG.",
        "svg_entities": "This SVG declares entities, which can reach outside the file. Export it as plain SVG.",
        "svg_text": (
            "This SVG has live text, whose font we don't have. Convert the text to outlines and export it again."
        ),
        "svg_complex": "This SVG has too many shapes for a logo. Export it as a PNG.",
    }[reason]
