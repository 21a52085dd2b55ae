"""One digest for each table of each organization, and of the shared ones: what a restore is held to."""

from __future__ import annotations

import contextlib

import psycopg2
from psycopg2 import sql

Digests = dict[tuple[str, str], tuple[int, str]]


def of(superuser_url: str) -> Digests:
    """Return rows and MD5 over the rows' text, by schema and table, of one moment."""
    with contextlib.closing(psycopg2.connect(superuser_url.rpartition("/")[0] + "/lms")) as link:
        link.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with link.cursor() as cursor:
            cursor.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'public' OR schemaname IN"
                " (SELECT schema_name FROM public.tenants_organization) ORDER BY 1, 2"
            )
            tables = cursor.fetchall()
            found: Digests = {}
            for schema, table in tables:
                cursor.execute(
                    sql.SQL(
                        "SELECT count(*), md5(coalesce(string_agg(h, '' ORDER BY h), '')) FROM"
                        " (SELECT md5(t::text) AS h FROM {}.{} t) rows"
                    ).format(sql.Identifier(schema), sql.Identifier(table))
                )
                found[schema, table] = cursor.fetchone()
            return found


def differ(before: Digests, after: Digests) -> list[str]:
    """Return the tables that are not the same."""
    return sorted(
        f"{schema}.{table}"
        for schema, table in {*before, *after}
        if before.get((schema, table)) != after.get((schema, table))
    )
