"""Make the database, its owner's login and the application's on a server that somebody else runs. Safe to repeat.

Connects as the server's master: ``PGHOST``, ``PGUSER``, ``PGPASSWORD`` and the rest of what libpq reads. Names and
passwords of the logins are those of ``LMS_OWNER_DATABASE_URL`` and ``LMS_DATABASE_URL``; run again, it sets the
passwords anew.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg2
from django.core.management.base import BaseCommand, CommandError
from psycopg2 import sql
from psycopg2.extensions import encrypt_password


@dataclass(frozen=True)
class Login:
    """A login as its address says it."""

    name: str
    password: str
    database: str

    @classmethod
    def of(cls, variable: str) -> Login:
        """Read the address in ``variable``.

        Raises:
            CommandError: it is missing, or names no login, no password or no database.
        """
        parts = urlsplit(os.environ.get(variable, ""))
        login = cls(unquote(parts.username or ""), unquote(parts.password or ""), parts.path.lstrip("/"))
        if not (login.name and login.password and login.database):
            raise CommandError(f"Set {variable}: postgresql://login:password@host:port/database.")
        return login


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        owner, application = Login.of("LMS_OWNER_DATABASE_URL"), Login.of("LMS_DATABASE_URL")
        if owner.database != application.database:
            raise CommandError("Both addresses have to name the same database.")
        try:
            with _master() as cursor:
                _ensure_login(cursor, owner, "CREATEROLE NOCREATEDB")
                _ensure_login(cursor, application, "NOINHERIT NOCREATEROLE NOCREATEDB")
                # The owner sets the application's login up further, without being more than it.
                cursor.execute(
                    sql.SQL("GRANT {} TO {} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE").format(
                        sql.Identifier(application.name), sql.Identifier(owner.name)
                    )
                )
                made = _ensure_database(cursor, owner)
                _close_database(cursor, owner, application)
        except psycopg2.Error as error:
            raise CommandError(f"The server refused: {str(error).strip()}") from error
        self.stdout.write(
            f"The database {owner.database} {'was made' if made else 'was there'}; "
            f"{owner.name} owns it, {application.name} may connect."
        )


@contextlib.contextmanager
def _master() -> Iterator[Any]:
    connection = psycopg2.connect("", connect_timeout=10, application_name="lms-prepare")
    connection.autocommit = True  # a database is not made inside a transaction
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _ensure_login(cursor: Any, login: Login, rights: str) -> None:
    """Make the login with these rights, or give it this password."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login.name])
    words = "ALTER ROLE {} PASSWORD %s" if cursor.fetchone() else f"CREATE ROLE {{}} LOGIN {rights} PASSWORD %s"
    # Sent as its SCRAM verifier: a statement may end up in the server's log.
    verifier = encrypt_password(login.password, login.name, scope=cursor.connection, algorithm="scram-sha-256")
    cursor.execute(sql.SQL(words).format(sql.Identifier(login.name)), [verifier])


def _ensure_database(cursor: Any, owner: Login) -> bool:
    """Make the owner's database where it is missing; return whether it was."""
    # A master that is no superuser gives away, and closes, only what it could itself be.
    cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE").format(sql.Identifier(owner.name)))
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [owner.database])
    if cursor.fetchone():
        return False
    # Case and order by Unicode, the same on every system: as the embedded server has it.
    cursor.execute(
        sql.SQL(
            "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' "
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
        ).format(sql.Identifier(owner.database), sql.Identifier(owner.name))
    )
    return True


def _close_database(cursor: Any, owner: Login, application: Login) -> None:
    """Only our logins may connect: PostgreSQL lets everybody by default."""
    name = sql.Identifier(owner.database)
    cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, sql.Identifier(application.name)))
