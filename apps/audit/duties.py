"""Sealing and forgetting where nothing has happened for a while."""

from __future__ import annotations

from apps.audit import tasks
from events.api import tenant_duty


@tenant_duty("audit.seal", period_seconds=24 * 3600)
def seal() -> None:
    """Seal what a lost message left unsealed, and forget old addresses."""
    tasks.seal.run()
