"""Facts of branding."""

from __future__ import annotations

from dataclasses import dataclass

from events.api import DomainEvent


@dataclass(frozen=True)
class BrandPublished(DomainEvent):
    """The organization's pages look different from now on."""

    type = "lms.branding.brand.published.v1"

    revision: int
