"""The brand of an organization."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.branding.theme import DEFAULT_COLOR, DEFAULT_FONT
from core.clock import now
from tenancy.models import TenantModel


class Brand(TenantModel):
    """One look of the organization. Exactly one is published; those it replaced stay, archived."""

    pii = "none"
    export = "whole"
    erase = "keeps: it is the organization's, not a member's"

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        ARCHIVED = "archived"

    state = models.TextField(choices=State, default=State.DRAFT)
    color = models.CharField(max_length=7, default=DEFAULT_COLOR, help_text="What the organization chose, #rrggbb.")
    heading_font = models.TextField(default=DEFAULT_FONT)
    solved = models.JSONField(help_text="Every variable of both modes as solved for the colour: apps.branding.theme.")
    revision = models.IntegerField(default=1)
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(name="brand_state", condition=Q(state__in=["draft", "published", "archived"])),
            # The colour ends up in a page's style: nothing but six digits may.
            models.CheckConstraint(name="brand_color_is_hex", condition=Q(color__regex=r"^#[0-9a-f]{6}$")),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state__in=["draft", "published"]), name="brand_one_draft_one_published"
            ),
        ]
