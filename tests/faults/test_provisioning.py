"""kill -9 inside every step of provisioning, at every statement: nothing half-made, and it resumes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from uuid import UUID

import psycopg2
import pytest
from django.conf import settings
from django.utils.module_loading import import_string

import tenancy
from tests.support import plugin
from tests.support.organizations import PASSWORD

STEPS = [import_string(path).name for path in settings.PROVISIONING_STEPS]
MOST_STATEMENTS = 60


class Provisioner:
    """The process that forks provisioners and lets them die."""

    def __init__(self) -> None:
        environment = {**os.environ, **plugin.stack, **plugin.owner}
        environment["PYTHONPATH"] = f"{plugin.ROOT}:{plugin.ROOT / 'platform'}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.dying_provisioner"],
            cwd=plugin.ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, organization_id: UUID, step: str = "-", statement: int = 0) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{organization_id} {step} {statement}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=90)


@pytest.fixture(scope="module")
def provisioner(world: object) -> Iterator[Provisioner]:
    found = Provisioner()
    yield found
    found.close()


@pytest.fixture(scope="module")
def look(world: object) -> Iterator[psycopg2.extensions.connection]:
    """The database as its owner sees it, outside the product."""
    connection = psycopg2.connect(plugin.owner["LMS_OWNER_DATABASE_URL"])
    connection.autocommit = True
    yield connection
    connection.close()


_serial = iter(range(10_000))


def _requested(django_db_blocker: object) -> UUID:
    """An organization whose owner has just sent the right code."""
    from tenants import mails, sign_up
    from tenants.models import SignUp
    from tenants.pending import sha256

    slug = f"fault-{next(_serial)}-school"
    codes: list[str] = []
    original, mails.send_sign_up_code = mails.send_sign_up_code, lambda *, code, **_: codes.append(code)
    try:
        with django_db_blocker.unblock(), tenancy.platform():  # type: ignore[attr-defined]
            started = sign_up.start(
                organization_name=slug,
                slug=slug,
                name="Fay Fault",
                email=f"fay@{slug}.example",
                password=PASSWORD,
                terms_version=sign_up.TERMS_VERSION,
                ip="127.0.0.1",
            )
            sign_up.verify(started.token, codes[-1])
            return SignUp.objects.get(token_sha256=sha256(started.token)).organization_id
    finally:
        mails.send_sign_up_code = original


def _one(connection: psycopg2.extensions.connection, sql: str, *values: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchone()
        return found[0] if found else None


def _assert_whole_or_absent(look: psycopg2.extensions.connection, organization_id: UUID) -> None:
    schema = _one(look, "SELECT schema_name FROM tenants_organization WHERE id = %s", str(organization_id))
    role = _one(look, "SELECT db_role FROM tenants_organization WHERE id = %s", str(organization_id))
    has_ledger = _one(
        look, "SELECT count(*) FROM tenants_schemaledger WHERE organization_id = %s", str(organization_id)
    )
    has_schema = _one(look, "SELECT count(*) FROM pg_namespace WHERE nspname = %s", schema)
    has_role = _one(look, "SELECT count(*) FROM pg_roles WHERE rolname = %s", role)
    assert has_schema == has_role == has_ledger, "schema, role and ledger row come together or not at all"
    if has_schema:
        assert str(_one(look, f'SELECT organization_id FROM "{schema}"._tenant')) == str(organization_id)
        assert _one(look, f'SELECT count(*) FROM "{schema}".accounts_member') in (0, 1)


def _assert_complete(look: psycopg2.extensions.connection, organization_id: UUID) -> None:
    _assert_whole_or_absent(look, organization_id)
    schema = _one(look, "SELECT schema_name FROM tenants_organization WHERE id = %s", str(organization_id))
    assert _one(look, f'SELECT count(*) FROM "{schema}".accounts_member') == 1
    for table in ("media_namespace", "media_edgebinding"):
        assert _one(look, f"SELECT count(*) FROM {table} WHERE organization_id = %s", str(organization_id)) == 1, table
    current = "SELECT count(*) FROM media_signingkey WHERE organization_id = %s AND state = 'current'"
    assert _one(look, current, str(organization_id)) == 1
    primary = "SELECT count(*) FROM tenants_domain WHERE organization_id = %s AND is_primary"
    assert _one(look, primary, str(organization_id)) == 1


@pytest.mark.parametrize("step", STEPS)
def test_a_provisioner_killed_at_any_statement_of_a_step_leaves_nothing_half_made_and_resumes(
    step: str, provisioner: Provisioner, look: psycopg2.extensions.connection, django_db_blocker: object
) -> None:
    deaths = 0
    for statement in range(1, MOST_STATEMENTS):
        organization_id = _requested(django_db_blocker)
        outcome = provisioner.run(organization_id, step, statement)
        if outcome != "killed":
            assert outcome == "active"
            break
        deaths += 1
        _assert_whole_or_absent(look, organization_id)
        assert provisioner.run(organization_id) == "active"
        _assert_complete(look, organization_id)
    else:
        pytest.fail(f"{step} has more than {MOST_STATEMENTS} statements; raise the bound")
    assert deaths, f"{step} runs no statement, so nothing was killed inside it"


def _taken_role(look: psycopg2.extensions.connection, organization_id: UUID) -> None:
    """The role's name is taken by a stranger: the very first step cannot succeed."""
    role = _one(look, "SELECT db_role FROM tenants_organization WHERE id = %s", str(organization_id))
    with look.cursor() as cursor:
        cursor.execute(f'CREATE ROLE "{role}"')


def _no_sign_up(look: psycopg2.extensions.connection, organization_id: UUID) -> None:
    """Who signed up is gone: schema, keys and quota are made before the account fails."""
    with look.cursor() as cursor:
        cursor.execute("DELETE FROM tenants_signup WHERE organization_id = %s", [str(organization_id)])


@pytest.mark.parametrize("break_it", [_taken_role, _no_sign_up])
def test_a_step_that_keeps_failing_gives_everything_back(
    break_it: Callable[[psycopg2.extensions.connection, UUID], None],
    provisioner: Provisioner,
    look: psycopg2.extensions.connection,
    django_db_blocker: object,
) -> None:
    organization_id = _requested(django_db_blocker)
    break_it(look, organization_id)

    states = [provisioner.run(organization_id) for _ in range(5)]

    assert states == ["provisioning"] * 4 + ["failed"]
    names = "SELECT {} FROM tenants_organization WHERE id = %s"
    schema = _one(look, names.format("schema_name"), str(organization_id))
    role = _one(look, names.format("db_role"), str(organization_id))
    assert _one(look, "SELECT count(*) FROM pg_namespace WHERE nspname = %s", schema) == 0
    assert _one(look, "SELECT count(*) FROM pg_roles WHERE rolname = %s", role) == 0
    billing = ("billing_quota", "billing_subscription", "billing_billingaccount")
    for table in ("tenants_domain", "tenants_schemaledger", "media_namespace", "media_signingkey", *billing):
        left = _one(look, f"SELECT count(*) FROM {table} WHERE organization_id = %s", str(organization_id))
        assert left == 0, table
