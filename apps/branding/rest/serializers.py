"""Shapes of the brand in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.branding.imaging.limits import USES
from apps.branding.models import Brand, BrandImage
from apps.branding.selectors import is_adjusted
from apps.branding.theme import HEADING_FONTS


class BrandWrite(serializers.Serializer):
    """The whole of a draft. Empty texts mean what the organization has without a brand; pictures are named by id."""

    color = serializers.RegexField(
        r"^#[0-9A-Fa-f]{6}$", error_messages={"invalid": "Give the colour as # and six digits, such as #0B5D3B."}
    )
    heading_font = serializers.ChoiceField(choices=sorted(HEADING_FONTS))
    name = serializers.CharField(max_length=80, allow_blank=True, default="")
    welcome_title = serializers.CharField(max_length=80, allow_blank=True, default="")
    welcome_text = serializers.CharField(max_length=280, allow_blank=True, default="")
    sender_name = serializers.CharField(max_length=64, allow_blank=True, default="")
    reply_to = serializers.EmailField(max_length=254, allow_blank=True, default="")
    footer = serializers.CharField(max_length=200, allow_blank=True, default="")
    logo_light = serializers.UUIDField(allow_null=True, default=None)
    logo_dark = serializers.UUIDField(allow_null=True, default=None)
    favicon = serializers.UUIDField(allow_null=True, default=None)
    login_image = serializers.UUIDField(allow_null=True, default=None)

    def validate_color(self, value: str) -> str:
        """One spelling in the database."""
        return value.lower()

    def validate_sender_name(self, value: str) -> str:
        """A header holds one line, and no address stands in a name: it would look like the sender's."""
        if "@" in value or any(character in value for character in "<>\r\n"):
            raise serializers.ValidationError("Give a name, without an address.")
        return value

    def content(self) -> dict[str, Any]:
        """Return the fields as :func:`apps.branding.services.save_draft` takes them."""
        data = dict(self.validated_data)
        for use in USES:
            data[f"{use}_id"] = data.pop(use)
        return data


class SolvedTheme(serializers.Serializer):
    """CSS variables without their dashes, by mode."""

    light = serializers.DictField(child=serializers.CharField())
    dark = serializers.DictField(child=serializers.CharField())


class BrandImageOut(serializers.Serializer):
    """A picture as it was drawn: ``width`` and ``height`` are the upload's, ``url`` shows its largest size."""

    id = serializers.UUIDField()
    use = serializers.ChoiceField(choices=USES)
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    url = serializers.CharField()


class LookOut(serializers.Serializer):
    """One look. ``adjusted``: buttons use a nearby colour on which their label can be read."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    color = serializers.CharField()
    heading_font = serializers.ChoiceField(choices=sorted(HEADING_FONTS))
    welcome_title = serializers.CharField()
    welcome_text = serializers.CharField()
    sender_name = serializers.CharField()
    reply_to = serializers.CharField()
    footer = serializers.CharField()
    logo_light = BrandImageOut(allow_null=True)
    logo_dark = BrandImageOut(allow_null=True)
    favicon = BrandImageOut(allow_null=True)
    login_image = BrandImageOut(allow_null=True)
    solved = SolvedTheme()
    adjusted = serializers.BooleanField()
    published_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()


class HeadingFontOut(serializers.Serializer):
    """A heading face that may be chosen."""

    key = serializers.CharField()
    name = serializers.CharField()


class BrandOut(serializers.Serializer):
    """The brand: what everybody sees, and the draft where there is one. Writes name ``revision`` in If-Match."""

    revision = serializers.IntegerField()
    published = LookOut()
    draft = LookOut(allow_null=True)
    heading_fonts = HeadingFontOut(many=True)


class VersionOut(serializers.Serializer):
    """An earlier look, and when it was published."""

    id = serializers.UUIDField()
    color = serializers.CharField()
    heading_font = serializers.ChoiceField(choices=sorted(HEADING_FONTS))
    logo_light = BrandImageOut(allow_null=True)
    published_at = serializers.DateTimeField()


class VersionsOut(serializers.Serializer):
    """The earlier looks, the latest first; at most twenty are kept."""

    items = VersionOut(many=True)


class SampleMailOut(serializers.Serializer):
    """What a mail in the draft's look says of who sent it. Its body is a page of its own."""

    subject = serializers.CharField()
    sender = serializers.CharField()
    reply_to = serializers.CharField()


def image_out(image: BrandImage | None) -> dict[str, Any] | None:
    """Return a picture as :class:`BrandImageOut` describes it."""
    if image is None:
        return None
    shown = {"favicon": "s512", "login_image": "w800"}.get(image.use, "h128")
    return {
        "id": str(image.pk),
        "use": image.use,
        "width": image.width,
        "height": image.height,
        "url": image.url(shown),
    }


_PLAIN = ("name", "color", "heading_font", "welcome_title", "welcome_text", "sender_name", "reply_to", "footer")


def look_out(brand: Brand) -> dict[str, Any]:
    """Return a look as :class:`LookOut` describes it."""
    return {
        "id": str(brand.pk),
        **{name: getattr(brand, name) for name in _PLAIN},
        **{use: image_out(image) for use, image in brand.images().items()},
        "solved": {"light": brand.solved["light"], "dark": brand.solved["dark"]},
        "adjusted": is_adjusted(brand),
        "published_at": brand.published_at,
        "updated_at": brand.updated_at,
    }


def brand_out(published: Brand, draft: Brand | None) -> dict[str, Any]:
    """Return the brand as :class:`BrandOut` describes it."""
    return {
        "revision": published.revision,
        "published": look_out(published),
        "draft": look_out(draft) if draft else None,
        "heading_fonts": [{"key": key, "name": face.name} for key, face in HEADING_FONTS.items()],
    }


def version_out(brand: Brand) -> dict[str, Any]:
    """Return an earlier look as :class:`VersionOut` describes it."""
    return {
        "id": str(brand.pk),
        "color": brand.color,
        "heading_font": brand.heading_font,
        "logo_light": image_out(brand.logo_light),
        "published_at": brand.published_at,
    }
