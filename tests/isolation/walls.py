"""The walls themselves, tried directly: what no route may lean on, and what every route leans on.

Routes show that nothing crosses today. These show that each wall would hold if a route forgot: doors and schemas in
the database, cache keys, tokens, tasks, hosts, and code that is bound to nobody.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg2
from celery.exceptions import Ignore
from django.apps import apps
from django.core.cache import cache
from django.db import connection

import tenancy
from config.celery import app
from tenancy import TenantRecord, catalog, signing
from tenancy.models import SharedModel
from tenancy.tasks import HEADER, TenantTask
from tests.isolation import database
from tests.isolation.twin import Twin

Fault = str


class Unproved(str):
    """A trial that ended in an error: whether its wall holds nobody knows."""


def faults(twin: Twin) -> Iterator[Fault | None]:
    """Try each wall; yield what is wrong with it, or None where it holds."""
    for trial in (_schemas, _doors, _cache, _tokens, _tasks, _hosts, _unbound):
        try:
            yield from trial(twin.a, twin.b)
        except Exception as failed:  # noqa: BLE001 - the walk goes on, and says so
            connection.close()
            yield Unproved(f"{trial.__name__}: {failed!r}")


def _schemas(a: TenantRecord, b: TenantRecord) -> Iterator[Fault | None]:
    """A's role neither reads nor writes B's schema, by its full name."""
    for verb in (
        'SELECT 1 FROM "{}"._tenant',
        'DELETE FROM "{}".accounts_member',
        'SELECT 1 FROM "{}".accounts_member',
    ):
        yield _refused(a.db_role, verb.format(b.schema_name), f"A's role may: {verb.format('B')}")
    yield _refused(
        "r_platform", f'SELECT 1 FROM "{a.schema_name}".accounts_member', "the platform's role reads members"
    )


def _doors(a: TenantRecord, b: TenantRecord) -> Iterator[Fault | None]:
    """Each shared table shows A what its door declares, and of B nothing."""
    for model in sorted((m for m in apps.get_models() if issubclass(m, SharedModel)), key=lambda m: m._meta.db_table):
        table, door = f'public."{model._meta.db_table}"', model.tenant_door
        readable = door == "own_rows" and "SELECT" in model.door_verbs
        if not readable:
            yield _refused(a.db_role, f"SELECT 1 FROM {table} LIMIT 1", f"A reads {table}, whose door is {door}")
        else:
            theirs = f"SELECT count(*) FROM {table} WHERE organization_id = '{b.id}'"
            yield _none_seen(a, theirs, f"A sees B's rows of {table}")
            if "UPDATE" in model.door_verbs and model.door_update_columns:
                column = model.door_update_columns[0]
                change = f"UPDATE {table} SET {column} = {column} WHERE organization_id = '{b.id}'"
                yield _none_touched(a, change, f"A changes B's rows of {table}")
        if door == "none" or "DELETE" not in model.door_verbs or door == "append":
            yield _refused(a.db_role, f"DELETE FROM {table}", f"A deletes from {table}")
        if door == "none":
            yield _refused(a.db_role, f"UPDATE {table} SET {model._meta.pk.column} = NULL", f"A changes {table}")
        else:
            yield _forgery(model, table, a, b)


def _forgery(model: type[SharedModel], table: str, a: TenantRecord, b: TenantRecord) -> Fault | None:
    """A inserts a row in B's name: row security must refuse before any other rule does."""
    if model.tenant_door == "own_rows" and "INSERT" not in model.door_verbs:
        return _refused(a.db_role, f"INSERT INTO {table} DEFAULT VALUES", f"A inserts into {table}")
    columns, values = [], []
    for field in model._meta.concrete_fields:
        columns.append(f'"{field.column}"')
        values.append(f"'{b.id}'" if field.attname == "organization_id" else _some_value(field))
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(values)})"
    return _refused(a.db_role, statement, f"A writes in B's name into {table}")


def _some_value(field: Any) -> str:
    kind = field.get_internal_type()
    choices = [value for value, _ in (field.choices or [])]
    if choices:
        return f"'{choices[0]}'"
    if kind in ("UUIDField",):
        return f"'{uuid4()}'"
    if kind in ("DateTimeField", "DateField"):
        return "now()"
    if kind == "JSONField":
        return "'{}'"
    if kind == "BinaryField":
        return "'\\x00'"
    if kind == "BooleanField":
        return "false"
    if kind == "ArrayField":
        return "'{}'"
    if "Integer" in kind or kind in ("FloatField", "DecimalField"):
        return "1"
    return f"'{uuid4().hex[: min(12, field.max_length or 12)]}'"


def _cache(a: TenantRecord, b: TenantRecord) -> Iterator[Fault | None]:
    with tenancy.bind(b):
        cache.set("wall", "B's", 30)
    with tenancy.bind(a):
        yield _fault(cache.get("wall") is None, "A reads what B keeps in the cache")
        cache.set("wall", "A's", 30)
    with tenancy.platform():
        yield _fault(cache.get("wall") is None, "the platform reads what A keeps in the cache")
    with tenancy.bind(b):
        yield _fault(cache.get("wall") == "B's", "A overwrote what B keeps in the cache")
    cache_is_nobodys = _raises(lambda: cache.get("wall"), tenancy.NoTenantBound)
    yield _fault(cache_is_nobodys, "unbound code reads the cache")


def _tokens(a: TenantRecord, b: TenantRecord) -> Iterator[Fault | None]:
    with tenancy.bind(a):
        token = signing.dumps("A's", purpose="wall")
    for binding, name in ((tenancy.bind(b), "B"), (tenancy.platform(), "the platform")):
        with binding:
            refused = _raises(lambda: signing.loads(token, purpose="wall", max_age_seconds=60), signing.BadToken)
            yield _fault(refused, f"{name} accepts A's token")


def _tasks(a: TenantRecord, b: TenantRecord) -> Iterator[Fault | None]:
    """Every task of organizations: runs for whom it was sent, and not for nobody, the gone or an older self."""
    app.loader.import_default_modules()
    for task in [task for task in app.tasks.values() if isinstance(task, TenantTask)]:
        with tenancy.bind(b):  # whatever the worker did before
            yield _fault(_ran_for(task, f"{a.id}:{a.generation}") == a, f"{task.name} sent for A ran for another")
            for header, whose in (
                (None, "nobody"),
                (f"{uuid4()}:1", "an organization that is gone"),
                (f"{a.id}:{a.generation - 1}", "an older generation"),
            ):
                yield _fault(_ran_for(task, header) is None, f"{task.name} ran for {whose}")


def _ran_for(task: Any, header: str | None) -> TenantRecord | None:
    ran: list[TenantRecord | None] = []
    body = task.run
    task.run = lambda *args, **kwargs: ran.append(tenancy.current_or_none())
    task.push_request(headers={HEADER: header} if header else {})
    try:
        with contextlib.suppress(Ignore, tenancy.NoTenantBound, ValueError):
            task()
    finally:
        task.pop_request()
        task.run = body
    return ran[0] if ran else None


def _hosts(a: TenantRecord, b: TenantRecord) -> Iterator[Fault | None]:
    """Each host leads to its own organization, in whichever order they are asked; others lead nowhere."""
    catalog.forget_all()
    for record in (b, a, b, a):
        found = catalog.resolve(record.host)
        yield _fault(found is not None and found.tenant.id == record.id, f"{record.host} leads to another organization")
    for host in ("nobody-has-this.lms.localhost", f"x.{a.host}", a.host.split(".", 1)[1], "localhost", a.slug):
        yield _fault(catalog.resolve(host) is None, f"{host} leads to an organization")
    catalog.forget_all()


def _unbound(a: TenantRecord, b: TenantRecord) -> Iterator[Fault | None]:
    with tenancy.bind(a):
        connection.cursor().close()
    yield _fault(_raises(connection.cursor, tenancy.NoTenantBound), "unbound code gets a cursor")
    with connection.connection.cursor() as left:
        left.execute("SELECT pg_catalog.current_setting('role'), pg_catalog.current_setting('search_path')")
        yield _fault(left.fetchone() == ("none", '""'), "an ended binding leaves its role or path on the session")


# -- how a trial ends --------------------------------------------------------------------------------


def _fault(holds: bool, what: str) -> Fault | None:
    return None if holds else what


def _raises(call: Callable[[], Any], expected: type[Exception]) -> bool:
    try:
        call()
    except expected:
        return True
    return False


def _refused(role: str, statement: str, what: str) -> Fault | None:
    """The database refuses for want of a right: any other error would have come after the wall."""
    with database.undone(), tenancy.platform(), database.raw(role) as cursor:
        try:
            cursor.execute(f"SAVEPOINT trial; {statement}")
        except psycopg2.errors.InsufficientPrivilege:
            cursor.execute("ROLLBACK TO trial")
            return None
        except psycopg2.Error as other:
            cursor.execute("ROLLBACK TO trial")
            return f"{what} ({type(other).__name__})"
        return what


def _none_seen(a: TenantRecord, count: str, what: str) -> Fault | None:
    with database.undone(), tenancy.platform(), database.raw(a.db_role) as cursor:
        cursor.execute(count)
        return _fault(cursor.fetchone()[0] == 0, what)


def _none_touched(a: TenantRecord, change: str, what: str) -> Fault | None:
    with database.undone(), tenancy.platform(), database.raw(a.db_role) as cursor:
        cursor.execute(change)
        return _fault(cursor.rowcount == 0, what)
