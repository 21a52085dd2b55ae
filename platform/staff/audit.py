"""The platform's record of acts: written in the transaction of the change, changed by nobody afterwards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection

from core.acting import current
from staff.models import PlatformAuditEntry

MAX_REASON = 2000


class RecordedOutsideTransaction(RuntimeError):
    """An act and its record must commit together."""


def record(
    action: str,
    *,
    organization_id: UUID | None = None,
    object_type: str = "",
    object_id: object = "",
    changes: dict[str, Any] | None = None,
    reason: str = "",
    ticket: str = "",
) -> UUID:
    """Write that ``action`` (``"<noun>.<verb>"``) was done by whoever acts; return the entry's id. Platform only.

    ``changes`` maps a field to ``[before, after]``, JSON values. Never a secret, never an organization's content.

    Raises:
        RecordedOutsideTransaction: no transaction is open.
    """
    if not connection.in_atomic_block:
        raise RecordedOutsideTransaction(action)
    who = current()
    entry = PlatformAuditEntry.objects.create(
        action=action,
        actor_kind=who.kind,
        actor_id=who.id,
        actor_name=who.name,
        organization_id=organization_id,
        object_type=object_type,
        object_id=str(object_id),
        changes=changes or {},
        reason=reason[:MAX_REASON],
        ticket=ticket,
        request_id=who.request_id,
        ip=who.ip,
    )
    return entry.id
