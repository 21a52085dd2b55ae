"""The whole database was put back to before somebody was erased: the ledger erases them again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

import tenancy
from apps.accounts.models import Member
from apps.accounts.services import keeping
from apps.accounts.testing import join
from conftest import Person
from core.actor import Actor
from core.clock import now
from core.ids import new_id
from tenancy import catalog
from tenants.catalog import load
from tenants.lifecycle import effects
from tenants.lifecycle.machine import transition
from tenants.lifecycle.rules import Event, Who
from tenants.models import Erasure, Organization
from tests.support import plugin
from tests.support.organizations import PASSWORD


def _ledger() -> str:
    out = StringIO()
    call_command("erasures", stdout=out)
    return out.getvalue()


def test_whoever_was_erased_after_the_moment_is_erased_again(
    acme: tenancy.TenantRecord, olga: Person, leo: Person, lea: Person, tmp_path: Path
) -> None:
    file = tmp_path / "erasures.jsonl"
    time_that_is_undone = transaction.atomic()
    time_that_is_undone._from_testcase = True  # type: ignore[attr-defined]  # not one of the product's transactions
    with time_that_is_undone:
        keeping.erase(actor=Actor(member_id=olga.id, name=olga.name), member_id=leo.id, reason="They asked for it")
        ledger = _ledger()
        transaction.set_rollback(True)
    assert Member.objects.get(id=leo.id).name == leo.name
    *lines, last = (json.loads(found) for found in ledger.splitlines())
    assert last == {"erasures": len(lines)}
    # Whoever other tests have erased for good is in it as well.
    [line] = [one for one in lines if one["member"] == str(leo.id)]
    assert line["organization"] == str(acme.id)
    file.write_text(f"{json.dumps(line)}\n{LAST}\n")

    out = StringIO()
    call_command("erasures", "--again", str(file), stdout=out)

    assert out.getvalue().strip() == "1 erased again, 0 had nothing left to erase."
    assert Member.objects.get(id=leo.id).state == "anonymised"
    assert Member.objects.get(id=lea.id).name == lea.name
    with tenancy.platform():
        assert Erasure.objects.filter(member_id=leo.id).count() == 1
    call_command("erasures", "--again", str(file), stdout=out)
    assert out.getvalue().splitlines()[-1] == "0 erased again, 1 had nothing left to erase."
    with tenancy.platform():
        assert Erasure.objects.filter(member_id=leo.id).count() == 1


STRANGER = "01900000-0000-7000-8000-000000000001"
LINE = json.dumps({"id": STRANGER, "organization": STRANGER, "member": STRANGER, "at": now().isoformat()})
LAST = json.dumps({"erasures": 1})


def test_lines_of_an_organization_that_is_not_there_are_passed_over(acme: tenancy.TenantRecord, tmp_path: Path) -> None:
    file = tmp_path / "erasures.jsonl"
    file.write_text(f"{LINE}\n{LAST}\n")
    out = StringIO()
    call_command("erasures", "--again", str(file), stdout=out)
    assert out.getvalue().strip() == "0 erased again, 1 had nothing left to erase."


def test_a_ledger_may_be_piped_in_and_be_several(acme: tenancy.TenantRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    other = LINE.replace("8000-000000000001", "8000-000000000002")
    monkeypatch.setattr("sys.stdin", StringIO(f"{LINE}\n{LAST}\n{other}\n{LAST}\n"))
    out = StringIO()
    call_command("erasures", "--again", "-", stdout=out)
    assert out.getvalue().strip() == "0 erased again, 2 had nothing left to erase."
    call_command("erasures", "--again", f"{LINE}\n{LAST}", stdout=out)  # no file reaches a task of a cloud
    assert out.getvalue().splitlines()[-1] == "0 erased again, 1 had nothing left to erase."


@pytest.fixture
def two_schools(world: Any, django_db_blocker: Any) -> Iterator[tuple[tenancy.TenantRecord, tenancy.TenantRecord]]:
    """Organizations of the test's own: what is done to them is committed."""
    words = [word for slug in ("again-open", "again-paused") for word in (slug, slug, f"o@{slug}.example", "Olga")]
    made = plugin.run_as_owner(sys.executable, "-m", "tests.support.organizations", *words)
    assert made.returncode == 0, made.stdout + made.stderr
    with django_db_blocker.unblock():
        catalog.forget_all()
        open_one, paused = (load(UUID(found)) for found in made.stdout.split()[-2:])
        yield open_one, paused
        connection.close()


def _joins(school: tenancy.TenantRecord, name: str) -> UUID:
    with tenancy.bind(school):
        return join(email=f"{name}@school.example", name=name, role="learner", password=PASSWORD)


def _state(school: tenancy.TenantRecord, member_id: UUID) -> str:
    with tenancy.bind(school):
        return str(Member.objects.get(id=member_id).state)


def _line(school: UUID, member_id: UUID) -> str:
    line = {"id": new_id(), "organization": school, "member": member_id, "at": now().isoformat()}
    return json.dumps(line, default=str)


def test_an_organization_that_cannot_be_worked_in_keeps_nobody_else_back(
    two_schools: tuple[tenancy.TenantRecord, tenancy.TenantRecord], tmp_path: Path
) -> None:
    school, paused = two_schools
    first, second, behind = _joins(school, "ana"), _joins(paused, "ben"), _joins(school, "cleo")
    with tenancy.platform():
        row = Organization.objects.get(id=paused.id)
        unmade = new_id()  # it is in the catalogue, and has neither schema nor role
        copied = {"terms_version": row.terms_version, "terms_accepted_at": row.terms_accepted_at}
        names = {"schema_name": "t_" + "z" * 12, "db_role": "r_" + "z" * 12, "name": "Unmade"}
        Organization.objects.create(id=unmade, state=Organization.State.FAILED, cell=row.cell, **names, **copied)
    shown = effects.preview(paused.id, Event.SUSPEND)
    transition(paused.id, Event.SUSPEND, who=[Who.OPERATIONS], reason="Invoice 7 is open", token=shown.token)
    able = [_line(school.id, first), _line(paused.id, second), _line(school.id, behind)]
    unable = [able[0], _line(unmade, second), *able[1:]]
    try:
        told, ledger = StringIO(), "\n".join([*unable, json.dumps({"erasures": 4})])
        with pytest.raises(CommandError, match="2 are NOT erased, of 2 organizations") as ended:
            call_command("erasures", "--again", ledger, stdout=told, stderr=told)
        assert ended.value.returncode == 1
        assert "2 erased again, 0 had nothing left to erase." in told.getvalue()
        assert f"{paused.id} (again-paused) was left out" in told.getvalue()
        assert f"{unmade} (Unmade) was left out" in told.getvalue()
        assert (_state(school, first), _state(school, behind)) == ("anonymised", "anonymised")
    finally:
        with psycopg2.connect(plugin.owner["LMS_OWNER_DATABASE_URL"]) as owner, owner.cursor() as cursor:
            cursor.execute("DELETE FROM tenants_erasure WHERE organization_id = %s", [str(unmade)])
            cursor.execute("DELETE FROM tenants_organization WHERE id = %s", [str(unmade)])

    # The same ledger, by the login that paused organizations are open to.
    file = tmp_path / "erasures.jsonl"
    file.write_text("\n".join([*able, json.dumps({"erasures": 3})]))
    assert "1 erased again, 2 had nothing left to erase." in plugin.manage("erasures", "--again", str(file))
    with psycopg2.connect(plugin.owner["LMS_OWNER_DATABASE_URL"]) as owner, owner.cursor() as cursor:
        cursor.execute(f'SELECT state FROM "{paused.schema_name}".accounts_member WHERE id = %s', [str(second)])
        assert cursor.fetchone() == ("anonymised",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no json\n", "cannot be read"),
        ("", "cut off"),
        (f"{LINE}\n", "cut off"),
        (f"{LINE}\n{LAST}\n{LINE}\n", "cut off"),
        (f"{LAST}\n", "1 lines: 0 are here"),
    ],
)
def test_a_ledger_that_is_not_whole_is_refused(
    acme: tenancy.TenantRecord, tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "erasures.jsonl"
    file.write_text(text)
    with pytest.raises(CommandError, match=words):
        call_command("erasures", "--again", str(file))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("erasures", "--again", str(tmp_path / "nowhere"))
