"""The walk's own database: a copy of the run's, so that what the walk commits is nobody else's.

Three connections: the product's (Django's, login ``lms_app``), the owner's for schema work, and raw statements on the
product's own connection, which see what a call did before it is undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.apps import apps
from django.db import connection, transaction

from tenancy import TenantRecord
from tenancy.models import SharedModel
from tests.support import plugin

NAME = "lms_isolation"


@contextmanager
def copied() -> Iterator[None]:
    """Work on a copy of the run's database for as long as the block lasts."""
    connection.close()
    original = connection.settings_dict["NAME"]
    with owner_cursor(original) as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {NAME} TEMPLATE {original}")
    connection.settings_dict["NAME"] = NAME
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original
        with owner_cursor(original) as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


@contextmanager
def owner_cursor(database: str = NAME) -> Iterator[Any]:
    """A cursor of the owning login; each statement commits by itself."""
    url = urlsplit(plugin.owner["LMS_OWNER_DATABASE_URL"])
    link = psycopg2.connect(urlunsplit(url._replace(path=f"/{database}")))
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            yield cursor
    finally:
        link.close()


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that the product does not notice, rolled back at the end."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


@contextmanager
def raw(role: str) -> Iterator[Any]:
    """A cursor of the driver on the product's connection as ``role``, with nothing on the path but the catalogue.

    The connection is given back as it was found, whatever the product believes about it.
    """
    connection.ensure_connection()
    link = connection.connection
    with link.cursor() as cursor:
        cursor.execute("SELECT current_setting('role'), current_setting('search_path')")
        was_role, was_path = cursor.fetchone()
        cursor.execute(f'SET search_path = pg_catalog; SET ROLE "{role}"')
        try:
            yield cursor
        finally:
            cursor.execute(
                "SELECT set_config('role', %s, false), set_config('search_path', %s, false)", [was_role, was_path]
            )


def is_broken() -> bool:
    """Whether the open transaction has failed, so that nothing can be asked in it."""
    link = connection.connection
    return link is None or link.closed or link.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_INERROR


def tables_of(schema: str) -> list[str]:
    """Return the tables of a schema, without the stamp."""
    with owner_cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s AND tablename <> '_tenant' ORDER BY 1", [schema]
        )
        return [name for (name,) in cursor.fetchall()]


def shared_tables_with_rows_of_organizations() -> list[str]:
    """Return the shared tables whose rows belong to organizations."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if issubclass(model, SharedModel)
        and not model._meta.abstract
        and any(field.attname == "organization_id" for field in model._meta.concrete_fields)
    )


class Digest:
    """One number for everything an organization has: its schema's rows, and its rows in shared tables."""

    def __init__(self, organization: TenantRecord) -> None:
        self._role = organization.db_role
        own = [
            f'SELECT t::text AS row FROM "{organization.schema_name}"."{name}" t'
            for name in tables_of(organization.schema_name)
        ]
        shared = [
            f"SELECT '{name}' || t::text AS row FROM public.\"{name}\" t WHERE organization_id = '{organization.id}'"
            for name in shared_tables_with_rows_of_organizations()
        ]
        self._own, self._shared = _summed(own), _summed(shared)

    def now(self) -> str | None:
        """Return the number as the open transaction sees it, None where the transaction has failed."""
        if is_broken():
            return None
        with raw(self._role) as cursor:
            cursor.execute(self._own)
            own = cursor.fetchone()[0]
        with raw("r_platform") as cursor:
            cursor.execute(self._shared)
            return f"{own}:{cursor.fetchone()[0]}"


def _summed(selects: list[str]) -> str:
    return f"SELECT md5(string_agg(md5(row), '' ORDER BY row)) FROM ({' UNION ALL '.join(selects)}) everything"
