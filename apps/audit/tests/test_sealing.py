"""Seals: made by a role of their own, chained, and red as soon as anything was tampered with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

import tenancy
from apps.audit import digests, sealing
from apps.audit.api import erase_words, record
from apps.audit.models import AuditEntry, AuditPersonal
from core import acting
from core.acting import Acting
from core.ids import new_id
from tests.support import plugin


def test_the_root_depends_on_every_leaf_and_on_their_order() -> None:
    leaves = [f"{number:064x}" for number in range(1, 8)]
    root = digests.merkle_root(leaves)
    assert root != digests.merkle_root(leaves[:-1])
    assert root != digests.merkle_root([*leaves[1:], leaves[0]])
    assert root != digests.merkle_root([*leaves, leaves[-1]])


@pytest.fixture
def owner() -> Iterator[Any]:
    """Statements of the database's owner, who could do anything if nothing stopped them."""
    link = psycopg2.connect(plugin.owner["LMS_OWNER_DATABASE_URL"])
    link.autocommit = True
    with link.cursor() as cursor:
        yield cursor
    link.close()


@pytest.fixture
def sealed(world: Any, django_db_blocker: Any, owner: Any) -> Iterator[Any]:
    """Three sealed entries and one unsealed in globex, committed. They stay: the audit lets nothing be taken away."""
    organization, mallory = world.organizations["globex"], world.people["mallory"]
    with django_db_blocker.unblock():
        connection.close()
        with tenancy.bind(organization):
            who = Acting(kind="member", id=mallory.id, name=mallory.name, ip="192.0.2.9", via="web")
            with acting.acting(who), transaction.atomic():
                for title in ("Knots", "Hitches", "Bends"):
                    record("courses.course.created", object_type="course", object_id=new_id(), label=title)
        sealing.seal(organization)
        with tenancy.bind(organization):
            with acting.acting(who), transaction.atomic():
                record("courses.course.archived", label="Bends")
            yield organization
        connection.close()


def _tampered(owner: Any, organization: Any, table: str, down: str, up: str) -> sealing.Verdict:
    """Tamper as the owner with the trigger switched off, verify, and put it back."""
    schema = organization.schema_name
    for statement in (f'ALTER TABLE "{schema}".{table} DISABLE TRIGGER USER', down.format(s=f'"{schema}"')):
        owner.execute(statement)
    try:
        return sealing.verify()
    finally:
        owner.execute(up.format(s=f'"{schema}"'))
        owner.execute(f'ALTER TABLE "{schema}".{table} ENABLE TRIGGER USER')


def test_what_was_written_is_whole(sealed: Any) -> None:
    verdict = sealing.verify()
    assert verdict.whole, verdict.faults
    assert verdict.sealed >= 3
    assert verdict.entries > verdict.sealed
    call_command("verify_audit", "globex")


def test_two_seals_follow_each_other(sealed: Any) -> None:
    before = sealing.verify().seals
    with transaction.atomic():
        record("courses.course.archived", label="Knots")
    sealing.seal(sealed)
    verdict = sealing.verify()
    assert verdict.whole
    assert verdict.seals == before + 1


CHANGES = {
    "an act": (
        "audit_auditentry",
        "UPDATE {s}.audit_auditentry SET action = 'x' || action WHERE seal_no IS NOT NULL",
        "UPDATE {s}.audit_auditentry SET action = substr(action, 2) WHERE seal_no IS NOT NULL",
    ),
    "an act and its digest": (
        "audit_auditentry",
        "UPDATE {s}.audit_auditentry SET object_label = object_label || '!', digest = reverse(digest)"
        " WHERE seal_no IS NOT NULL",
        "UPDATE {s}.audit_auditentry SET object_label = left(object_label, -1), digest = reverse(digest)"
        " WHERE seal_no IS NOT NULL",
    ),
    "an unsealed act": (
        "audit_auditentry",
        "UPDATE {s}.audit_auditentry SET via = 'x' || via WHERE seal_no IS NULL",
        "UPDATE {s}.audit_auditentry SET via = substr(via, 2) WHERE seal_no IS NULL",
    ),
    "an act taken out of its seal": (
        "audit_auditentry",
        "UPDATE {s}.audit_auditentry SET seal_no = -seal_no WHERE object_label = 'Hitches'",
        "UPDATE {s}.audit_auditentry SET seal_no = -seal_no WHERE object_label = 'Hitches'",
    ),
    "a name": (
        "audit_auditpersonal",
        "UPDATE {s}.audit_auditpersonal SET words = jsonb_set(words, '{{actor}}', '\"Somebody else\"')"
        " WHERE words->>'actor' = 'Mallory Owner'",
        "UPDATE {s}.audit_auditpersonal SET words = jsonb_set(words, '{{actor}}', '\"Mallory Owner\"')"
        " WHERE words->>'actor' = 'Somebody else'",
    ),
    "a seal": (
        "audit_auditseal",
        "UPDATE {s}.audit_auditseal SET merkle_root = reverse(merkle_root)",
        "UPDATE {s}.audit_auditseal SET merkle_root = reverse(merkle_root)",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_tampering_shows(sealed: Any, owner: Any, what: str) -> None:
    verdict = _tampered(owner, sealed, *CHANGES[what])
    assert not verdict.whole
    assert sealing.verify().whole


def test_the_command_fails_on_a_broken_audit(sealed: Any, owner: Any) -> None:
    schema = sealed.schema_name
    owner.execute(f'ALTER TABLE "{schema}".audit_auditseal DISABLE TRIGGER USER')
    owner.execute(f'UPDATE "{schema}".audit_auditseal SET hash = reverse(hash)')
    try:
        with pytest.raises(CommandError, match="not as written"):
            call_command("verify_audit", "globex")
    finally:
        owner.execute(f'UPDATE "{schema}".audit_auditseal SET hash = reverse(hash)')
        owner.execute(f'ALTER TABLE "{schema}".audit_auditseal ENABLE TRIGGER USER')


def test_erasing_words_breaks_no_seal(sealed: Any) -> None:
    mallory = AuditEntry.objects.filter(object_label="Knots").latest("at").actor_id
    with transaction.atomic():
        assert AuditPersonal.objects.filter(subject_id=mallory).exists()
        erase_words(mallory)
        verdict = sealing.verify()
        assert verdict.whole
        assert verdict.erased > 0
        transaction.set_rollback(True)


def test_a_tail_that_was_cut_off_shows_against_what_was_kept_elsewhere(sealed: Any) -> None:
    seals = sealing.verify().seals
    assert not sealing.verify(anchors={seals + 1: "f" * 64}).whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {s}.audit_auditentry SET action = 'x'",
        "DELETE FROM {s}.audit_auditentry",
        "TRUNCATE {s}.audit_auditentry",
        "UPDATE {s}.audit_auditentry SET seal_no = NULL WHERE seal_no IS NOT NULL",
        "UPDATE {s}.audit_auditentry SET seal_no = 99 WHERE seal_no IS NULL",
        "UPDATE {s}.audit_auditseal SET hash = ''",
        "DELETE FROM {s}.audit_auditseal",
        "TRUNCATE {s}.audit_auditseal",
        "UPDATE {s}.audit_auditpersonal SET words = '{{}}'",
    ],
)
def test_not_even_the_owner_changes_what_was_written(sealed: Any, owner: Any, statement: str) -> None:
    with pytest.raises(psycopg2.errors.RestrictViolation):
        owner.execute(statement.format(s=f'"{sealed.schema_name}"'))


def test_the_sealer_may_seal_and_nothing_else(sealed: Any, owner: Any) -> None:
    schema = sealed.schema_name
    owner.execute(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = 'sealer' AND table_schema = %s",
        [schema],
    )
    assert set(owner.fetchall()) == {
        ("_tenant", "SELECT"),
        ("audit_auditentry", "SELECT"),
        ("audit_auditpersonal", "SELECT"),
        ("audit_auditseal", "SELECT"),
        ("audit_auditseal", "INSERT"),
    }
    owner.execute(
        "SELECT column_name FROM information_schema.role_column_grants"
        " WHERE grantee = 'sealer' AND table_schema = %s AND privilege_type = 'UPDATE'",
        [schema],
    )
    assert owner.fetchall() == [("seal_no",)]
