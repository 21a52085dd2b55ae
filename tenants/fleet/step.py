"""One organization's way to a release: everything in one transaction, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from core.clock import now
from tenants.fleet import data_steps, ledger
from tenants.models import SchemaLedger
from tenants.schema import apply, releases
from tenants.schema.apply import Limits
from tenants.schema.locks import organization_key

Outcome = Literal["done", "busy", "again", "failed", "gone"]
State = SchemaLedger.State
MAX_ERROR = 2000
# Of a lock that was not given, of two that waited for each other, of a server that went away: worth another try.
_PASSING = ("55P03", "40P01", "40001", "57P01", "57P02", "57P03", "08000", "08003", "08006")
BUSY_SECONDS = 2.0
# Asked a thousand times in a row, so by hand and in one round trip: the organization's row, taken, and then the release
# that it has. Two statements: one that waited for the row would still see the ledger as it was before the wait.
_STANDING = """
SELECT 1 FROM tenants_organization WHERE id = %s FOR NO KEY UPDATE;
SELECT o.state, o.cell, o.frozen_at, o.schema_name, o.db_role,
       (SELECT l.release_id FROM tenants_schemaledger l WHERE l.organization_id = o.id AND l.state = 'done'
        ORDER BY l.finished_at DESC, l.release_id DESC LIMIT 1)
FROM tenants_organization o WHERE o.id = %s
"""
_LONGEST_REST = 20.0


class NotItsSchema(RuntimeError):
    """The schema does not say that it is the organization's."""


class NoSuchRelease(RuntimeError):
    """The organization is on a release that this code does not know."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How an organization is brought along, and how often before it has failed."""

    limits: Limits = field(default_factory=Limits)
    attempts: int = 6


def bring(organization_id: UUID, target: int, attempt: int, policy: Policy, *, jitter: float) -> Outcome:
    """Bring one organization to the release ``target`` and write down how it went.

    Runs as the owning login. ``jitter``, between 0 and 1, spreads what comes again. Who is made or moved at this moment
    is ``busy`` and comes later; that is no attempt.
    """
    try:
        with transaction.atomic():
            outcome = _bring(organization_id, target, policy.limits)
    except (DatabaseError, NotItsSchema, NoSuchRelease) as failed:
        if connection.connection is not None and connection.connection.closed:
            connection.close()
        return _note_failure(organization_id, target, attempt, policy, failed, jitter)
    if outcome == "busy":
        _rest(organization_id, target, BUSY_SECONDS * (0.5 + jitter), attempt=attempt - 1)
    return outcome


def _bring(organization_id: UUID, target: int, limits: Limits) -> Outcome:
    apply.limit(connection, limits)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [organization_key(organization_id)])
        if not cursor.fetchone()[0]:
            return "busy"
        # A restore that swaps schemas holds the row for update; people's requests hold it for less.
        cursor.execute(_STANDING, [organization_id, organization_id])
        state, cell, frozen_at, schema, role, current = cursor.fetchone()
    if state not in ledger.WITH_SCHEMA or cell != settings.CELL:
        SchemaLedger.objects.filter(organization_id=organization_id, release_id=target).delete()
        return "gone"
    if frozen_at is not None:  # it is on its way to another cell, as it is
        return "busy"
    stamp = apply.stamp(connection, schema)
    if stamp is None or stamp.organization_id != organization_id:
        raise NotItsSchema(f"{schema} is not stamped for {organization_id}")
    if stamp.is_frozen:
        return "busy"
    if current is None:
        raise NoSuchRelease("the ledger knows no release of this organization")
    for release in _way(current, target):
        apply.apply(connection, release, schema=schema, role=role)
        ledger.has(organization_id, release.number)
        data_steps.plan(organization_id, release.number)
    if current == target:  # a restore brought it there in the meantime
        ledger.has(organization_id, target)
    return "done"


def _way(current: int, target: int) -> list[releases.Release]:
    known = {release.number: release for release in releases.releases()}
    try:
        return [known[number] for number in range(current + 1, target + 1)]
    except KeyError as unknown:
        raise NoSuchRelease(f"this code does not know how to get from release {current} to {target}") from unknown


def _note_failure(
    organization_id: UUID, target: int, attempt: int, policy: Policy, failed: Exception, jitter: float
) -> Outcome:
    code = getattr(failed.__cause__, "pgcode", None) or ""
    passes = code in _PASSING or (isinstance(failed, DatabaseError) and not code)
    error = f"{type(failed.__cause__ or failed).__name__}: {failed}".strip()[:MAX_ERROR]
    if passes and attempt < policy.attempts:
        _rest(organization_id, target, min(_LONGEST_REST, 0.5 * 2**attempt) * (0.5 + jitter), error=error)
        return "again"
    _row(organization_id, target).update(state=State.FAILED, error=error, run_at=None, finished_at=now())
    return "failed"


def _rest(organization_id: UUID, target: int, seconds: float, **changes: Any) -> None:
    _row(organization_id, target).update(
        state=State.PENDING, run_at=now() + timedelta(seconds=seconds), finished_at=None, **changes
    )


def _row(organization_id: UUID, target: int) -> QuerySet[SchemaLedger]:
    """The row as long as nobody has finished it: a restore that went before has the last word."""
    return SchemaLedger.objects.filter(organization_id=organization_id, release_id=target).exclude(state=State.DONE)
