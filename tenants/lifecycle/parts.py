"""What other packages do when an organization pauses or goes on, and what of theirs that touches."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


class LifecyclePart:
    """A package's share. Settings list them in ``LIFECYCLE_PARTS``; what one has no share in stays as it is here.

    ``counts`` says how many of what would be touched, by the names of :mod:`tenants.lifecycle.effects`. It runs bound
    to the organization where ``bound`` is set (and then only while the organization can be read), else on the platform.
    ``pause`` and ``resume`` run on the platform in the transaction of the state: both must be rows only, and safe to
    repeat.
    """

    bound: ClassVar[bool] = False

    def counts(self, organization_id: UUID) -> dict[str, int]:
        """Return how many of what there are."""
        return {}

    def pause(self, organization_id: UUID) -> None:
        """Stop what runs for the organization's people; nothing waiting may be lost."""

    def resume(self, organization_id: UUID) -> None:
        """Let what waited go on."""


@lru_cache(maxsize=1)
def parts() -> tuple[LifecyclePart, ...]:
    """Return every listed part."""
    return tuple(import_string(path)() for path in settings.LIFECYCLE_PARTS)
