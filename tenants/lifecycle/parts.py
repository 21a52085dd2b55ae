"""What other packages do when an organization pauses, goes on or ends, and what of theirs that touches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from tenants.lifecycle.rules import Event


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that will happen. ``count`` is None where it is not about a number."""

    code: str
    words: str
    count: int | None = None


class LifecyclePart:
    """A package's share. Settings list them in ``LIFECYCLE_PARTS``; what one has no share in stays as it is here.

    ``counts`` says how many of what would be touched, by the names of :mod:`tenants.lifecycle.effects`. It runs bound
    to the organization where ``bound`` is set (and then only while the organization can be read), else on the platform.
    ``pause``, ``resume`` and ``moved`` run on the platform in the transaction of the state: all must be rows only, and
    safe to repeat.
    """

    bound: ClassVar[bool] = False

    def counts(self, organization_id: UUID) -> dict[str, int]:
        """Return how many of what there are."""
        return {}

    def effects(self, organization_id: UUID, event: Event) -> Iterable[Effect]:
        """Return what ``event`` would do that no count says. On the platform, whatever the organization's state."""
        return ()

    def pause(self, organization_id: UUID) -> None:
        """Stop what runs for the organization's people; nothing waiting may be lost."""

    def resume(self, organization_id: UUID) -> None:
        """Let what waited go on."""

    def moved(self, organization_id: UUID, event: Event) -> None:
        """Do what ``event`` asks for beside stopping and going on. It has just happened, and was not there before."""

    def why_not_yet(self, organization_id: UUID) -> str:
        """Return what must have ended before the rows of an organization that is ``deleting`` may go; "" for nothing.

        Asked again until it is nothing, on the platform: what is missing for that may be asked for here.
        """
        return ""


@lru_cache(maxsize=1)
def parts() -> tuple[LifecyclePart, ...]:
    """Return every listed part."""
    return tuple(import_string(path)() for path in settings.LIFECYCLE_PARTS)


def why_not_yet(organization_id: UUID) -> str:
    """Return what keeps an organization from being deleted, in words; "" where nothing does. Platform only."""
    return " ".join(why for part in parts() if (why := part.why_not_yet(organization_id)))
