"""Everything that is sealed under the key-encryption key, sealed anew by the present one: here and in every schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.module_loading import import_string

import tenancy
from core.resealing import BATCH, Sealed, Tally, go_over
from tenancy.errors import OrganizationMoving, TenantUnavailable
from tenants.catalog import load_many
from tenants.cells.keys import keys_sha256
from tenants.models import Cell, Organization

Say = Callable[[str], None]

_NO_SCHEMA = (Organization.State.PROVISIONING, Organization.State.FAILED, Organization.State.DELETED)
_AT_ONCE = 100


@dataclass
class Report:
    """What a run found: by kind, what the present key and what an older one had sealed, and what no key opens."""

    current: dict[str, int] = field(default_factory=dict)
    older: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    organizations: int = 0
    # Those that could not be gone over: why, by what they are called in the catalogue.
    left_out: dict[str, str] = field(default_factory=dict)

    def add(self, tally: Tally, whose: str = "") -> None:
        """Count a batch."""
        self.current[tally.kind] = self.current.get(tally.kind, 0) + tally.current
        self.older[tally.kind] = self.older.get(tally.kind, 0) + tally.older
        self.broken += [f"{tally.kind}: {row}{whose}" for row in tally.broken]

    @property
    def is_whole(self) -> bool:
        """Whether everything was gone over and opens."""
        return not self.broken and not self.left_out


def reseal(*, write: bool, say: Say = lambda line: None, batch: int = BATCH) -> Report:
    """Go over everything; seal anew what an older key sealed, or only count it. May be killed, and run again.

    Nothing may be bound. Organizations that are paused are entered with the owning login only.
    """
    report = Report()
    with tenancy.platform():
        for path in settings.SEALED_SHARED:
            _each(import_string(path), report, "", write=write, batch=batch)
    sealed = [import_string(path) for path in settings.SEALED_ORGANIZATIONS]
    keyed = [import_string(path) for path in settings.KEYED_ORGANIZATIONS]
    for record in _records(report):
        whose = f" of {record.id}"
        try:
            with tenancy.bind(record):
                if write and tenancy.is_frozen():
                    report.left_out[str(record.id)] = "on its way to another cell"
                    continue
                for one in sealed:
                    _each(one, report, whose, write=write, batch=batch)
                for again in keyed:
                    report.add(again(write=write), whose)
        except OrganizationMoving:
            report.left_out[str(record.id)] = "on its way to another cell"
            continue
        except TenantUnavailable:
            report.left_out[str(record.id)] = "closed to this login"
            continue
        report.organizations += 1
        if report.organizations % _AT_ONCE == 0:
            say(f"{report.organizations} organizations, {sum(report.older.values())} sealed by an older key")
    if write and report.is_whole:
        with tenancy.platform():
            Cell.objects.filter(name=settings.CELL, is_here=True).update(keys_sha256=keys_sha256())
    return report


def _each(sealed: Sealed, report: Report, whose: str, *, write: bool, batch: int) -> None:
    for tally in go_over(sealed, write=write, batch=batch):
        report.add(tally, whose)


def _records(report: Report) -> Iterator[tenancy.TenantRecord]:
    """Yield the organizations of this cell that have a schema, in the order of their ids."""
    last = None
    while True:
        with tenancy.platform():
            rows = Organization.objects.filter(cell=settings.CELL).exclude(state__in=_NO_SCHEMA).order_by("id")
            rows = rows.filter(id__gt=last) if last else rows
            ids = list(rows.values_list("id", flat=True)[:_AT_ONCE])
        if not ids:
            return
        records = load_many(ids)
        yield from (records[found] for found in ids if found in records)
        last = ids[-1]
