"""Shapes of the brand in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.branding.models import Brand
from apps.branding.selectors import is_adjusted
from apps.branding.theme import HEADING_FONTS


class BrandWrite(serializers.Serializer):
    """A colour in either case, and one of our heading faces."""

    color = serializers.RegexField(
        r"^#[0-9A-Fa-f]{6}$", error_messages={"invalid": "Give the colour as # and six digits, such as #0B5D3B."}
    )
    heading_font = serializers.ChoiceField(choices=sorted(HEADING_FONTS))

    def validate_color(self, value: str) -> str:
        """One spelling in the database."""
        return value.lower()


class SolvedTheme(serializers.Serializer):
    """CSS variables without their dashes, by mode."""

    light = serializers.DictField(child=serializers.CharField())
    dark = serializers.DictField(child=serializers.CharField())


class BrandOut(serializers.Serializer):
    """The published brand. ``adjusted`` says that buttons use a nearby colour on which their label can be read."""

    color = serializers.CharField()
    heading_font = serializers.ChoiceField(choices=sorted(HEADING_FONTS))
    heading_fonts = serializers.ListField(child=serializers.CharField())
    solved = SolvedTheme()
    adjusted = serializers.BooleanField()
    revision = serializers.IntegerField()


def brand_out(brand: Brand) -> dict[str, Any]:
    """Return ``brand`` as :class:`BrandOut` describes it."""
    return {
        "color": brand.color,
        "heading_font": brand.heading_font,
        "heading_fonts": sorted(HEADING_FONTS),
        "solved": {"light": brand.solved["light"], "dark": brand.solved["dark"]},
        "adjusted": is_adjusted(brand),
        "revision": brand.revision,
    }
