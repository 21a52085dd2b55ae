"""What follows from a new look."""

from __future__ import annotations

from apps.branding.events import BrandPublished
from apps.branding.outside import copy_look
from events.api import subscriber


@subscriber("branding.copy_look", BrandPublished)
def copy(_event: BrandPublished) -> None:
    """Keep the copy for pages that can't ask the organization's schema. Writing it twice writes the same."""
    copy_look()
