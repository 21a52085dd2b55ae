"""The brand of an organization, and the pictures in it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from apps.branding.imaging.limits import USES
from apps.branding.theme import DEFAULT_COLOR, DEFAULT_FONT
from core.clock import now
from tenancy.models import TenantModel


class BrandImage(TenantModel):
    """A picture as it was drawn for one use. Never changed: another upload is another row.

    ``files`` maps a size's name to ``{url, key, width, height}``; the objects are named by their content, so two rows
    may share one.
    """

    pii = "none"
    export = "whole, with its files"
    erase = "keeps: it is the organization's, not a member's"

    use = models.TextField(choices=[(use, use) for use in USES])
    width = models.IntegerField(help_text="Pixels of what was uploaded.")
    height = models.IntegerField(help_text="Pixels of what was uploaded.")
    files = models.JSONField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.CheckConstraint(name="brand_image_use", condition=Q(use__in=USES))]

    def url(self, name: str) -> str:
        """Return the address of one size on any host of the organization."""
        return str(self.files[name]["url"])


def _image(use: str) -> Any:
    return models.ForeignKey(BrandImage, null=True, on_delete=models.PROTECT, related_name=f"as_{use}")


class Brand(TenantModel):
    """One look of the organization. Exactly one is published, at most one is a draft; earlier ones stay, archived.

    ``revision`` of the published row counts every change of the brand, its draft's too; that of an archived row is the
    number it was published under.
    """

    pii = "the organization's own reply address"
    export = "whole"
    erase = "keeps: it is the organization's, not a member's"

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        ARCHIVED = "archived"

    state = models.TextField(choices=State, default=State.DRAFT)
    name = models.CharField(max_length=80, blank=True, default="", help_text="Empty: the organization's own name.")
    color = models.CharField(max_length=7, default=DEFAULT_COLOR, help_text="What the organization chose, #rrggbb.")
    heading_font = models.TextField(default=DEFAULT_FONT)
    solved = models.JSONField(help_text="Every variable of both modes as solved for the colour: apps.branding.theme.")
    welcome_title = models.CharField(max_length=80, blank=True, default="")
    welcome_text = models.CharField(max_length=280, blank=True, default="")
    sender_name = models.CharField(max_length=64, blank=True, default="", help_text="Empty: the name that is shown.")
    reply_to = models.CharField(max_length=254, blank=True, default="")
    footer = models.CharField(max_length=200, blank=True, default="")
    logo_light = _image("logo_light")
    logo_dark = _image("logo_dark")
    favicon = _image("favicon")
    login_image = _image("login_image")
    revision = models.IntegerField(default=1)
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(name="brand_state", condition=Q(state__in=["draft", "published", "archived"])),
            # The colour ends up in a page's style: nothing but six digits may.
            models.CheckConstraint(name="brand_color_is_hex", condition=Q(color__regex=r"^#[0-9a-f]{6}$")),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state__in=["draft", "published"]), name="brand_one_draft_one_published"
            ),
        ]

    def images(self) -> dict[str, BrandImage | None]:
        """Return the picture of each use."""
        return {use: getattr(self, use) for use in USES}


# What a person edits: everything that publishing carries over.
CONTENT = (
    "name",
    "color",
    "heading_font",
    "solved",
    "welcome_title",
    "welcome_text",
    "sender_name",
    "reply_to",
    "footer",
    *(f"{use}_id" for use in USES),
)
