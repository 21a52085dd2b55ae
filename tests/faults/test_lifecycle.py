"""An organization's transitions under kill -9, in races and behind stale caches: state, door and record agree."""

from __future__ import annotations

import os
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from django.conf import settings
from django.core import mail as outbox
from django.test import Client

import tenancy
from core.clock import now
from events.delivery import LANE
from events.models import OutboxDelivery
from events.relay import Relay
from tenancy import TenantRecord, catalog
from tenants.catalog import load, load_host
from tenants.lifecycle import effects, ending, notices
from tenants.lifecycle.machine import transition
from tenants.lifecycle.rules import Event, Who
from tenants.models import LifecycleNotice, Organization
from tests.support import plugin

OPERATIONS = [Who.OPERATIONS]
MOST_STATEMENTS = 60


@pytest.fixture(scope="module")
def killer(world: object) -> Iterator[subprocess.Popen[str]]:
    """The process that forks people of the staff and lets them die."""
    environment = {**os.environ, **plugin.stack, "PYTHONPATH": f"{plugin.ROOT}:{plugin.ROOT / 'platform'}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.dying_transition"],
        cwd=plugin.ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    assert process.stdin
    process.stdin.close()
    process.wait(timeout=90)


@pytest.fixture(scope="module")
def look(world: object) -> Iterator[psycopg2.extensions.connection]:
    """The database as its owner sees it, outside the product."""
    connection = psycopg2.connect(plugin.owner["LMS_OWNER_DATABASE_URL"])
    connection.autocommit = True
    yield connection
    connection.close()


_serial = iter(range(1000))


@pytest.fixture
def home(world: object, django_db_blocker: Any) -> Iterator[TenantRecord]:
    """An organization of the test's own; what is done to it is committed."""
    slug = f"life-{next(_serial)}-school"
    made = plugin.run_as_owner(
        *(sys.executable, "-m", "tests.support.organizations", slug, f"School {slug}", f"olga@{slug}.example", "Olga"),
    )
    assert made.returncode == 0, made.stdout + made.stderr
    with django_db_blocker.unblock():
        catalog.forget_all()
        yield load(UUID(made.stdout.split()[-1]))


def do(record: TenantRecord, event: Event) -> Any:
    shown = effects.preview(record.id, event)
    return transition(record.id, event, who=OPERATIONS, reason="Invoice 7 is open", token=shown.token)


def member_browser(record: TenantRecord) -> Client:
    """Somebody of the organization who has signed in."""
    from apps.accounts.models import Member

    browser = Client(headers={"host": record.host}, raise_request_exception=False)
    with tenancy.bind(record.id):
        browser.force_login(Member.objects.get())
    return browser


def facts(look: psycopg2.extensions.connection, record: TenantRecord) -> dict[str, Any]:
    """Everything that a transition writes, as the owner of the database sees it."""
    with look.cursor() as cursor:
        cursor.execute(
            "SELECT state, generation, state_version FROM tenants_organization WHERE id = %s", [str(record.id)]
        )
        state, generation, version = cursor.fetchone()
        found: dict[str, Any] = {"state": state, "generation": generation, "version": version}
        cursor.execute("SELECT pg_has_role('lms_app', %s, 'SET')", [record.db_role])
        found["door"] = cursor.fetchone()[0]
        for name, table in (
            ("transitions", "tenants_lifecycletransition"),
            ("notices", "tenants_lifecyclenotice"),
            ("messages", "events_outboxmessage"),
            ("audit", "staff_platformauditentry"),
        ):
            cursor.execute(f"SELECT count(*) FROM {table} WHERE organization_id = %s", [str(record.id)])
            found[name] = cursor.fetchone()[0]
        cursor.execute("SELECT state FROM media_edgebinding WHERE organization_id = %s", [str(record.id)])
        found["edge"] = cursor.fetchone()[0]
    return found


@pytest.mark.parametrize(
    ("before", "event", "after"),
    [
        (None, Event.SUSPEND, {"state": "suspended", "door": False, "edge": "revoked"}),
        (Event.SUSPEND, Event.REACTIVATE, {"state": "active", "door": True, "edge": "deployed"}),
        (None, Event.ASK_DELETION, {"state": "pending_deletion", "door": True, "edge": "revoked"}),
        (Event.SUSPEND, Event.ASK_DELETION, {"state": "pending_deletion", "door": True, "edge": "revoked"}),
        (Event.ASK_DELETION, Event.CANCEL_DELETION, {"state": "active", "door": True, "edge": "deployed"}),
    ],
)
def test_killed_at_any_statement_all_of_it_or_nothing(
    home: TenantRecord, killer: Any, look: Any, before: Event | None, event: Event, after: dict[str, Any]
) -> None:
    if before is not None:
        do(home, before)
    start = facts(look, home)
    deaths = 0
    for statement in range(1, MOST_STATEMENTS, 2):
        killer.stdin.write(f"{home.id} {event} {statement}\n")
        killer.stdin.flush()
        if killer.stdout.readline().strip() != "killed":
            break
        deaths += 1
        assert facts(look, home) == start
    else:
        pytest.fail("it never came through")
    assert deaths > 5
    end = facts(look, home)
    assert {name: end[name] for name in after} == after
    assert end["version"] == start["version"] + 1
    assert end["transitions"] == start["transitions"] + 1
    assert end["notices"] == start["notices"] + 1
    assert end["messages"] == start["messages"] + 2
    assert end["audit"] == start["audit"] + 1


def test_two_at_once_make_one_transition(home: TenantRecord, look: Any, django_db_blocker: Any) -> None:
    start = facts(look, home)
    token = effects.preview(home.id, Event.SUSPEND).token
    gate, moved = threading.Barrier(4), []

    def act() -> None:
        from django.db import connection

        gate.wait(60)
        try:
            moved.append(transition(home.id, Event.SUSPEND, who=OPERATIONS, reason="both", token=token).transition)
        finally:
            connection.close()

    people = [threading.Thread(target=act) for _ in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(moved) == 4
    assert sum(found is not None for found in moved) == 1
    end = facts(look, home)
    assert end["version"] == start["version"] + 1
    assert end["generation"] == start["generation"] + 1
    assert end["notices"] == start["notices"] + 1


def test_a_process_with_stale_news_is_refused_by_the_database(
    home: TenantRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = member_browser(home)
    assert browser.get("/api/v1/me/").status_code == 200
    stale = load_host(home.host)
    assert stale is not None
    do(home, Event.SUSPEND)
    # The announcement is lost and the cache holds on: whatever asks is told that the organization is active.
    real = catalog.resolve
    answers = iter([stale])
    monkeypatch.setattr(catalog, "resolve", lambda host: next(answers, None) or real(host))
    refused = browser.get("/api/v1/me/")
    assert refused.status_code == 403
    assert refused.json()["code"] == "organization_inactive"
    answers = iter([stale])
    monkeypatch.setattr(catalog, "resolve", lambda host: next(answers, None) or real(host))
    page = browser.get("/home")
    assert page.status_code == 403
    assert f"{home.name} is paused" in page.content.decode()
    monkeypatch.undo()
    do(home, Event.REACTIVATE)
    # The session ended with the suspension; nobody is signed in from before.
    assert browser.get("/api/v1/me/").status_code == 401


def test_work_waits_and_goes_on(home: TenantRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[UUID, int]] = []

    def note(_: str, rows: list[tuple[str, int, str]]) -> None:
        sent.extend((UUID(organization_id), generation) for organization_id, generation, _ in rows)

    monkeypatch.setattr("events.tasks.carry.delay", note)
    monkeypatch.setattr(settings, "JOBS_IN_FLIGHT_EACH", 100)
    monkeypatch.setattr(settings, "JOBS_IN_FLIGHT", 100_000)  # whatever else waits in this run takes nobody's room
    do(home, Event.SUSPEND)
    with tenancy.platform():
        waiting = OutboxDelivery.objects.filter(organization_id=home.id, state="pending")
        count = waiting.count()
        assert count > 0
        sent.clear()
        for _ in range(3):
            waiting.update(run_at=now() - timedelta(minutes=5))
            Relay(LANE).run()
        assert [found for found in sent if found[0] == home.id] == []
        assert waiting.count() == count
    do(home, Event.REACTIVATE)
    with tenancy.platform():
        waiting.update(run_at=now() - timedelta(minutes=5))
        sent.clear()
        Relay(LANE).run()
    # Under the generation that the organization has now: a worker takes no older one.
    assert {generation for organization, generation in sent if organization == home.id} == {home.generation + 2}
    assert len([found for found in sent if found[0] == home.id]) == count + 1


def test_every_owner_gets_one_mail_even_if_the_server_was_away(
    home: TenantRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = notices.mail.hand_over
    outbox.outbox = []
    do(home, Event.SUSPEND)
    with tenancy.platform():
        notice = LifecycleNotice.objects.get(organization_id=home.id)
        message_id = notice.message["message_id"]

        def away(**_: Any) -> None:
            raise smtplib.SMTPServerDisconnected

        monkeypatch.setattr(notices.mail, "hand_over", away)
        assert notices.send_due() == 0
        notice.refresh_from_db()
        assert (notice.state, notice.attempts) == ("waiting", 1)
        LifecycleNotice.objects.filter(id=notice.id).update(run_at=notice.created_at)
    monkeypatch.setattr(notices.mail, "hand_over", real)
    notices.send_due()
    notices.send_due()
    mine = [found for found in outbox.outbox if found.to == [f"olga@{home.slug}.example"]]
    assert len(mine) == 1
    assert mine[0].subject == f"{home.name} is paused"
    assert "Invoice 7 is open" in mine[0].body
    assert "Emerging" not in mine[0].message().as_string()
    assert mine[0].extra_headers["Message-ID"] == message_id
    with tenancy.platform():
        notice.refresh_from_db()
        assert notice.state == "sent"
        assert notice.message == {}
    # While it is closed its owners can't be read; they are written to as soon as they can.
    do(home, Event.REACTIVATE)
    with tenancy.platform():
        assert LifecycleNotice.objects.filter(organization_id=home.id, state="unaddressed").count() == 1
    notices.send_due()
    notices.send_due()
    assert [found.subject for found in outbox.outbox if home.name in found.subject][1:] == [
        f"{home.name} is open again"
    ]


def test_the_end_begins_when_its_day_has_come(home: TenantRecord, look: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[UUID] = []
    monkeypatch.setattr(ending, "import_string", lambda _: asked.append)
    do(home, Event.ASK_DELETION)
    with tenancy.platform():
        assert ending.begin_due() == 0
        Organization.objects.filter(id=home.id).update(delete_after="2020-01-01T00:00:00Z")
        assert ending.begin_due() == 1
        assert ending.begin_due() == 0
        ending.hand_on()
        assert home.id not in asked  # the owners' last mail goes first
    notices.send_due()
    with tenancy.platform():
        ending.hand_on()
        ending.hand_on()
    assert asked.count(home.id) == 2
    end = facts(look, home)
    assert (end["state"], end["door"]) == ("deleting", False)
    answer = Client(headers={"host": home.host}).get("/login")
    assert answer.status_code == 410
