"""Looking for what is left of an organization: every column of every shared table, the store, the cache, the mailbox.

A proof, not a promise: it searches by what an organization can be known by, and says where it found how much.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection
from psycopg2 import sql

import tenancy
from core.objects import object_store
from tenancy.doors import shared_models
from tenants.archive import keys, mailbox


@dataclass(frozen=True, slots=True)
class Needles:
    """What an organization can be known by, searched without regard to case.

    Ids and hosts are nobody else's: what names them is a trace, wherever it is. Words may be another's too (a person
    can be in two organizations, two can have one name): they are a trace only where the row says whose it is.
    """

    organization_id: UUID
    schema_name: str
    db_role: str
    hosts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()  # its name, addresses of its people

    def ids(self) -> list[str]:
        """Return what names nothing else."""
        return [str(self.organization_id), self.schema_name, self.db_role]

    def own(self) -> str:
        """Return one regular expression for ids and hosts, as PostgreSQL and Python both read it.

        ``acme.example`` is neither in ``notacme.example`` nor in ``acme.example.org``.
        """
        hosts = [rf"(^|[^a-z0-9.-]){re.escape(host)}($|[^a-z0-9.-]|\.($|[^a-z0-9]))" for host in self.hosts]
        return "|".join([*map(re.escape, self.ids()), *hosts])

    def theirs(self) -> str:
        """Return one for words; it matches nothing where there are none."""
        return "|".join(rf"(^|[^a-z0-9]){re.escape(word)}($|[^a-z0-9])" for word in self.words) or "^$a"


def search(needles: Needles) -> dict[str, Any]:
    """Search every store; return what was found where. ``left`` counts what should not be there.

    Runs as the owning login, on the platform.
    """
    kept, elsewhere = _rows(needles)
    found: dict[str, Any] = {
        "schemas": _schemas(needles),
        "roles": _roles(needles),
        "rows": elsewhere,
        "objects": sum(1 for _ in _objects(needles.organization_id)),
        "cache": sum(1 for _ in cache_entries(needles)),
        "mails": mailbox.count(mailbox.about(needles.hosts, str(needles.organization_id), needles.words)),
    }
    found["left"] = len(found["schemas"]) + len(found["roles"]) + sum(elsewhere.values())
    found["left"] += found["objects"] + found["cache"] + (found["mails"] or 0)
    found["kept"] = kept
    return found


def _rows(needles: Needles) -> tuple[dict[str, Any], dict[str, int]]:
    """Return rows that name the organization: in tables that keep theirs (with the reason), and in all others."""
    reasons = {model._meta.db_table: model.kept for model in shared_models() if model.kept}
    kept: dict[str, Any] = {}
    elsewhere: dict[str, int] = {}
    with tenancy.schema_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tablename, EXISTS (SELECT 1 FROM information_schema.columns c WHERE c.table_schema = 'public'"
            " AND c.table_name = t.tablename AND c.column_name = 'organization_id')"
            " FROM pg_tables t WHERE t.schemaname = 'public' ORDER BY 1"
        )
        for table, says_whose in cursor.fetchall():
            # The whole row as text: no column is forgotten, whatever its type.
            # Where a row says whose it is, what another organization wrote into its own is no trace.
            if says_whose:
                where = "(organization_id IS NULL OR organization_id = %s) AND (t::text ~* %s OR t::text ~* %s)"
                values: tuple[UUID | str, ...] = (needles.organization_id, needles.own(), needles.theirs())
            else:
                where, values = "t::text ~* %s", (needles.own(),)
            statement = sql.SQL("SELECT count(*) FROM {} t WHERE " + where)  # noqa: S608 - ours
            cursor.execute(statement.format(sql.Identifier("public", table)), values)
            if count := int(cursor.fetchone()[0]):
                if table in reasons:
                    kept[table] = {"rows": count, "why": reasons[table]}
                else:
                    elsewhere[table] = count
    return kept, elsewhere


def _schemas(needles: Needles) -> list[str]:
    return _catalogue(
        "SELECT nspname FROM pg_namespace WHERE nspname = %s OR nspname = %s",
        [needles.schema_name, f"restore_{needles.schema_name[2:]}"],
    )


def _roles(needles: Needles) -> list[str]:
    return _catalogue("SELECT rolname FROM pg_roles WHERE rolname = %s", [needles.db_role])


def _catalogue(statement: str, values: list[str]) -> list[str]:
    with tenancy.schema_owner(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [name for (name,) in cursor.fetchall()]


def _objects(organization_id: UUID) -> Iterator[str]:
    for prefix in (keys.private(organization_id), keys.public(organization_id)):
        yield from (found.key for found in object_store().list(prefix))


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """Something in Redis that names the organization. ``member`` is what of a list or hash does."""

    key: bytes
    kind: str
    member: bytes = b""
    task: str = ""


def cache() -> Any:
    """Return the cache and broker."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=10, socket_connect_timeout=2)


def cache_entries(needles: Needles) -> Iterator[CacheEntry]:
    """Yield what in Redis names the organization: keys, values, and messages in queues, their packed bodies too."""
    wanted = re.compile(needles.own().encode(), re.IGNORECASE)
    link = cache()
    for key in link.scan_iter(count=1000):
        if wanted.search(key):
            yield CacheEntry(key, "key")
            continue
        kind = link.type(key)
        if kind == b"string" and wanted.search(link.get(key) or b""):
            yield CacheEntry(key, "key")
        elif kind == b"list":
            for member in link.lrange(key, 0, -1):
                message = _message(member)
                if wanted.search(member) or wanted.search(message[1]):
                    yield CacheEntry(key, "list", member, message[0])
        elif kind == b"hash":
            for name, value in link.hscan_iter(key):
                message = _message(value)
                if wanted.search(name) or wanted.search(value) or wanted.search(message[1]):
                    yield CacheEntry(key, "hash", name, message[0])
        elif kind in (b"set", b"zset"):
            members: Any = link.sscan_iter(key) if kind == b"set" else (pair[0] for pair in link.zscan_iter(key))
            for member in members:
                if wanted.search(member):
                    yield CacheEntry(key, kind.decode(), member)


def remove(entry: CacheEntry) -> int:
    """Remove an entry; return how many things went."""
    link = cache()
    if entry.kind == "key":
        return int(link.delete(entry.key))
    if entry.kind == "list":
        return int(link.lrem(entry.key, 0, entry.member))
    if entry.kind == "hash":
        return int(link.hdel(entry.key, entry.member))
    return int(link.srem(entry.key, entry.member) if entry.kind == "set" else link.zrem(entry.key, entry.member))


def _message(raw: bytes) -> tuple[str, bytes]:
    """Return (task, unpacked body) of a queue's message; empty where it is none."""
    try:
        found = json.loads(raw)
        message = found[0] if isinstance(found, list) else found
        return str(message["headers"].get("task", "")), base64.b64decode(message["body"], validate=True)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, binascii.Error):
        return "", b""
