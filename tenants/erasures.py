"""The ledger of erasures: who must stay erased whatever archive comes back."""

from __future__ import annotations

from uuid import UUID

import tenancy
from core.ids import new_id
from tenants.models import Erasure


def note_erasure(member_id: UUID) -> None:
    """Note that a member of the bound organization is erased. Call it in the transaction that erases them."""
    # bulk_create with our own id needs no RETURNING, which the append door refuses.
    Erasure.objects.bulk_create([Erasure(id=new_id(), organization_id=tenancy.current().id, member_id=member_id)])
