"""Fifty who come at once for the last seats: as many get one as there are, and nobody is half there.

A handful of repeats runs with every test run; ``LAST_SEAT=100`` runs a hundred.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection, connections

import tenancy
from apps.accounts.models import Invitation, Member
from apps.accounts.services import invitations, keeping
from apps.accounts.sessions import principal
from billing import api as billing
from billing.models import Quota
from core.clock import now
from core.errors import DomainError
from core.ids import new_secret
from tenancy import TenantRecord
from tenants.catalog import load
from tenants.domains import custom
from tenants.models import Domain
from tests.support import plugin
from tests.support.patiently import patiently

REPEATS = int(os.environ.get("LAST_SEAT", "3"))
TRIES, LEFT = 50, 7


@pytest.fixture(scope="module")
def school(world: Any, django_db_blocker: Any) -> TenantRecord:
    """An organization of its own: what happens here is really committed."""
    made = plugin.run_as_owner(
        *(sys.executable, "-m", "tests.support.organizations"),
        *("last-seat", "Last Seat School", "owner@last-seat.example", "Olga Owner"),
    )
    assert made.returncode == 0, made.stdout + made.stderr
    with django_db_blocker.unblock():
        return load(UUID(made.stdout.split()[-1]))


@pytest.fixture
def committed(django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No transaction around the test; passwords are hashed once, so that all come at the same moment."""
    with django_db_blocker.unblock():
        made = make_password("a-sentence-for-everybody-4")
        monkeypatch.setattr(invitations, "hashed", lambda *_, **__: made)
        yield
        connections.close_all()


def _all_at_once(acts: list[Callable[[], object]]) -> Counter[str]:
    """Run all at once, each in a thread with a connection of its own; count how they ended."""
    gate, ends = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait(60)
            patiently(act)
            ends.append("done")
        except DomainError as refused:
            ends.append(refused.code)
        except Exception as error:  # noqa: BLE001 - what went wrong is the result
            ends.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    return Counter(ends)


def _leave(school: TenantRecord, meter: str, free: int) -> int:
    """Let there be room for so many more; return how many are in use."""
    with tenancy.platform():
        used: int = Quota.objects.get(organization_id=school.id, meter=meter).used
        billing.set_limit(school.id, meter, used + free)
    return used


def _invited(count: int) -> list[str]:
    """Open invitations to the bound organization: their tokens."""
    owner, moment = Member.objects.order_by("created_at").first(), now()
    tokens = [new_secret() for _ in range(count)]
    Invitation.objects.bulk_create(
        Invitation(
            email=f"guest-{token[:12].lower()}@last-seat.example",
            role="learner",
            token_sha256=hashlib.sha256(token.encode()).hexdigest(),
            invited_by=owner,
            sent_at=moment,
            expires_at=moment + timedelta(days=7),
        )
        for token in tokens
    )
    return tokens


@pytest.mark.parametrize("repeat", range(REPEATS))
def test_attack_104_of_fifty_who_accept_at_once_seven_get_the_last_seven_seats(
    committed: None, school: TenantRecord, repeat: int
) -> None:
    used = _leave(school, billing.SEATS, LEFT)
    with tenancy.bind(school):
        tokens = _invited(TRIES)

    def accept(token: str) -> None:
        with tenancy.bind(school):
            invitations.accept(token=token, name="Guest", password="not-hashed-here")

    ends = _all_at_once([lambda token=token: accept(token) for token in tokens])  # type: ignore[misc]

    assert ends == {"done": LEFT, "quota_exceeded": TRIES - LEFT}
    with tenancy.bind(school):
        assert Member.objects.active().count() == billing.usage(billing.SEATS).used == used + LEFT
        hashes = [hashlib.sha256(token.encode()).hexdigest() for token in tokens]
        assert Invitation.objects.redeemable().filter(token_sha256__in=hashes).count() == TRIES - LEFT


def test_seats_that_are_freed_and_taken_at_once_are_counted_right(committed: None, school: TenantRecord) -> None:
    _leave(school, billing.SEATS, 5)
    with tenancy.bind(school):
        owner = Member.objects.with_roles().order_by("created_at").first()
        actor = principal(owner).actor
        tokens = _invited(5)
        ids = [invitations.accept(token=token, name="Guest", password="not-hashed-here").id for token in tokens]
        more = _invited(20)

    def accept(token: str) -> None:
        with tenancy.bind(school):
            invitations.accept(token=token, name="Guest", password="not-hashed-here")

    def suspend(member_id: UUID) -> None:
        with tenancy.bind(school):
            keeping.suspend(actor=actor, member_id=member_id, reason="Left the school")

    acts = [lambda found=found: suspend(found) for found in ids]  # type: ignore[misc]
    acts += [lambda token=token: accept(token) for token in more]  # type: ignore[misc]
    ends = _all_at_once(acts)

    assert set(ends) <= {"done", "quota_exceeded"}, ends
    with tenancy.bind(school):
        found = billing.usage(billing.SEATS)
        assert Member.objects.active().count() == found.used
        assert found.limit is not None
        assert found.used <= found.limit


@pytest.mark.parametrize("repeat", range(REPEATS))
def test_of_twenty_claims_for_the_last_three_domains_three_are_there(
    committed: None, school: TenantRecord, repeat: int
) -> None:
    used = _leave(school, billing.DOMAINS, 3)

    def claim(number: int) -> None:
        with tenancy.platform():
            custom.claim(school.id, f"r{repeat}-{number}.last-seat.example.com")

    ends = _all_at_once([lambda number=number: claim(number) for number in range(20)])  # type: ignore[misc]

    assert ends == {"done": 3, "quota_exceeded": 17}
    with tenancy.platform():
        assert custom.counts([school.id])[school.id] == used + 3
        assert Quota.objects.get(organization_id=school.id, meter=billing.DOMAINS).used == used + 3
        for domain in Domain.objects.filter(organization_id=school.id, host__startswith=f"r{repeat}-"):
            custom.release(school.id, domain.id)
