"""One release's SQL in one organization's schema, inside the caller's transaction, as the owning login."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper

from tenants.schema.releases import Release
from tenants.schema.template import rendered


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a statement may wait for a lock, and run, in milliseconds.

    Whoever comes to a table after a statement that waits for it waits behind it: the wait is what people feel.
    """

    lock_ms: int = 400
    statement_ms: int = 3000


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a schema says of itself."""

    organization_id: UUID
    is_frozen: bool


def limit(connection: BaseDatabaseWrapper, limits: Limits) -> None:
    """Bound every statement to the transaction's end."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL lock_timeout = {limits.lock_ms:d}; SET LOCAL statement_timeout = {limits.statement_ms:d}"
        )


def stamp(connection: BaseDatabaseWrapper, schema: str) -> Stamp | None:
    """Return the schema's stamp; None where it has none. Schemas of the first release do not know of freezing."""
    with connection.cursor() as cursor:
        cursor.execute(
            rendered(
                "SELECT organization_id, to_jsonb(t) ->> 'frozen_at' IS NOT NULL FROM tenant_template_schema._tenant t",
                schema=schema,
                role="unused",
            )
        )
        found = cursor.fetchone()
        return Stamp(*found) if found else None


def apply(connection: BaseDatabaseWrapper, release: Release, *, schema: str, role: str) -> None:
    """Run the release. Names without a schema mean the organization's: the shared schema is out of reach."""
    sql = release.rendered(schema=schema, role=role)
    path = rendered("SET LOCAL search_path = tenant_template_schema, ext", schema=schema, role=role)
    with connection.cursor() as cursor:
        cursor.execute(f"{path};\n{sql}\n;SET LOCAL search_path = public, ext")
