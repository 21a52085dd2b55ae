"""Changes of the brand."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.branding import theme
from apps.branding.events import BrandPublished
from apps.branding.models import Brand
from apps.branding.selectors import default_brand
from apps.branding.solver import brand_theme
from core.clock import now
from core.errors import RevisionConflict
from events.api import publish


@transaction.atomic
def ensure_brand() -> Brand:
    """Return the published brand, publishing the default where there is none. Safe to repeat."""
    brand = default_brand()
    brand.published_at = now()
    # Two at once: the unique index lets one in, and both read that one.
    Brand.objects.bulk_create([brand], ignore_conflicts=True)
    return Brand.objects.get(state=Brand.State.PUBLISHED)


@transaction.atomic
def publish_brand(
    *, color: str, heading_font: str, expected_revision: int | None = None, actor_id: UUID | None = None
) -> Brand:
    """Publish a colour (``#rrggbb``, lower case) and a heading face; the look it replaces is archived.

    Publishing what is published already changes nothing.

    Raises:
        RevisionConflict: ``expected_revision`` is given and somebody published since.
    """
    ensure_brand()
    brand = Brand.objects.select_for_update().get(state=Brand.State.PUBLISHED)
    if expected_revision is not None and brand.revision != expected_revision:
        seen_instead = {"color": brand.color, "heading_font": brand.heading_font, "revision": brand.revision}
        raise RevisionConflict(current=seen_instead)
    if (brand.color, brand.heading_font) == (color, heading_font):
        return brand
    # The published row keeps its id, so that writers wait for one another on it; its past is a copy.
    Brand.objects.create(
        state=Brand.State.ARCHIVED,
        color=brand.color,
        heading_font=brand.heading_font,
        solved=brand.solved,
        revision=brand.revision,
        published_at=brand.published_at,
        created_at=brand.created_at,
    )
    brand.color = color
    brand.heading_font = heading_font
    brand.solved = theme.to_json(brand_theme(color))
    brand.revision += 1
    brand.published_at = now()
    brand.save(update_fields=["color", "heading_font", "solved", "revision", "published_at"])
    publish(BrandPublished(revision=brand.revision), actor_id=actor_id)
    return brand
