"""The doors of shared tables, tried: what an organization may write and see there, and what it may forge."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

import tenancy
from core.ids import new_id
from tenancy import TenantRecord

_MESSAGE = (
    "INSERT INTO public.events_outboxmessage (id, organization_id, generation, type, payload, occurred_at)"
    " VALUES (%s, %s, 1, 'lms.test.thing.happened.v1', %s, now())"
)
_DELIVERY = (
    "INSERT INTO public.events_outboxdelivery (id, message_id, subscriber, organization_id, generation, type, payload,"
    " state, attempts, run_at, last_error) VALUES (%s, %s, 'test', %s, 1, 't', '{}', 'pending', 0, now(), '')"
)


def _run(statement: str, *values: object) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _message(of: UUID) -> int:
    return _run(_MESSAGE, str(new_id()), str(of), json.dumps({}))


def test_append_takes_own_rows_and_shows_none(acme: TenantRecord) -> None:
    assert _message(acme.id) == 1
    for statement in ("SELECT 1 FROM {}", "UPDATE {} SET type = 'x'", "DELETE FROM {}"):
        with pytest.raises(DatabaseError):
            _run(statement.format("public.events_outboxmessage"))


def test_append_refuses_a_forged_organization(acme: TenantRecord, globex: TenantRecord) -> None:
    with pytest.raises(DatabaseError):
        _message(globex.id)


def test_own_rows_shows_and_changes_own_rows_only(acme: TenantRecord, globex: TenantRecord) -> None:
    mine, theirs = str(new_id()), str(new_id())
    _run(_DELIVERY, mine, str(new_id()), str(acme.id))
    with tenancy.bind(globex):
        _run(_DELIVERY, theirs, str(new_id()), str(globex.id))
    assert _run("SELECT 1 FROM public.events_outboxdelivery WHERE id = %s", mine) == 1
    assert _run("SELECT 1 FROM public.events_outboxdelivery WHERE id = %s", theirs) == 0
    assert _run("SELECT 1 FROM public.events_outboxdelivery WHERE organization_id <> %s", str(acme.id)) == 0
    assert _run("UPDATE public.events_outboxdelivery SET state = 'done' WHERE id = %s", theirs) == 0
    assert _run("UPDATE public.events_outboxdelivery SET state = 'done' WHERE id = %s", mine) == 1


def test_own_rows_refuses_a_forged_organization(acme: TenantRecord, globex: TenantRecord) -> None:
    with pytest.raises(DatabaseError):
        _run(_DELIVERY, str(new_id()), str(new_id()), str(globex.id))


def test_own_rows_refuses_columns_that_are_not_named(acme: TenantRecord) -> None:
    for column, value in (("organization_id", str(new_id())), ("payload", "{}"), ("run_at", "2030-01-01")):
        with pytest.raises(DatabaseError):
            _run(f"UPDATE public.events_outboxdelivery SET {column} = %s", value)
    with pytest.raises(DatabaseError):
        _run("DELETE FROM public.events_outboxdelivery")


def test_a_role_that_is_no_organizations_has_no_rows(db: None) -> None:
    with tenancy.platform(), pytest.raises(DatabaseError):
        _run("SELECT public.tenancy_org_id()")


def test_the_lookup_cannot_be_pointed_elsewhere(acme: TenantRecord, globex: TenantRecord) -> None:
    """A table of the same name earlier on the path, or a changed setting, does not change who the database sees."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT public.tenancy_org_id()")
        assert str(cursor.fetchone()[0]) == str(acme.id)
        cursor.execute("SELECT set_config('search_path', 'pg_temp', true)")
        cursor.execute("SELECT public.tenancy_org_id()")
        assert str(cursor.fetchone()[0]) == str(acme.id)
        transaction.set_rollback(True)
