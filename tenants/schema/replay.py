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


def create_beside(connection: BaseDatabaseWrapper, template: Template, *, schema: str, role: str) -> None:
    """Create another schema for a role that exists: the shadow of a restore."""
    with connection.cursor() as cursor:
        cursor.execute(template.rendered(schema=schema, role=role))


def swap(connection: BaseDatabaseWrapper, *, live: str, shadow: str, old: str) -> None:
    """Put the shadow in the living schema's place, and close what it replaces to everybody but its owner.

    Waits for the transactions that are under way in the living schema, so that none of them ends in the old one unseen.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [live])
        tables = ", ".join(f"{_name(live)}.{_name(table)}" for (table,) in cursor.fetchall())
        cursor.execute("SET LOCAL lock_timeout = '15s'")
        cursor.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"ALTER SCHEMA {_name(live)} RENAME TO {_name(old)}")
        cursor.execute(f"ALTER SCHEMA {_name(shadow)} RENAME TO {_name(live)}")
        cursor.execute(
            "SELECT DISTINCT r.rolname FROM pg_namespace n, aclexplode(n.nspacl) acl"
            " JOIN pg_roles r ON r.oid = acl.grantee WHERE n.nspname = %s AND acl.grantee <> n.nspowner",
            [old],
        )
        for (role,) in cursor.fetchall():
            cursor.execute(f"REVOKE ALL ON SCHEMA {_name(old)} FROM {_name(role)}")


def drop_schema(connection: BaseDatabaseWrapper, *, schema: str) -> None:
    """Remove a schema if it exists, and leave every role."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {_name(schema)} CASCADE")


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
