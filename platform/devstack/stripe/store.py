"""What the local Stripe remembers, in one SQLite file: each request is one transaction, so a kill leaves it whole."""

from __future__ import annotations

import contextlib
import json
import secrets
import sqlite3
import string
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from devstack.stripe.errors import missing

Object = dict[str, Any]
"""As the API shows it. Names that begin with ``_`` are ours and never leave."""

_LETTERS = string.ascii_letters + string.digits
_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, customer TEXT, due INTEGER,
  body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_kind ON objects (kind, customer, seq);
CREATE INDEX IF NOT EXISTS objects_due ON objects (due, seq) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS keys (
  key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, made_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS usage (
  identifier TEXT PRIMARY KEY, meter TEXT NOT NULL, customer TEXT NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS usage_of ON usage (meter, customer, at);
CREATE TABLE IF NOT EXISTS deliveries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL, attempts INTEGER NOT NULL,
  next_at REAL, status INTEGER, said TEXT NOT NULL DEFAULT '', done_at REAL);
CREATE INDEX IF NOT EXISTS deliveries_next ON deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Store:
    """One file, one writer at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._connection = sqlite3.connect(folder / "stripe.sqlite3", check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(_SCHEMA)
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Ledger]:
        """All of it or nothing."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Ledger(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


class Ledger:
    """The objects, inside one transaction. ``at`` is the clock's time while it is being advanced."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.sql = connection
        self.at: int | None = None
        self.request: dict[str, Any] = {"id": None, "idempotency_key": None}

    # time

    def now(self) -> int:
        """The clock's time, in seconds since 1970."""
        if self.at is not None:
            return self.at
        frozen = self.setting("frozen")
        return int(frozen) if frozen else int(time.time()) + int(self.setting("ahead") or 0)

    def set_now(self, moment: int) -> None:
        """Turn the clock to this moment, from which it goes on (or stands, where it is frozen)."""
        if self.setting("frozen"):
            self.set("frozen", str(moment))
        else:
            self.set("ahead", str(moment - int(time.time())))

    # settings

    def setting(self, name: str) -> str:
        row = self.sql.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return str(row["value"]) if row else ""

    def set(self, name: str, value: str) -> None:
        self.sql.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    # objects

    def find(self, object_id: str) -> Object | None:
        row = self.sql.execute("SELECT body FROM objects WHERE id = ?", (object_id,)).fetchone()
        return json.loads(row["body"]) if row else None

    def get(self, kind: str, object_id: str, param: str = "id") -> Object:
        """One object.

        Raises:
            StripeError: there is none of this kind.
        """
        found = self.find(object_id)
        if found is None or found["object"] != kind or found.get("deleted"):
            raise missing(kind.rpartition(".")[2], object_id, param)
        return found

    def put(self, found: Object) -> Object:
        """Write it, new or changed. ``_due`` says when the clock has something to do with it."""
        columns = (found["object"], _id(found.get("customer")), found.get("_due"), json.dumps(found), found["id"])
        changed = self.sql.execute("UPDATE objects SET kind = ?, customer = ?, due = ?, body = ? WHERE id = ?", columns)
        if changed.rowcount == 0:
            self.sql.execute("INSERT INTO objects (kind, customer, due, body, id) VALUES (?, ?, ?, ?, ?)", columns)
        return found

    def all(
        self, kind: str, *, customer: str | None = None, where: Callable[[Object], bool] = lambda found: True
    ) -> list[Object]:
        """Every object of a kind, the newest first."""
        query, values = "SELECT body FROM objects WHERE kind = ?", [kind]
        if customer is not None:
            query, values = f"{query} AND customer = ?", [kind, customer]
        rows = self.sql.execute(f"{query} ORDER BY seq DESC", values)
        found = (json.loads(row["body"]) for row in rows)
        return [each for each in found if not each.get("deleted") and where(each)]

    def next_due(self, until: int) -> Object | None:
        """What is due first, up to that moment."""
        row = self.sql.execute("SELECT body FROM objects WHERE due <= ? ORDER BY due, seq LIMIT 1", (until,)).fetchone()
        return json.loads(row["body"]) if row else None

    @contextlib.contextmanager
    def tried(self) -> Iterator[None]:
        """Everything in the block is taken back at its end: for previews, which are the real thing not kept."""
        self.sql.execute("SAVEPOINT tried")
        try:
            yield
        finally:
            self.sql.execute("ROLLBACK TO tried")
            self.sql.execute("RELEASE tried")


def new_id(prefix: str, length: int = 24) -> str:
    """An id as Stripe's look."""
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(length))}"


def shown(value: Any) -> Any:
    """Without what is ours."""
    if isinstance(value, dict):
        return {name: shown(below) for name, below in value.items() if not name.startswith("_")}
    return [shown(below) for below in value] if isinstance(value, list) else value


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def id_of(value: Any) -> str | None:
    """The id of what may be an object or its id."""
    return value["id"] if isinstance(value, dict) else value


def list_of(url: str, data: list[Any]) -> Object:
    """A list that has it all."""
    return {"object": "list", "data": data, "has_more": False, "url": url}
