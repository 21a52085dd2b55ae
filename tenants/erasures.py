"""The ledger of erasures: who must stay erased whatever archive or backup comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils.module_loading import import_string

import tenancy
from core.ids import new_id
from tenancy.errors import OrganizationMoving, TenantUnavailable
from tenants.catalog import record_of
from tenants.models import Erasure, Organization


def note_erasure(member_id: UUID) -> None:
    """Note that a member of the bound organization is erased. Call it in the transaction that erases them."""
    # bulk_create with our own id needs no RETURNING, which the append door refuses.
    Erasure.objects.bulk_create([Erasure(id=new_id(), organization_id=tenancy.current().id, member_id=member_id)])


def written(since: datetime | None = None) -> Iterator[dict[str, str]]:
    """Return the ledger as lines that :func:`make_again` reads, oldest first. Platform only."""
    rows = Erasure.objects.order_by("at", "id")
    for row in rows.filter(at__gte=since) if since else rows:
        yield {
            "id": str(row.id),
            "organization": str(row.organization_id),
            "member": str(row.member_id),
            "at": row.at.isoformat(),
        }


@dataclass
class Again:
    """What became of a ledger's lines: erased again, nothing left to erase, and those whose organization said no."""

    erased: int = 0
    before: int = 0
    left: int = 0
    # Organizations that could not be worked in: why, by what they are called. Their people are not erased.
    left_out: dict[str, str] = field(default_factory=dict)


def make_again(lines: list[Mapping[str, Any]]) -> Again:
    """Erase again whoever a ledger names, after the whole database was put back to before that. Platform only.

    Organizations that are not there (made or deleted since) are passed over. One that cannot be worked in, as a paused
    one without the owning login, keeps nobody else back: it is named, and the same ledger takes it up once it can. Safe
    to repeat: the ledger takes each line once.
    """
    erasers = [import_string(path) for path in settings.ERASERS]
    known = {row.id: row for row in Organization.objects.exclude(state=Organization.State.DELETED)}
    Erasure.objects.bulk_create(
        [
            Erasure(
                id=UUID(line["id"]),
                organization_id=UUID(line["organization"]),
                member_id=UUID(line["member"]),
                at=datetime.fromisoformat(line["at"]),
            )
            for line in lines
        ],
        ignore_conflicts=True,
    )
    again = Again()
    for line in lines:
        organization = known.get(UUID(line["organization"]))
        if organization is None:
            again.before += 1
            continue
        try:
            with tenancy.bind(record_of(organization)), transaction.atomic():
                # Every one of them, whatever the first says.
                erased = [erase(UUID(line["member"])) for erase in erasers]
        except (DatabaseError, OrganizationMoving) as refused:
            again.left += 1
            again.left_out[f"{organization.id} ({organization.name})"] = _why(refused)
            continue
        again.erased += any(erased)
        again.before += not any(erased)
    return again


def _why(refused: Exception) -> str:
    match refused:
        case TenantUnavailable():
            return "closed to this login, without its schema, or in another cell"
        case OrganizationMoving():
            return "on its way to another cell"
        case _:
            return f"not to be worked in: {(str(refused) or type(refused).__name__).splitlines()[0]}"
