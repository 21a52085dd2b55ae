"""The whole database was put back to before somebody was erased: the ledger erases them again."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

import tenancy
from apps.accounts.models import Member
from apps.accounts.services import keeping
from conftest import Person
from core.actor import Actor
from core.clock import now
from tenants.models import Erasure


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
        file.write_text(_ledger())
        transaction.set_rollback(True)
    assert Member.objects.get(id=leo.id).name == leo.name
    line, last = (json.loads(found) for found in file.read_text().splitlines())
    assert last == {"erasures": 1}
    assert (line["organization"], line["member"]) == (str(acme.id), str(leo.id))

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
