"""The ledger of erasures: who must stay erased whatever archive or backup comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

import tenancy
from core.ids import new_id
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


def make_again(lines: list[Mapping[str, Any]]) -> tuple[int, int]:
    """Erase again whoever a ledger names, after the whole database was put back to before that. Platform only.

    Returns how many were erased again and how many had nothing left to erase. Organizations that are not there (made or
    deleted since) are passed over. Safe to repeat: the ledger takes each line once.
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
    again = 0
    for line in lines:
        organization = known.get(UUID(line["organization"]))
        if organization is None:
            continue
        with tenancy.bind(record_of(organization)), transaction.atomic():
            erased = [erase(UUID(line["member"])) for erase in erasers]  # every one of them, whatever the first says
            again += any(erased)
    return again, len(lines) - again
