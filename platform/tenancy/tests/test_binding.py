"""A connection is unbound, the platform's or one organization's: never anything else, and never by accident."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction

import tenancy
from core.errors import NotFound
from tenancy import TenantRecord
from tenancy.binding import is_platform
from tenancy.postgresql.base import TenantUnavailable, WrongSchema
from tenancy.tests.conftest import Owner
from tests.support import plugin


def _where() -> tuple[Any, ...]:
    """Return (role, first schema on the path, whose stamp) as the database sees them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_schema()")
        role, schema = cursor.fetchone()
        if schema == "public":
            return role, schema, None
        cursor.execute("SELECT organization_id FROM _tenant")
        return role, schema, str(cursor.fetchone()[0])


def _expected(record: TenantRecord) -> tuple[str, str, str]:
    return record.db_role, record.schema_name, str(record.id)


def test_unbound_code_gets_no_cursor(db: None) -> None:
    with pytest.raises(tenancy.NoTenantBound):
        connection.cursor()
    with pytest.raises(tenancy.NoTenantBound):
        tenancy.current()
    assert tenancy.current_or_none() is None


def test_a_binding_is_one_organizations_schema_role_and_stamp(acme: TenantRecord) -> None:
    assert _where() == _expected(acme)
    assert tenancy.current() == acme
    assert not is_platform()


def test_the_platform_is_the_shared_schema(db: None) -> None:
    with tenancy.platform():
        assert _where() == ("r_platform", "public", None)
        assert is_platform()
        assert tenancy.current_or_none() is None


def test_bindings_nest_and_return(acme: TenantRecord, globex: TenantRecord) -> None:
    with tenancy.platform():
        assert _where()[0] == "r_platform"
        with tenancy.bind(globex):
            assert _where() == _expected(globex)
        assert _where()[0] == "r_platform"
    assert _where() == _expected(acme)


def test_an_organization_is_bound_by_its_id(db: None, globex: TenantRecord) -> None:
    with tenancy.bind(globex.id) as record:
        assert (record.id, record.schema_name) == (globex.id, globex.schema_name)
        assert _where() == _expected(globex)


def test_an_organization_that_is_not_there_is_not_bound(db: None) -> None:
    with pytest.raises(NotFound), tenancy.bind(uuid4()):
        pytest.fail("bound")


def test_an_error_inside_a_binding_ends_it(db: None, globex: TenantRecord) -> None:
    with contextlib.suppress(ZeroDivisionError), tenancy.bind(globex):
        _where()
        raise ZeroDivisionError
    assert tenancy.current_or_none() is None


def test_a_thread_starts_unbound(acme: TenantRecord) -> None:
    seen: list[Any] = []

    def work() -> None:
        try:
            connection.cursor()
        except tenancy.NoTenantBound as refused:
            seen.append(refused)
        seen.append(tenancy.current_or_none())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert isinstance(seen[0], tenancy.NoTenantBound)
    assert seen[1] is None


def test_a_schema_with_another_organizations_stamp_is_refused(db: None, world: Any) -> None:
    acme, globex = (world.organizations[name] for name in ("acme", "globex"))
    moved_by_mistake = replace(acme, schema_name=globex.schema_name, db_role=globex.db_role)
    with tenancy.bind(moved_by_mistake), pytest.raises(WrongSchema):
        connection.cursor()


def test_a_schema_without_a_stamp_is_refused(autocommit: None, world: Any, owner: Owner) -> None:
    acme = world.organizations["acme"]
    owner(f'CREATE SCHEMA "t_nostamp"; GRANT USAGE ON SCHEMA "t_nostamp" TO "{acme.db_role}"')
    try:
        with tenancy.bind(replace(acme, schema_name="t_nostamp")), pytest.raises(TenantUnavailable):
            connection.cursor()
    finally:
        owner("DROP SCHEMA t_nostamp CASCADE")


def test_a_schema_that_is_missing_does_not_fall_through_to_the_shared_one(autocommit: None, world: Any) -> None:
    gone = replace(world.organizations["acme"], schema_name="t_neverwasthere")
    with tenancy.bind(gone), pytest.raises(TenantUnavailable):
        connection.cursor()


def test_a_role_that_is_missing_is_refused(autocommit: None, world: Any) -> None:
    gone = replace(world.organizations["acme"], db_role="r_neverwasthere")
    with tenancy.bind(gone), pytest.raises(TenantUnavailable):
        connection.cursor()


def test_taking_the_role_away_suspends_in_the_database(autocommit: None, world: Any, owner: Owner) -> None:
    acme = world.organizations["acme"]
    owner(f'REVOKE "{acme.db_role}" FROM lms_app')
    try:
        with tenancy.bind(acme), pytest.raises(TenantUnavailable):
            connection.cursor()
    finally:
        owner(f'GRANT "{acme.db_role}" TO lms_app WITH INHERIT FALSE, SET TRUE')
    with tenancy.bind(acme):
        assert _where() == _expected(acme)


def test_another_organizations_table_is_closed_by_name_too(acme: TenantRecord, globex: TenantRecord) -> None:
    for verb in ("SELECT 1 FROM {}", "DELETE FROM {}", "INSERT INTO {} VALUES (gen_random_uuid())"):
        with pytest.raises(ProgrammingError) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(verb.format(f'"{globex.schema_name}"._tenant'))
        assert isinstance(refused.value.__cause__, psycopg2.errors.InsufficientPrivilege)


def test_an_organization_cannot_change_its_own_stamp(acme: TenantRecord) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE _tenant SET organization_id = gen_random_uuid()")


@pytest.mark.parametrize(
    "table", ["tenants_organization", "tenants_domain", "tenants_signup", "tenants_handover", "media_signingkey"]
)
def test_closed_shared_tables_are_closed_to_an_organization(acme: TenantRecord, table: str) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM public.{table}")


def test_the_platform_reads_no_organizations_table(db: None, globex: TenantRecord) -> None:
    with tenancy.platform(), pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'SELECT 1 FROM "{globex.schema_name}"._tenant')


def test_an_organization_creates_nothing(acme: TenantRecord) -> None:
    for what in ("TABLE mine (id int)", "TABLE public.mine ()", "SCHEMA mine", "ROLE mine", "EXTENSION citext"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE {what}")


def test_an_undone_transaction_leaves_the_right_organization(autocommit: None, world: Any) -> None:
    for record in world.organizations.values():
        with tenancy.bind(record):
            with contextlib.suppress(ZeroDivisionError), transaction.atomic():
                assert _where() == _expected(record)
                raise ZeroDivisionError
            assert _where() == _expected(record)


def test_an_undone_savepoint_leaves_the_right_organization(autocommit: None, world: Any) -> None:
    for record in world.organizations.values():
        with tenancy.bind(record), transaction.atomic():
            with contextlib.suppress(ZeroDivisionError), transaction.atomic():
                assert _where() == _expected(record)
                raise ZeroDivisionError
            assert _where() == _expected(record)


def test_a_failed_statement_leaves_the_right_organization(autocommit: None, world: Any) -> None:
    for record in world.organizations.values():
        with tenancy.bind(record):
            with pytest.raises(ProgrammingError), connection.cursor() as cursor:
                cursor.execute("SELECT * FROM never_was_there")
            assert _where() == _expected(record)


def test_binding_inside_a_transaction_is_refused(autocommit: None, world: Any) -> None:
    acme, globex = (world.organizations[name] for name in ("acme", "globex"))
    with tenancy.bind(acme), transaction.atomic():
        with pytest.raises(tenancy.BindingInsideTransaction), tenancy.bind(globex):
            pytest.fail("bound")
        with pytest.raises(tenancy.BindingInsideTransaction), tenancy.platform():
            pytest.fail("bound")
        with tenancy.bind(acme):  # the same again changes nothing
            assert _where() == _expected(acme)


def test_an_ended_binding_leaves_nothing_on_the_session(autocommit: None, world: Any) -> None:
    with tenancy.bind(world.organizations["acme"]):
        _where()
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role'), current_setting('search_path')")
        assert cursor.fetchone() == ("none", '""')
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(f'SELECT 1 FROM "{world.organizations["acme"].schema_name}"._tenant')


def test_a_connection_that_broke_comes_back_bound(autocommit: None, world: Any) -> None:
    acme = world.organizations["acme"]
    with tenancy.bind(acme):
        assert _where() == _expected(acme)
        with socket.socket(fileno=os.dup(connection.connection.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)
        with pytest.raises(OperationalError):
            _where()
        connection.close_if_unusable_or_obsolete()
        assert _where() == _expected(acme)


def test_after_the_server_ended_the_session_the_next_request_works(autocommit: None, world: Any) -> None:
    """Cut while idle, and inside a transaction: only the statement that was cut fails."""
    acme, globex = (world.organizations[name] for name in ("acme", "globex"))

    def cut() -> None:
        pid = connection.connection.get_backend_pid()
        with psycopg2.connect(plugin.stack["LMS_DATABASE_URL"]) as link, link.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            assert cursor.fetchone() == (True,)

    def fails_inside_a_transaction() -> None:
        with transaction.atomic():
            _where()
            cut()
            _where()

    with tenancy.bind(acme):
        _where()
    cut()
    connection.close_if_unusable_or_obsolete()  # what Django does as a request begins
    with tenancy.bind(acme):
        assert _where() == _expected(acme)
        with pytest.raises(OperationalError):
            fails_inside_a_transaction()
    connection.close_if_unusable_or_obsolete()
    with tenancy.bind(globex):
        assert _where() == _expected(globex)


def test_threads_that_share_nothing_never_meet(autocommit: None, world: Any, django_db_blocker: Any) -> None:
    """Six threads change organization all the time, each on its own connection: every statement meets the right one."""
    wrong: list[Any] = []

    def work(records: list[TenantRecord]) -> None:
        try:
            for turn in range(40):
                record = records[turn % len(records)]
                with tenancy.bind(record):
                    if turn % 3 == 0:
                        with transaction.atomic():
                            _where()
                            transaction.set_rollback(True)
                    if _where() != _expected(record):
                        wrong.append(record)
        except Exception as failed:  # noqa: BLE001 - the test's own thread tells
            wrong.append(failed)
        finally:
            connection.close()

    records = list(world.organizations.values())
    threads = [threading.Thread(target=work, args=(records[n % 2 :] + records[: n % 2],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_generator_that_outlives_its_binding_gets_no_rows_of_another(autocommit: None, world: Any) -> None:
    """A query set made for one organization and read under another reads the other's rows, never a mix."""
    from django.contrib.auth import get_user_model

    acme, globex = (world.organizations[name] for name in ("acme", "globex"))
    with tenancy.bind(acme):
        rows = get_user_model().objects.all()
    with pytest.raises(tenancy.NoTenantBound):
        list(rows)
    with tenancy.bind(globex):
        assert {person.email.rpartition("@")[2] for person in rows.all()} == {"globex.example"}
