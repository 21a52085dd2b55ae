"""What a schema consists of, as the catalogue has it: compared with what its template makes.

Names of the schema and of the organization's role read as the template's tokens, so that two schemas compare. The order
of columns does not count, nor who owns what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

from tenants.schema.template import ROLE_TOKEN, SCHEMA_TOKEN

# One line for each thing that a schema holds: its kind and name, and all that is declared of it.
_THINGS = """
SELECT n.nspname, w.role, 'table' AS kind, c.relname::text AS name,
       concat_ws(' ', c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
                 c.reloptions::text) AS words
FROM wanted w JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid
WHERE c.relkind <> 'i'
UNION ALL
SELECT n.nspname, w.role, 'column', c.relname || '.' || a.attname,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
                 pg_get_expr(d.adbin, d.adrelid))
FROM wanted w JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'v', 'm')
UNION ALL
SELECT n.nspname, w.role, 'index', c.relname::text, concat_ws(' ', pg_get_indexdef(c.oid), i.indisvalid)
FROM wanted w JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid
JOIN pg_index i ON i.indexrelid = c.oid
UNION ALL
SELECT n.nspname, w.role, 'constraint', concat_ws('.', r.relname, k.conname),
       concat_ws(' ', pg_get_constraintdef(k.oid), k.convalidated)
FROM wanted w JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_constraint k ON k.connamespace = n.oid
LEFT JOIN pg_class r ON r.oid = k.conrelid
UNION ALL
SELECT n.nspname, w.role, 'trigger', c.relname || '.' || t.tgname, concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
FROM wanted w JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid
JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
UNION ALL
SELECT n.nspname, w.role, 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid)
FROM wanted w JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_proc p ON p.pronamespace = n.oid
UNION ALL
SELECT n.nspname, w.role, 'grant', concat_ws(' ', 'schema to', g.rolname),
       string_agg(acl.privilege_type, ',' ORDER BY acl.privilege_type)
FROM wanted w JOIN pg_namespace n ON n.nspname = w.schema, aclexplode(n.nspacl) acl
LEFT JOIN pg_roles g ON g.oid = acl.grantee
WHERE acl.grantee <> n.nspowner
GROUP BY n.nspname, w.role, g.rolname
UNION ALL
SELECT n.nspname, w.role, 'grant', concat_ws(' ', c.relname, 'to', g.rolname),
       string_agg(acl.privilege_type, ',' ORDER BY acl.privilege_type)
FROM wanted w JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid,
     aclexplode(c.relacl) acl LEFT JOIN pg_roles g ON g.oid = acl.grantee
WHERE acl.grantee <> c.relowner
GROUP BY n.nspname, w.role, c.relname, g.rolname
UNION ALL
SELECT n.nspname, w.role, 'grant', concat_ws(' ', c.relname || '.' || a.attname, 'to', g.rolname),
       string_agg(acl.privilege_type, ',' ORDER BY acl.privilege_type)
FROM wanted w JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND a.attacl IS NOT NULL,
     aclexplode(a.attacl) acl LEFT JOIN pg_roles g ON g.oid = acl.grantee
WHERE acl.grantee <> c.relowner
GROUP BY n.nspname, w.role, c.relname, a.attname, g.rolname
UNION ALL
SELECT n.nspname, w.role, 'grant', concat_ws(' ', p.proname, 'to', coalesce(g.rolname, 'public')),
       string_agg(acl.privilege_type, ',' ORDER BY acl.privilege_type)
FROM wanted w JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_proc p ON p.pronamespace = n.oid,
     aclexplode(p.proacl) acl LEFT JOIN pg_roles g ON g.oid = acl.grantee
WHERE acl.grantee <> p.proowner
GROUP BY n.nspname, w.role, p.proname, g.rolname
"""
_WANTED = "WITH wanted (schema, role) AS (SELECT * FROM unnest(%s::name[], %s::name[])), things AS ("
# The role first: its name may hold the schema's.
_PLAIN = "replace(replace({}, role, %s), nspname, %s)"
_NAME, _WORDS = _PLAIN.format("name"), _PLAIN.format("words")
_HASHES = f"""{_WANTED}{_THINGS})
SELECT nspname, md5(string_agg(line, E'\\n' ORDER BY line COLLATE "C")) FROM (
  SELECT nspname, concat_ws(' ', kind, {_NAME}, {_WORDS}) AS line FROM things
) lines GROUP BY nspname
"""  # noqa: S608 - constants of this module
_LINES = f"{_WANTED}{_THINGS}) SELECT kind || ' ' || {_NAME}, {_WORDS} FROM things"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema and the role that works in it."""

    name: str
    role: str


def hashes(connection: BaseDatabaseWrapper, schemas: Sequence[Schema]) -> dict[str, str]:
    """Return one hash a schema, of all that it holds. A schema that is not there is left out."""
    return dict(_asked(connection, _HASHES, schemas))


def things(connection: BaseDatabaseWrapper, schema: Schema) -> dict[str, str]:
    """Return what a schema holds: {"column accounts_member.email": "character varying(254) t"}."""
    return dict(_asked(connection, _LINES, [schema]))


def differences(expected: dict[str, str], found: dict[str, str]) -> list[str]:
    """Return, a line each, what is missing, what is there beside, and what is otherwise."""
    lines = [f"missing: {name}" for name in expected.keys() - found.keys()]
    lines += [f"beside: {name}" for name in found.keys() - expected.keys()]
    both = expected.keys() & found.keys()
    lines += [f"otherwise: {name}: {found[name]}" for name in both if expected[name] != found[name]]
    return sorted(lines)


def _asked(connection: BaseDatabaseWrapper, statement: str, schemas: Sequence[Schema]) -> list[tuple[str, str]]:
    names, roles = [schema.name for schema in schemas], [schema.role for schema in schemas]
    tokens = [ROLE_TOKEN, SCHEMA_TOKEN] * 2
    with connection.cursor() as cursor:
        cursor.execute(statement, [names, roles, *tokens])
        return list(cursor.fetchall())
