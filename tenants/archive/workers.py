"""Which work belongs to which kind of job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from tenants.archive import queue
from tenants.archive.deletion import work as delete
from tenants.archive.export import work as export
from tenants.archive.restore import work as restore
from tenants.cells import work as moving

WORK: dict[str, Callable[[queue.Hold], None]] = {
    "export": export,
    "restore": restore,
    "deletion": delete,
}


def run(kind: str, job_id: UUID) -> bool:
    """Do one job if nobody else does; return whether there was something to do. Platform, owning login."""
    if kind == "move":
        return moving.run(job_id)  # it gives up in its own way
    model: Any = queue.KINDS[kind]
    return queue.run(model, job_id, WORK[kind])
