"""What a provisioning step is."""

from __future__ import annotations

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from tenants.models import Organization


class Step(Protocol):
    """One resumable part of making an organization.

    The provisioner may die at any instruction: ``run`` must be safe to repeat, and ``is_done`` must find its result
    by the organization's id alone. ``undo`` removes whatever ``run`` may have left, finished or not.
    """

    name: str
    label: str

    def is_done(self, organization: Organization) -> bool: ...

    def run(self, organization: Organization) -> None: ...

    def undo(self, organization: Organization) -> None: ...


def steps() -> list[Step]:
    """Return the steps in order, as settings list them."""
    return [import_string(path)() for path in settings.PROVISIONING_STEPS]
