"""Logins and database of the product: the same on the embedded server and on the user's own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import encrypt_password

from devstack.credentials import Credentials
from devstack.part import PartFailed
from devstack.settings import Settings

DATABASE = "lms"
_PLAIN = "NOINHERIT NOCREATEROLE NOCREATEDB"


def create_embedded(settings: Settings, credentials: Credentials, superuser_url: str) -> bool:
    """Owner, application and edge logins and an empty database; safe to repeat. True when the database is new.

    The roles behind them are made by ``prepare_database``.
    """
    with _cursor(superuser_url) as cursor:
        owner_may = "CREATEROLE CREATEDB" if settings.throwaway else "CREATEROLE NOCREATEDB"
        _ensure_login(cursor, "lms_owner", owner_may, credentials.pg_owner)
        _ensure_login(cursor, "lms_app", _PLAIN, credentials.pg_app)
        _ensure_login(cursor, "lms_edge", _PLAIN, credentials.pg_edge)
        # The owner sets these logins up further (settings, memberships) without being a superuser.
        cursor.execute("GRANT lms_app, lms_edge TO lms_owner WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        is_new = cursor.fetchone() is None
        if is_new:
            cursor.execute(f"CREATE DATABASE {DATABASE} OWNER lms_owner")
        _close_database(cursor, DATABASE)
        return is_new


def create_external(credentials: Credentials, owner_url: str) -> None:
    """Application and edge logins on a server of the user's; the login they gave is the owner. Safe to repeat.

    Raises:
        PartFailed: the server cannot be reached, or the login may not create roles.
    """
    try:
        with _cursor(owner_url) as cursor:
            _ensure_login(cursor, "lms_app", _PLAIN, credentials.pg_app)
            _ensure_login(cursor, "lms_edge", _PLAIN, credentials.pg_edge)
            _close_database(cursor, urlsplit(owner_url).path.lstrip("/"))
    except psycopg2.Error as error:
        raise PartFailed(f"The database of LMS_DATABASE_URL cannot be used: {str(error).strip()}") from error


def _ensure_login(cursor: Any, login: str, rights: str, password: str) -> None:
    """Make the login, or give it this password. Rights are set once: changing them takes more than making the role."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login])
    words = "ALTER ROLE {} PASSWORD %s" if cursor.fetchone() else f"CREATE ROLE {{}} LOGIN {rights} PASSWORD %s"
    # Sent as its SCRAM verifier: a statement may end up in the server's log.
    verifier = encrypt_password(password, login, scope=cursor.connection, algorithm="scram-sha-256")
    cursor.execute(sql.SQL(words).format(sql.Identifier(login)), [verifier])


def _close_database(cursor: Any, database: str) -> None:
    """Only our logins may connect: PostgreSQL lets everybody by default."""
    name = sql.Identifier(database)
    cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO lms_app, lms_edge").format(name))


@contextlib.contextmanager
def _cursor(url: str) -> Iterator[Any]:
    connection = psycopg2.connect(url, connect_timeout=5)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
