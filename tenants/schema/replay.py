"""Schema work: create, rename, stamp, drop. Each call belongs in the caller's transaction, as the owning login."""

from __future__ import annotations

from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper

from tenants.schema.template import Template


def create(connection: BaseDatabaseWrapper, template: Template, *, schema: str, role: str) -> None:
    """Create the role and the schema with every table, index, constraint and grant of the template."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {_name(role)} NOLOGIN INHERIT")
        cursor.execute(f"GRANT tenant_any TO {_name(role)}")
        # Members may become the role but have nothing of it until they do.
        cursor.execute(f"GRANT {_name(role)} TO lms_app, CURRENT_USER WITH INHERIT FALSE, SET TRUE")
        cursor.execute(template.rendered(schema=schema, role=role))


def rename(connection: BaseDatabaseWrapper, *, schema: str, role: str, new_schema: str, new_role: str) -> None:
    """Give a built schema and its role their final names; grants follow, they name ids."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SCHEMA {_name(schema)} RENAME TO {_name(new_schema)}")
        cursor.execute(f"ALTER ROLE {_name(role)} RENAME TO {_name(new_role)}")


def stamp(connection: BaseDatabaseWrapper, *, schema: str, organization_id: UUID) -> None:
    """Write whose schema this is; binding compares it each time."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {_name(schema)}._tenant (organization_id) VALUES (%s)", [organization_id])  # noqa: S608


def drop(connection: BaseDatabaseWrapper, *, schema: str, role: str) -> None:
    """Remove the schema and the role, whichever of them exist."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {_name(schema)} CASCADE")
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone():
            cursor.execute(f"DROP ROLE {_name(role)}")


def _name(name: str) -> str:
    if not name.replace("_", "").isalnum() or not name.isascii():
        raise ValueError(f"not a name of ours: {name!r}")
    return f'"{name}"'
