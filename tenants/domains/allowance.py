"""How many custom domains an organization may have: said by what is sold, which is not ours to know."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


class Allowance(Protocol):
    """What ``settings.DOMAIN_ALLOWANCE`` names. On the platform."""

    def take(self, organization_id: UUID) -> None:
        """Count one more, in the transaction that makes it; raise a domain error where there may be no more."""

    def give_back(self, organization_id: UUID, amount: int = 1) -> None:
        """Count so many less, in the transaction that ends them."""

    def limit(self, organization_id: UUID) -> int | None:
        """Return how many it may have; None is as many as it likes."""


def allowance() -> Allowance:
    """Return the allowance."""
    found: Allowance = import_string(settings.DOMAIN_ALLOWANCE)()
    return found
