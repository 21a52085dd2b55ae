"""The poisoned twin: organization B becomes a copy of A with identical ids and other words.

With ids that never repeat, a leak between schemas would show as a harmless 404. Here it shows as a 200 with a word
that only B's rows hold. Rows of shared tables, whose ids are unique, are copied under new ids (``Twin.real_ids``).
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import psycopg2
from psycopg2.extras import Json

from tenancy import TenantRecord
from tests.isolation.database import owner_cursor, shared_tables_with_rows_of_organizations

_JSON_TYPES = (114, 3802)  # the catalogue's numbers of json and jsonb
_NUMBERS = {"smallint", "integer", "bigint"}
_TEXT_TYPES = {"text", "character varying", "character", "citext"}
# A column of words, even where a value is one word: these are what a person would recognise.
# E-mail addresses stay: the same person may well be in both.
_WORDS = r"(^|_)(name|title|label|text|summary|description|note|detail|message|body|caption|bio)$"
_NOT_WORDS = r"(code|file|user|content_type|type|class)_?name$"
COLOUR = "#c0ffee"  # where a column holds a colour, B's is this one


@dataclass
class Twin:
    """What the copy made: ids that B has in shared tables by A's, and what could not be copied or changed."""

    a: TenantRecord
    b: TenantRecord
    real_ids: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    poisoned: int = 0
    unchanged: list[str] = field(default_factory=list)
    not_copied: list[str] = field(default_factory=list)
    # Hash of each of A's secrets -> hash of another one, which B keeps in its place.
    hashes: dict[str, str] = field(default_factory=dict)

    @property
    def canary(self) -> str:
        return f"canary-{self.b.slug}"

    def translated(self, value: Any) -> Any:
        """Return ``value`` (a path argument or a body) with each of A's shared ids replaced by B's own."""
        if isinstance(value, dict):
            return {key: self.translated(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.translated(inner) for inner in value]
        if isinstance(value, str | UUID):
            text = str(value)
            for mine, theirs in self.real_ids.items():
                text = text.replace(mine, theirs)
            return type(value)(text)
        return value


def make(a: TenantRecord, b: TenantRecord, *, secrets: list[str]) -> Twin:
    """Empty B, copy A into it, and change B's words. ``secrets`` open A's doors: B keeps other hashes of them."""
    twin = Twin(a, b)
    twin.hashes = {_sha256(secret): _sha256(f"{secret} of the twin") for secret in secrets}
    with owner_cursor() as cursor:
        cursor.execute("SELECT set_config('search_path', '', false)")
        cursor.execute("BEGIN")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        columns = _columns(cursor, b.schema_name)
        _facts_stay(cursor, b.schema_name, columns, "DISABLE")
        cursor.execute("TRUNCATE " + ", ".join(f'"{b.schema_name}"."{table}"' for table in columns))
        for table, listed in columns.items():
            _copy_table(cursor, twin, table, [name for name, _, generated in listed if not generated])
        cursor.execute("COMMIT")
        for table, listed in columns.items():
            for column, kind, generated in listed:
                if not generated:
                    _poison(cursor, twin, f'"{b.schema_name}"."{table}"', column, kind)
            _forget_secrets(cursor, f'"{b.schema_name}"."{table}"', listed, secrets)
            _number_on(cursor, f'"{b.schema_name}"."{table}"', listed)
        _facts_stay(cursor, b.schema_name, columns, "ENABLE")
        _copy_shared(cursor, twin)
        cursor.execute(
            "UPDATE public.tenants_organization SET name = %s WHERE id = %s", [f"Globex {twin.canary}", str(b.id)]
        )
    return twin


def _columns(cursor: Any, schema: str) -> dict[str, list[tuple[str, str, bool]]]:
    cursor.execute(
        """
        SELECT c.table_name, c.column_name, c.data_type, c.is_generated <> 'NEVER'
        FROM information_schema.columns c
        JOIN pg_catalog.pg_tables t ON t.schemaname = c.table_schema AND t.tablename = c.table_name
        WHERE c.table_schema = %s AND c.table_name <> '_tenant' ORDER BY c.table_name, c.ordinal_position
        """,
        [schema],
    )
    found: dict[str, list[tuple[str, str, bool]]] = {}
    for table, column, kind, generated in cursor.fetchall():
        found.setdefault(table, []).append((column, kind, generated))
    return found


def _facts_stay(cursor: Any, schema: str, tables: Any, word: str) -> None:
    """Switch the triggers that keep the audit as it was written: the twin's past is made up."""
    for table in (name for name in tables if name.startswith("audit_")):
        cursor.execute(f'ALTER TABLE "{schema}"."{table}" {word} TRIGGER USER')


def _copy_table(cursor: Any, twin: Twin, table: str, columns: list[str]) -> None:
    listed = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f'INSERT INTO "{twin.b.schema_name}"."{table}" ({listed}) SELECT {listed} FROM "{twin.a.schema_name}"."{table}"'
    )
    twin.rows += cursor.rowcount


def _poison(cursor: Any, twin: Twin, table: str, column: str, kind: str) -> None:
    """Change the words of one column: A's canary becomes B's, and words without a canary get B's."""
    mine, theirs = f"canary-{twin.a.slug}", twin.canary
    quoted = f'"{column}"'
    if kind in ("jsonb", "json", "ARRAY"):
        back = {"jsonb": "::jsonb", "json": "::json"}.get(kind, "::text[]")
        statement = f"""
            UPDATE {table} SET {quoted} = replace({quoted}::text, %(mine)s, %(theirs)s){back}
            WHERE {quoted}::text LIKE %(like)s
        """
    elif kind in _TEXT_TYPES:
        statement = f"""
            UPDATE {table} SET {quoted} = CASE
              WHEN {quoted} ~ %(colour)s THEN %(other_colour)s
              WHEN {quoted} LIKE %(like)s THEN replace({quoted}, %(mine)s, %(theirs)s)
              ELSE {quoted} || ' ' || %(theirs)s END
            WHERE {quoted} ~ %(colour)s OR {quoted} LIKE %(like)s OR {quoted} ~ '\\S\\s+\\S'
               OR ({quoted} <> '' AND %(words)s)
        """
    else:
        return
    words = bool(re.search(_WORDS, column)) and not re.search(_NOT_WORDS, column)
    values = {"mine": mine, "theirs": theirs, "like": f"%{mine}%", "words": words}
    values |= {"colour": "^#[0-9a-fA-F]{6}$", "other_colour": COLOUR}
    try:
        cursor.execute(statement, values)
        twin.poisoned += max(cursor.rowcount, 0)
    except psycopg2.Error as refused:  # a length, a check, a uniqueness: the column keeps A's words
        twin.unchanged.append(f"{table}.{column}: {str(refused).splitlines()[0]}")


def _forget_secrets(cursor: Any, table: str, listed: list[tuple[str, str, bool]], secrets: list[str]) -> None:
    """A secret's hash in B is another secret's: that A's opens nothing there must be for want of a match."""
    for secret in secrets:
        mine, other = (hashlib.sha256(text.encode()) for text in (secret, f"{secret} of the twin"))
        for column, kind, _ in listed:
            values = {"bytea": (other.digest(), mine.digest())}.get(kind, (other.hexdigest(), mine.hexdigest()))
            if kind == "bytea" or kind in _TEXT_TYPES:
                with contextlib.suppress(psycopg2.errors.StringDataRightTruncation):  # too short to hold a hash
                    cursor.execute(f'UPDATE {table} SET "{column}" = %s WHERE "{column}" = %s', values)


def _number_on(cursor: Any, table: str, listed: list[tuple[str, str, bool]]) -> None:
    """Let what is written in B get the numbers behind those that were copied: else it fails, whoever may write it."""
    for column in (name for name, kind, _ in listed if kind in _NUMBERS):
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, column])
        (sequence,) = cursor.fetchone()
        if sequence:
            cursor.execute(f'SELECT setval(%s, max("{column}")) FROM {table} HAVING max("{column}") > 0', [sequence])


def _copy_shared(cursor: Any, twin: Twin) -> None:
    """Copy A's rows in shared tables to B under new ids, with B's words."""
    # The owner is held by row security too; the platform's role sees every row.
    cursor.execute("SET ROLE r_platform")
    _copy_staff(cursor, twin)
    tables = []
    for table in shared_tables_with_rows_of_organizations():
        cursor.execute(
            "SELECT a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a"
            " ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)"
            " WHERE i.indisprimary AND i.indrelid = %s::regclass",
            [f'public."{table}"'],
        )
        keys = [name for (name,) in cursor.fetchall()]
        cursor.execute(f'SELECT * FROM public."{table}" WHERE organization_id = %s', [str(twin.a.id)])
        columns = [(column.name, column.type_code in _JSON_TYPES) for column in cursor.description]
        rows = [
            {
                name: Json(value) if is_json and value is not None else value
                for (name, is_json), value in zip(columns, row, strict=True)
            }
            for row in cursor.fetchall()
        ]
        tables.append((table, rows))
        for row in rows:
            for key in keys:
                mine = str(row[key])
                if key != "organization_id" and re.fullmatch(r"[0-9a-f-]{36}", mine):
                    twin.real_ids[mine] = str(uuid5(twin.b.id, mine))
    waiting = [(table, row) for table, rows in tables for row in rows]
    while waiting:
        # What another row must be there for goes in with the next round.
        refused = [(table, row, why) for table, row in waiting if (why := _insert_shared(cursor, twin, table, row))]
        if len(refused) == len(waiting):
            twin.not_copied += [f"{table}: {why}" for table, _, why in refused]
            break
        waiting = [(table, row) for table, row, _ in refused]
    cursor.execute("RESET ROLE")


def _copy_staff(cursor: Any, twin: Twin) -> None:
    """Whoever looks into A has a namesake who looks into B: a person of the staff is in one place at a time."""
    cursor.execute(
        "SELECT DISTINCT staff_id FROM public.staff_supportgrant WHERE organization_id = %s", [str(twin.a.id)]
    )
    for (mine,) in cursor.fetchall():
        twin.real_ids[str(mine)] = str(uuid5(twin.b.id, str(mine)))
        cursor.execute(
            "INSERT INTO public.staff_staffaccount SELECT (jsonb_populate_record(a, jsonb_build_object("
            "'id', %s::text, 'email', 'twin-' || a.email))).* FROM public.staff_staffaccount a WHERE a.id = %s",
            [twin.real_ids[str(mine)], str(mine)],
        )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _insert_shared(cursor: Any, twin: Twin, table: str, row: dict[str, Any]) -> str:
    """Insert the copy of a row; return why it was refused, "" where it was not."""
    copy = {name: _reworded(twin, value) for name, value in row.items()}
    listed = ", ".join(f'"{name}"' for name in copy)
    try:
        cursor.execute(
            f'INSERT INTO public."{table}" ({listed}) VALUES ({", ".join(["%s"] * len(copy))})', list(copy.values())
        )
    except psycopg2.Error as refused:  # one row an organization: B has its own already
        return str(refused).splitlines()[0]
    twin.rows += 1
    return ""


def _reworded(twin: Twin, value: Any) -> Any:
    if isinstance(value, Json):
        return Json(_reworded_inside(twin, value.adapted))
    if isinstance(value, datetime):
        return value + timedelta(seconds=1)  # whoever asks for the newest of all meets B's
    if isinstance(value, UUID):
        return str(_reworded_inside(twin, str(value)))
    if isinstance(value, str | list):
        return _reworded_inside(twin, value)
    return value


def _reworded_inside(twin: Twin, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reworded_inside(twin, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_reworded_inside(twin, inner) for inner in value]
    if isinstance(value, str):
        changed: str = twin.hashes.get(value) or twin.translated(value)
        return changed.replace(f"canary-{twin.a.slug}", twin.canary).replace(str(twin.a.id), str(twin.b.id))
    return value
