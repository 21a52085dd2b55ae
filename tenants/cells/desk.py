"""What the staff console asks of cells and moves, in and out as plain JSON values. Platform only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from core.clock import iso
from tenants.cells import catalogue, history, moves
from tenants.models import Cell, Move

Json = dict[str, Any]

# The steps in their order, and when each was over; a move that is under way shows where it is by ``stage``.
_STEPS = (
    ("freeze", "frozen_at"),
    ("copy", "copied_at"),
    ("verify", "verified_at"),
    ("flip", "flipped_at"),
    ("open", "opened_at"),
    ("drop", "dropped_at"),
)


def cells() -> list[Json]:
    """Return every cell that this one knows, itself first."""
    return [_cell_json(cell, count) for cell, count in catalogue.cells()]


def set_cell_state(name: str, state: str, *, reason: str) -> Json:
    """Open a cell to organizations from elsewhere, or close it to them.

    Raises:
        UnknownCell: there is none of this name.
    """
    with transaction.atomic():
        cell, before = catalogue.set_state(name, state)
        if before != state:
            history.enter(
                "cell.state.changed",
                object_type="cell",
                object_id=name,
                reason=reason,
                changes={"state": [before, state]},
            )
    return next(found for found in cells() if found["name"] == cell.name)


def move(organization_id: UUID) -> Json:
    """Return the organization's last move.

    Raises:
        UnknownOrganization: there is none. UnknownMove: it was never moved from here.
    """
    return _move_json(moves.latest(organization_id))


def ask_move(organization_id: UUID, target: str, *, reason: str) -> Json:
    """Have an organization moved; see :func:`tenants.cells.moves.ask`."""
    return _move_json(moves.ask(organization_id, target, reason=reason))


def abort_move(organization_id: UUID, *, reason: str) -> Json:
    """Give a move up; see :func:`tenants.cells.moves.abort`."""
    return _move_json(moves.abort(organization_id, reason=reason))


def _cell_json(cell: Cell, organizations: int) -> Json:
    return {
        "name": cell.name,
        "is_here": cell.is_here,
        "region": cell.region,
        "state": cell.state,
        "capacity": cell.capacity,
        "organizations": organizations,
        "address": cell.address,
        "created_at": iso(cell.created_at),
        "updated_at": iso(cell.updated_at),
    }


def _move_json(job: Move) -> Json:
    words = job.error_detail.strip().rpartition("\n")[2] if job.error_code == "internal" else job.error_detail
    closed = None
    if job.frozen_at and job.opened_at:
        closed = round((job.opened_at - job.frozen_at).total_seconds(), 3)
    return {
        "id": str(job.id),
        "organization_id": str(job.organization_id),
        "from_cell": job.source,
        "to_cell": job.target,
        "state": job.state,
        "stage": job.stage,
        "progress_permille": job.progress_permille,
        "attempts": job.attempts,
        "reason": job.reason,
        "requested_by": job.requested_by_name,
        "error_code": job.error_code,
        "error": words,
        "created_at": iso(job.created_at),
        "updated_at": iso(job.updated_at),
        "finished_at": iso(job.finished_at) if job.finished_at else None,
        "steps": [{"name": name, "at": _at(job, column)} for name, column in _STEPS],
        "closed_seconds": closed,
        "drop_after": iso(job.drop_after) if job.drop_after else None,
        "tables": job.tables,
        "rows": job.rows,
        "bytes": job.bytes,
        "can_abort": job.state in moves.UNDER_WAY and job.state != Move.State.ABORTING and job.flipped_at is None,
    }


def _at(job: Move, column: str) -> str | None:
    found = getattr(job, column)
    return iso(found) if found else None
