"""Doors of shared tables, brought to what the code declares while organizations are served.

Who changes a policy takes the whole table, and whoever comes after somebody that waits for a table waits as well. So a
table whose doors stand already is not touched, and each of the others has a short transaction of its own that soon
gives up where it has to wait, and tries again.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from django.db import InternalError, OperationalError, connection, transaction

from tenancy import doors

LOCK_MS = 400
"""How long a statement may wait for a table: that is what people feel, behind it."""

PATIENCE_SECONDS = 120.0
_REST_SECONDS = 0.25
# Of a lock that was not given, of two that waited for each other, of two that changed the same line of the catalogue:
# PostgreSQL has no code of its own for the last.
_PASSING = ("55P03", "40P01", "40001", "XX000")

# What stands, by table: rights of the table and of its columns, row security, policies, triggers. With names in place
# of numbers, for a table that was restored is the same.
_STANDING = """
SELECT c.relname, coalesce(obj_description(c.oid, 'pg_class'), ''), md5(concat_ws('|',
  c.relacl::text, c.relrowsecurity, c.relforcerowsecurity,
  (SELECT string_agg(a.attname || ' ' || a.attacl::text, ',' ORDER BY a.attname)
   FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL),
  (SELECT string_agg(concat_ws(' ', p.policyname, p.permissive, p.roles::text, p.cmd, p.qual, p.with_check), ','
                     ORDER BY p.policyname)
   FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = c.relname),
  (SELECT string_agg(t.tgenabled::text || pg_get_triggerdef(t.oid), ',' ORDER BY t.tgname)
   FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)))
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY(%s)
"""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a table says of itself, and a digest of what stands."""

    mark: str
    found: str

    def fits(self, statements: Iterable[str]) -> bool:
        """Return whether these statements were the last, and nothing was changed since."""
        return self.mark == _mark(statements, self.found)


def fit(more: Callable[[str], Iterable[str]] = lambda table: ()) -> list[str]:
    """Make grants, policies and walls equal to the declarations, as the owning login; return the tables that changed.

    ``more`` yields further statements for a table, by its name. What was changed by hand since is put right as well.

    Raises:
        OperationalError: a table was held for longer than two minutes. What came before it stays done.
    """
    patiently(_functions)
    wanted = {
        model._meta.db_table: [*doors.all_statements(model), *more(model._meta.db_table)]
        for model in doors.shared_models()
    }
    standing = _standing(list(wanted))
    changed = [table for table, statements in wanted.items() if not standing[table].fits(statements)]
    for table in changed:
        patiently(partial(_fit, table, wanted[table]))
    return changed


def patiently(act: Callable[[], _T]) -> _T:
    """Return what ``act`` does, tried again for two minutes where it met somebody else's lock.

    Raises:
        OperationalError, InternalError: it met one each time.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return act()
        except (OperationalError, InternalError) as failed:
            code = getattr(failed.__cause__, "pgcode", None)
            if code not in _PASSING or time.monotonic() > deadline:
                raise
        time.sleep(_REST_SECONDS * (0.5 + random.random()))  # noqa: S311 - spreads who comes again


def _functions() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in doors.functions():
            cursor.execute(statement)


def _fit(table: str, statements: list[str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {LOCK_MS}")
        # At once what the statements ask for bit by bit: two that both hold a little of it would wait for each other.
        cursor.execute(f'LOCK TABLE public."{table}" IN ACCESS EXCLUSIVE MODE')
        for statement in statements:
            cursor.execute(statement)
        mark = _mark(statements, _standing([table])[table].found)
        cursor.execute(f'COMMENT ON TABLE public."{table}" IS %s', [mark])


def _standing(tables: list[str]) -> dict[str, _Standing]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [tables])
        return {table: _Standing(mark, found) for table, mark, found in cursor.fetchall()}


def _mark(statements: Iterable[str], found: str) -> str:
    return f"doors {hashlib.sha256(chr(10).join(statements).encode()).hexdigest()[:32]} {found}"
