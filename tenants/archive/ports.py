"""What archives need of the layers above: the organization's rows of their shared tables."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from tenants.dto import Archived, SharedTable


def archived() -> list[Archived]:
    """Return every package's part, as settings list them."""
    return [import_string(path) for path in settings.EXPORTERS]


def shared_tables() -> list[SharedTable]:
    """Return every shared table that archives hold, by name."""
    return sorted((found for part in archived() for found in part.tables), key=lambda found: found.table)
