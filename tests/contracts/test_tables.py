"""What the models declare is what the database has: schemas, doors, grants, policies, keys and the table budget."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest
from django.apps import apps

from tenancy import wall
from tenancy.doors import platform_verbs, shared_models
from tenancy.models import SharedModel, TenantModel
from tenants.cells import shared
from tests.support import plugin

TABLES_NOW, TABLES_EVER, INDEXES_EVER = 45, 80, 240
# Tables of Django and allauth in each organization's schema.
LIBRARIES_IN_TENANT = ("auth", "sessions", "account", "mfa", "usersessions")


@pytest.fixture(scope="module")
def ask(world: Any) -> Any:
    """Ask the live catalogue as the owner."""
    link = psycopg2.connect(plugin.owner["LMS_OWNER_DATABASE_URL"])
    link.autocommit = True

    def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with link.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    yield run
    link.close()


@pytest.fixture(scope="module")
def acme(world: Any) -> Any:
    return world.organizations["acme"]


def _tables(ask: Any, schema: str) -> set[str]:
    return {name for (name,) in ask("SELECT tablename FROM pg_tables WHERE schemaname = %s", schema)}


def _tenant_models() -> list[type[TenantModel]]:
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


def _library_tables() -> set[str]:
    return {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in LIBRARIES_IN_TENANT and model._meta.managed
    }


def test_every_model_of_ours_says_which_schema_it_lives_in() -> None:
    for model in apps.get_models():
        folder = model.__module__.split(".")[0]
        if folder == "apps":
            assert issubclass(model, TenantModel), model
        elif folder in ("tenants", "events", "billing", "media", "staff", "core", "tenancy", "config"):
            assert issubclass(model, SharedModel), model
        else:
            assert model._meta.app_label in (*LIBRARIES_IN_TENANT, "contenttypes"), model


def test_tables_of_apps_are_in_the_organizations_schema_and_nowhere_else(ask: Any, acme: Any) -> None:
    ours = {model._meta.db_table for model in _tenant_models()}
    assert ours <= _tables(ask, acme.schema_name)
    assert ours & _tables(ask, "public") == set()


def test_tables_of_the_platform_are_shared_and_nowhere_else(ask: Any, acme: Any) -> None:
    ours = {model._meta.db_table for model in shared_models()}
    assert ours <= _tables(ask, "public")
    assert ours & _tables(ask, acme.schema_name) == set()


def test_every_table_of_organizations_says_whether_its_rows_move_to_another_cell(ask: Any) -> None:
    assert shared.undeclared() == []
    found = ask(
        "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE t.tgname = %s AND c.relnamespace = 'public'::regnamespace",
        wall.TRIGGER,
    )
    assert {name for (name,) in found} == {model._meta.db_table for model in shared_models() if model.moves}


def test_no_table_of_an_organization_has_a_shared_namesake(ask: Any, acme: Any) -> None:
    assert _tables(ask, acme.schema_name) & _tables(ask, "public") == set()


def test_the_schema_holds_nothing_that_no_model_declares(ask: Any, acme: Any) -> None:
    declared = {model._meta.db_table for model in _tenant_models()} | _library_tables() | {"_tenant"}
    assert _tables(ask, acme.schema_name) - declared == set()


def test_both_organizations_have_the_same_schema(ask: Any, world: Any) -> None:
    shapes = [
        ask(
            "SELECT table_name, column_name, data_type, is_nullable, character_maximum_length"
            " FROM information_schema.columns WHERE table_schema = %s ORDER BY 1, 2",
            record.schema_name,
        )
        for record in world.organizations.values()
    ]
    assert shapes[0] == shapes[1] != []


def test_no_key_leads_from_an_organization_to_the_shared_schema_or_back(ask: Any) -> None:
    crossing = ask(
        "SELECT c.conrelid::regclass::text, c.conname FROM pg_constraint c"
        " JOIN pg_class t ON t.oid = c.confrelid WHERE c.contype = 'f' AND t.relnamespace <> c.connamespace"
    )
    assert crossing == []


def test_the_table_budget_holds(ask: Any, acme: Any) -> None:
    tables = len(_tables(ask, acme.schema_name))
    (indexes,) = ask("SELECT count(*) FROM pg_indexes WHERE schemaname = %s", acme.schema_name)[0]
    assert tables <= TABLES_NOW <= TABLES_EVER
    assert indexes <= INDEXES_EVER


@pytest.mark.parametrize("model", _tenant_models(), ids=lambda model: model._meta.label)
def test_every_table_of_an_organization_says_what_becomes_of_its_rows(model: type[TenantModel]) -> None:
    for attribute in ("pii", "export", "erase"):
        assert str(getattr(model, attribute, "")).strip(), f"{model._meta.label}.{attribute}"


def _verbs(ask: Any, role: str, table: str) -> set[str]:
    return {
        verb
        for verb in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
        if ask("SELECT has_table_privilege(%s, %s, %s)", role, table, verb)[0][0]
    }


def test_an_organization_works_with_its_rows_and_may_not_change_facts(ask: Any, acme: Any) -> None:
    for model in _tenant_models():
        table = f'{acme.schema_name}."{model._meta.db_table}"'
        assert _verbs(ask, acme.db_role, table) == set(model.granted()), model


def test_facts_are_there_to_be_kept() -> None:
    assert [model for model in _tenant_models() if model.immutable]


def test_the_stamp_is_read_only(ask: Any, acme: Any) -> None:
    assert _verbs(ask, acme.db_role, f"{acme.schema_name}._tenant") == {"SELECT"}


def test_an_organizations_role_reaches_no_other_schema(ask: Any, world: Any) -> None:
    for mine in world.organizations.values():
        for other in world.organizations.values():
            (enters,) = ask("SELECT has_schema_privilege(%s, %s, 'USAGE')", mine.db_role, other.schema_name)[0]
            assert enters is (mine is other)
            (creates,) = ask("SELECT has_schema_privilege(%s, %s, 'CREATE')", mine.db_role, other.schema_name)[0]
            assert creates is False


def test_roles_of_organizations_are_no_logins_and_members_of_one_group(ask: Any, world: Any) -> None:
    for record in world.organizations.values():
        row = ask(
            "SELECT rolcanlogin, rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = %s", record.db_role
        )
        assert row == [(False, False, False, False)]
        groups = ask(
            "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid"
            " JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = %s",
            record.db_role,
        )
        assert groups == [("tenant_any",)]


def test_the_applications_login_owns_nothing_and_inherits_nothing(ask: Any) -> None:
    assert ask(
        "SELECT rolinherit, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = 'lms_app'"
    ) == [(False, False, False, False, False)]
    assert ask("SELECT count(*) FROM pg_class WHERE relowner = 'lms_app'::regrole") == [(0,)]
    inheriting = ask("SELECT count(*) FROM pg_auth_members WHERE member = 'lms_app'::regrole AND inherit_option")
    assert inheriting == [(0,)]


def test_the_edges_login_reads_public_keys_and_nothing_else(ask: Any) -> None:
    may = "SELECT has_column_privilege('lms_edge', %s::regclass, %s, %s)"
    columns = ask("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")
    read = {(table, name) for table, name in columns if ask(may, f'public."{table}"', name, "SELECT")[0][0]}
    assert {table for table, _ in read} == {
        "media_signingkey",
        "media_edgebinding",
        "media_revokedgrant",
        "media_edgevalue",
    }
    assert ("media_signingkey", "sealed_private_key") not in read
    assert [table for table, name in columns if ask(may, f'public."{table}"', name, "UPDATE")[0][0]] == []


def test_functions_that_lend_their_owners_rights_look_names_up_where_nobody_else_writes(ask: Any) -> None:
    """Unless it is named, pg_temp is searched first for types: a caller's own ``uuid`` would run as the owner."""
    lent = ask("SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace")
    assert {name for name, _ in lent} >= {"tenancy_org_id", "tenants_set_door"}
    for name, settings in lent:
        assert "search_path=pg_catalog, pg_temp" in settings, name


# -- doors --------------------------------------------------------------------------------


@pytest.mark.parametrize("model", shared_models(), ids=lambda model: model._meta.label)
def test_a_door_is_what_the_model_declares(ask: Any, model: type[SharedModel]) -> None:
    table = f'public."{model._meta.db_table}"'
    granted = _verbs(ask, "tenant_any", table)
    columns = {
        name
        for (name,) in ask("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", table)
        if ask("SELECT has_column_privilege('tenant_any', %s::regclass, %s, 'UPDATE')", table, name)[0][0]
    }
    policies = ask(
        "SELECT polname, polcmd::text, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)"
        " FROM pg_policy WHERE polrelid = %s::regclass AND 'tenant_any'::regrole = ANY(polroles)",
        table,
    )
    if model.tenant_door == "none":
        assert (granted, columns, policies) == (set(), set(), [])
        return
    forced = ask("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", table)
    assert forced == [(True, True)]
    assert len(policies) == 1
    _, command, using, with_check = policies[0]
    assert "tenancy_org_id()" in with_check
    if model.tenant_door == "append":
        assert (granted, columns, command, using) == ({"INSERT"}, set(), "a", None)
        return
    assert granted == set(model.door_verbs) - {"UPDATE"}
    assert columns == (set(model.door_update_columns) if "UPDATE" in model.door_verbs else set())
    assert command == "*"
    assert "tenancy_org_id()" in using


@pytest.mark.parametrize("model", shared_models(), ids=lambda model: model._meta.label)
def test_every_shared_table_is_open_to_the_platform_and_to_no_one_by_default(
    ask: Any, model: type[SharedModel]
) -> None:
    table = f'public."{model._meta.db_table}"'
    assert _verbs(ask, "r_platform", table) == set(platform_verbs(model))
    for role in ("lms_app", "public"):
        assert _verbs(ask, role, table) == set()


def test_a_table_that_nobody_declared_is_closed_to_organizations(ask: Any) -> None:
    declared = {model._meta.db_table for model in shared_models()}
    others = _tables(ask, "public") - declared
    open_to_tenants = {name for name in others if _verbs(ask, "tenant_any", f'public."{name}"')}
    assert open_to_tenants <= {"django_content_type"}


def test_there_is_a_door_of_each_kind() -> None:
    assert {model.tenant_door for model in shared_models()} == {"append", "own_rows", "none"}
