"""The cells that this one knows, itself among them. Platform only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count

from core.clock import now
from core.errors import ValidationFailed
from tenancy import catalog
from tenants.cells.errors import UnknownCell
from tenants.models import Cell, Move, Organization

_ADDRESS = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?:[0-9]{1,5}$")
# Rows that were written by clocks a little behind ours, or in transactions that ended a little later.
_LOOK_BACK = timedelta(seconds=5)


def cells() -> Sequence[tuple[Cell, int]]:
    """Return every cell by name, with how many organizations this cell's rows know to be there."""
    counts = dict(
        Organization.objects.exclude(state__in=(Organization.State.DELETED, Organization.State.FAILED))
        .values_list("cell")
        .annotate(count=Count("id"))
    )
    return [(found, counts.get(found.name, 0)) for found in Cell.objects.order_by("-is_here", "name")]


def cell(name: str) -> Cell:
    """Return one cell.

    Raises:
        UnknownCell: there is none of this name.
    """
    found = Cell.objects.filter(name=name).first()
    if found is None:
        raise UnknownCell
    return found


def put(name: str, *, region: str, capacity: int, address: str) -> Cell:
    """Write a cell down, or what has changed of it.

    Raises:
        ValidationFailed: the address is no ``host:port``.
    """
    if address and not _ADDRESS.match(address):
        raise ValidationFailed(errors={"address": "Give host:port, as other cells' front doors reach it."})
    found, _ = Cell.objects.update_or_create(
        name=name, defaults={"region": region, "capacity": capacity, "address": address, "updated_at": now()}
    )
    return found


def set_state(name: str, state: str) -> tuple[Cell, str]:
    """Open a cell to organizations from elsewhere, or close it to them; return it and the state before.

    Raises:
        UnknownCell: there is none of this name.
    """
    cell(name)
    found = Cell.objects.select_for_update().get(name=name)
    before, found.state, found.updated_at = found.state, state, now()
    found.save(update_fields=["state", "updated_at"])
    return found, before


_seen: datetime | None = None


def announce_arrivals() -> int:
    """Announce organizations that have come or are coming from another cell since the last look; return how many."""
    global _seen
    since, _seen = _seen or now(), now()
    # Those that left have a move here; whoever moved them told this cell's processes.
    changed = Organization.objects.filter(updated_at__gte=since - _LOOK_BACK, cell=settings.CELL)
    arrived = changed.exclude(id__in=Move.objects.filter(state="running").values("organization_id"))
    found = list(arrived.values_list("id", flat=True))
    if found:
        catalog.announce_change(found[0])  # one announcement empties every process's cache
    return len(found)
