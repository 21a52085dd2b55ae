"""What is kept of an act, what is not, and what nobody can change afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError, ProgrammingError

from apps.audit import digests
from apps.audit.api import erase_words, record
from apps.audit.models import AuditEntry, AuditPersonal
from core import acting
from core.acting import Acting
from core.ids import new_id


def by(person: Any, **more: Any) -> Acting:
    return Acting(kind="member", id=person.id, name=person.name, request_id="r1", ip="192.0.2.7", via="web", **more)


def test_an_entry_says_who_and_what_and_from_where(acme: Any, olga: Any, leo: Any) -> None:
    with acting.acting(by(olga)):
        made = record(
            "courses.course.edited",
            object_type="course",
            object_id=new_id(),
            label="Knots",
            changes={"title": ["Knot", "Knots"], "password": ["a", "b"]},
        )
    entry = AuditEntry.objects.get(id=made)
    assert (entry.actor_kind, entry.actor_id, entry.request_id, entry.via) == ("member", olga.id, "r1", "web")
    assert (entry.object_label, entry.changes) == ("Knots", {"title": ["Knot", "Knots"]})
    assert entry.digest == digests.of_entry(entry)
    words = {row.kind: row.words for row in AuditPersonal.objects.filter(entry_id=made)}
    assert words == {"words": {"actor": olga.name}, "address": {"ip": "192.0.2.7"}}


def test_support_leaves_both_names(acme: Any, olga: Any) -> None:
    staff = new_id()
    with acting.acting(
        Acting(kind="staff", id=staff, name="Sam Staff", on_behalf_of=olga.id, on_behalf_name=olga.name)
    ):
        made = record("courses.course.archived", label="Knots")
    rows = {row.subject_id: row.words for row in AuditPersonal.objects.filter(entry_id=made)}
    assert rows == {staff: {"actor": "Sam Staff"}, olga.id: {"behalf": olga.name}}


def test_erasing_a_member_takes_the_words_and_leaves_the_digest(acme: Any, olga: Any, leo: Any) -> None:
    with acting.acting(by(olga)):
        made = record("accounts.member.joined", object_type="member", object_id=leo.id, label=leo.name)
    assert erase_words(leo.id) >= 1
    assert not AuditPersonal.objects.filter(subject_id=leo.id).exists()
    entry = AuditEntry.objects.get(id=made)
    assert entry.digest == digests.of_entry(entry)
    assert [row.words for row in AuditPersonal.objects.filter(entry_id=made, subject_id=olga.id, kind="words")] == [
        {"actor": olga.name}
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET action = 'x'",
        "UPDATE audit_auditentry SET seal_no = 7",
        "DELETE FROM audit_auditentry",
        "TRUNCATE audit_auditentry",
        "UPDATE audit_auditpersonal SET words = '{}'",
        "INSERT INTO audit_auditseal (id, no, entries, first_id, last_id, merkle_root, previous_hash, hash, sealed_at)"
        " SELECT id, 1, 1, id, id, digest, digest, digest, at FROM audit_auditentry LIMIT 1",
        "UPDATE audit_auditseal SET hash = ''",
        "DELETE FROM audit_auditseal",
    ],
)
def test_the_organizations_role_changes_nothing(acme: Any, olga: Any, statement: str) -> None:
    with acting.acting(by(olga)):
        record("courses.course.archived", label="Knots")
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_no_entry_comes_with_a_seal(acme: Any) -> None:
    row = AuditEntry(action="courses.course.archived", actor_kind="system", digest="0" * 64, seal_no=1)
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        AuditEntry.objects.bulk_create([row])
