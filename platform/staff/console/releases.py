"""What staff do with a release of the organization schema, recorded in the transaction that does it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from staff import audit
from tenants.api import fleet


@transaction.atomic
def pause(number: int, *, reason: str, ticket: str) -> fleet.ReleaseLine:
    """Hold a release. Nobody is left half-way.

    Raises:
        NotFound: there is no such release. DomainError: it is not on its way.
    """
    line = fleet.pause(number, reason=reason)
    _record("schema_release.paused", number, reason, ticket)
    return line


@transaction.atomic
def resume(number: int, *, reason: str, ticket: str) -> fleet.ReleaseLine:
    """Let a release that is paused or stopped go on.

    Raises:
        NotFound: there is no such release. DomainError: it is neither.
    """
    line = fleet.resume(number)
    _record("schema_release.resumed", number, reason, ticket)
    return line


@transaction.atomic
def retry(number: int, *, organization_id: UUID | None, reason: str, ticket: str) -> int:
    """Try those that failed again, or one of them; return how many.

    Raises:
        NotFound: there is no such release. DomainError: none failed.
    """
    tried = fleet.retry(number, organization_id=organization_id)
    _record("schema_release.retried", number, reason, ticket, organization_id=organization_id)
    return tried


def _record(action: str, number: int, reason: str, ticket: str, *, organization_id: UUID | None = None) -> None:
    audit.record(
        action,
        organization_id=organization_id,
        object_type="schema_release",
        object_id=number,
        reason=reason,
        ticket=ticket,
    )
