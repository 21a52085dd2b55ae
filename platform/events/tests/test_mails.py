"""An organization's mails wait in rows and leave in turn; the server gets each, and an address that it refuses once."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail as outbox
from django.db import transaction

import tenancy
from core import mail, tasks
from core.clock import now
from events import mails
from events.delivery import MAX_ATTEMPTS
from events.mails import LANE
from events.models import QueuedMail
from events.relay import Relay

PARTS = {"subject": "Welcome", "text": "Hello.", "html": "<p>Hello.</p>"}


@pytest.fixture(autouse=True)
def empty(committed: None) -> Iterator[None]:
    outbox.outbox = []
    with tenancy.platform():
        QueuedMail.objects.all().delete()
    yield
    with tenancy.platform():
        QueuedMail.objects.all().delete()


def write(record: Any, count: int = 1) -> None:
    with tenancy.bind(record), transaction.atomic():
        for number in range(count):
            mail.send(to=f"person-{number}@people.example", **PARTS)


def _rows() -> list[QueuedMail]:
    with tenancy.platform():
        return list(QueuedMail.objects.order_by("id"))


def test_a_mail_is_a_row_of_the_transaction_it_tells_of(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    acme = world.organizations["acme"]
    with tenancy.bind(acme), transaction.atomic():
        mail.send(to="nia@acme.example", **PARTS)
        transaction.set_rollback(True)
    assert _rows() == []
    write(acme)
    (row,) = _rows()
    assert (row.organization_id, row.message["to"]) == (acme.id, "person-0@people.example")


def test_the_relays_bell_rings_for_it(world: Any, rings: Callable[..., int]) -> None:
    write(world.organizations["acme"])
    assert rings(LANE) == 1


def test_the_platforms_own_go_straight_to_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[Any] = []
    monkeypatch.setattr(tasks.deliver_mail, "delay", lambda **message: queued.append(message))
    with tenancy.platform():
        mail.send(to="nia@people.example", **PARTS)
    assert [message["to"] for message in queued] == ["nia@people.example"]
    assert _rows() == []


def test_five_hundred_invitations_delay_nobody_elses_mail(world: Any) -> None:
    acme, globex = world.organizations["acme"], world.organizations["globex"]
    write(acme, 500)
    write(globex, 2)
    with tenancy.platform():
        turns = [found.organization_id for found in LANE.claim(each=8, most=10)]
        assert turns[:4].count(globex.id) == 2
        assert LANE.claim(each=8, most=10) == []


def test_it_leaves_although_the_organization_is_paused(world: Any, handed_out: list[Any]) -> None:
    with tenancy.platform():
        gone = QueuedMail.objects.create(organization_id=world.organizations["acme"].id, generation=99, message={})
        assert Relay(LANE).run() == 1
    assert [row for _, row in handed_out] == [str(gone.id)]


def test_the_server_gets_it_once_and_the_row_is_gone(world: Any) -> None:
    write(world.organizations["acme"])
    (row,) = _rows()
    with tenancy.platform():
        mails.send(row.id)
        mails.send(row.id)  # the message to the worker came twice
    (sent,) = outbox.outbox
    assert sent.to == ["person-0@people.example"]
    assert sent.message()["Message-ID"] == row.message["message_id"]
    assert _rows() == []


def _refuse(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuses(**_: Any) -> None:
        raise error

    monkeypatch.setattr(mail, "hand_over", refuses)


def test_a_server_that_is_away_is_tried_again_for_hours(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write(world.organizations["acme"])
    (row,) = _rows()
    _refuse(monkeypatch, smtplib.SMTPServerDisconnected("gone"))
    with tenancy.platform():
        LANE.claim(each=8, most=8)
        mails.send(row.id)
        row.refresh_from_db()
        assert (row.state, row.attempts, row.lease_until, row.last_error) == (
            "pending",
            1,
            None,
            "SMTPServerDisconnected",
        )
        assert row.run_at > now()
        for _ in range(MAX_ATTEMPTS - 1):
            mails.send(row.id)
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("parked", MAX_ATTEMPTS)


def test_an_address_that_is_refused_is_not_tried_again_and_forgotten_after_a_week(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(world.organizations["acme"])
    (row,) = _rows()
    _refuse(monkeypatch, smtplib.SMTPRecipientsRefused({"person-0@people.example": (550, b"no such person")}))
    with tenancy.platform():
        mails.send(row.id)
        row.refresh_from_db()
        assert (row.state, row.last_error) == ("parked", "SMTPRecipientsRefused")
        assert mails.purge() == 0
        with time_machine.travel(now() + mails.KEPT_FOR + timedelta(hours=1), tick=False):
            assert mails.purge() == 1


def test_an_organization_reads_nobodys_mails(world: Any) -> None:
    write(world.organizations["acme"])
    for slug in ("acme", "globex"):
        with (
            tenancy.bind(world.organizations[slug]),
            pytest.raises(Exception, match="permission denied"),
            transaction.atomic(),
        ):
            QueuedMail.objects.count()
