"""A worker does a handful one after the other, for whom each was made; what cannot be done now is given back."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction

import tenancy
from core.clock import now
from events import carrier, tasks
from events.admission import Claimed
from events.api import publish
from events.delivery import LANE
from events.models import OutboxDelivery
from events.tests.conftest import BellRang, Listen, leave_a_mark, marks
from tenancy import TenantRecord


@pytest.fixture
def claimed(committed: None, world: Any) -> Any:
    """Publish bells for these organizations, and claim their deliveries."""

    def make(*organizations: TenantRecord) -> list[Claimed]:
        with tenancy.platform():
            OutboxDelivery.objects.filter(state="pending").update(state="void")
        for organization in organizations:
            with tenancy.bind(organization), transaction.atomic():
                publish(BellRang(uuid4()))
        with tenancy.platform():
            return LANE.claim(each=100, most=100)

    return make


def carry(rows: list[Claimed]) -> None:
    with tenancy.platform():
        carrier.carry(LANE, rows, tasks.carry)


def _states() -> list[str]:
    with tenancy.platform():
        rows = OutboxDelivery.objects.filter(type=BellRang.type).order_by("id")
        return [f"{row.state} {'leased' if row.lease_until else 'free'}" for row in rows]


def test_each_row_is_done_for_its_organization(claimed: Any, world: Any, listen: Listen) -> None:
    acme, globex = world.organizations["acme"], world.organizations["globex"]
    heard: list[tuple[UUID, UUID]] = []
    listen(lambda event: heard.append((tenancy.current().id, event.bell)))
    rows = claimed(acme, globex, acme)
    carry(rows)
    carry(rows)  # the message came twice
    assert [who for who, _ in heard] == [row.organization_id for row in rows]
    assert sorted({row.organization_id for row in rows}) == sorted({acme.id, globex.id})
    assert {state.split()[0] for state in _states()} == {"done"}


def test_one_that_fails_or_may_not_run_stops_no_other(claimed: Any, world: Any, listen: Listen) -> None:
    acme = world.organizations["acme"]

    def fails_once(event: BellRang) -> None:
        leave_a_mark(event)
        if event.bell == refused:
            raise LookupError

    listen(fails_once)
    rows = claimed(acme, acme, acme)
    with tenancy.platform():
        bells = [
            UUID(found)
            for found in OutboxDelivery.objects.order_by("id")
            .values_list("payload__bell", flat=True)
            .filter(type=BellRang.type)
        ]
    refused = bells[0]
    older = Claimed(rows[1].organization_id, rows[1].generation + 1, rows[1].id)
    carry([rows[0], older, rows[2]])
    assert _states() == ["pending free", "pending free", "done leased"]
    with tenancy.bind(acme):
        assert [marks(bell) for bell in bells] == [0, 0, 1]
    with tenancy.platform():
        assert OutboxDelivery.objects.get(id=rows[0].id).run_at > now()
        assert OutboxDelivery.objects.get(id=rows[1].id).run_at < now() + timedelta(seconds=1)


def test_what_lies_behind_a_slow_row_is_given_back_for_others(
    claimed: Any, world: Any, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme, given_back = world.organizations["acme"], threading.Event()
    real = carrier._Handful._give_back

    def noted(self: Any) -> None:
        real(self)
        given_back.set()

    monkeypatch.setattr(carrier._Handful, "_give_back", noted)
    monkeypatch.setattr(carrier, "PATIENCE_SECONDS", 2.0)
    heard: list[UUID] = []

    def slowly(event: BellRang) -> None:
        heard.append(event.bell)
        assert given_back.wait(timeout=60)

    listen(slowly)
    carry(claimed(acme, acme, acme))
    assert len(heard) == 1
    assert _states() == ["done leased", "pending free", "pending free"]
    with tenancy.platform():
        assert len(LANE.claim(each=8, most=8)) == 2
