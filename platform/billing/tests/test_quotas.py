"""Quotas: the limit holds, ends happen once, and what has already happened is never refused."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

import tenancy
from billing import services
from billing.api import STORAGE_BYTES, usage
from billing.errors import QuotaExceeded
from billing.models import Quota, Reservation
from billing.refusals import no_room
from core.clock import now

HOUR = timedelta(hours=1)


@pytest.fixture
def limited(acme: tenancy.TenantRecord) -> tenancy.TenantRecord:
    """acme with room for 1000 bytes and nothing in use."""
    with tenancy.platform():
        Quota.objects.filter(organization_id=acme.id).update(
            plan_limit=1000, hard_limit=1000, used=0, reserved=0, over_since_at=None
        )
    return acme


def hold(amount: int) -> UUID:
    return services.reserve(meter=STORAGE_BYTES, amount=amount, life=HOUR)


def test_a_reservation_is_refused_where_the_limit_ends(limited: tenancy.TenantRecord) -> None:
    hold(900)

    with pytest.raises(QuotaExceeded) as refusal:
        hold(101)

    assert refusal.value.members == {
        "meter": STORAGE_BYTES,
        "needed": 101,
        "free": 100,
        "limit": 1000,
        "plan": "trial",
        "next_plan": "team",
    }
    assert refusal.value.detail == "There is no room for it: it needs 101 B, and 100 B of 1 kB are free."
    assert usage(STORAGE_BYTES).reserved == 900


@pytest.mark.parametrize(
    ("meter", "amounts", "words"),
    [
        ("seats", (1, 0, 12), "All 12 seats are taken."),
        ("seats", (5, 2, 1200), "2 of 1,200 seats are free: 5 are needed."),
        ("domains", (1, 0, 1), "The plan has room for one domain of your own."),
        ("storage_bytes", (1_500_000_000, 0, 250 * 10**9), "it needs 1.5 GB, and 0 B of 250 GB are free."),
        (
            "transcode_seconds",
            (61, 60, 36_000),
            "1 minute of this month's 600 minutes are left",
        ),
    ],
)
def test_a_refusal_says_what_is_missing(meter: str, amounts: tuple[int, int, int], words: str) -> None:
    needed, free, limit = amounts

    assert words in str(no_room(meter, needed=needed, free=free, limit=limit))


def test_commit_counts_what_was_used_and_only_once(limited: tenancy.TenantRecord) -> None:
    reservation = hold(900)

    assert services.commit(reservation, actual=800)
    assert not services.commit(reservation, actual=800)
    assert not services.release(reservation)
    assert (usage(STORAGE_BYTES).used, usage(STORAGE_BYTES).reserved) == (800, 0)


def test_release_gives_back_and_only_once(limited: tenancy.TenantRecord) -> None:
    reservation = hold(900)

    assert services.release(reservation)
    assert not services.release(reservation)
    assert usage(STORAGE_BYTES).free == 1000


def test_what_has_happened_is_counted_past_the_limit_and_stops_growth(limited: tenancy.TenantRecord) -> None:
    services.add(meter=STORAGE_BYTES, delta=1500)

    assert usage(STORAGE_BYTES).used == 1500
    assert usage(STORAGE_BYTES).limit == 1000
    assert usage(STORAGE_BYTES).free == 0
    with pytest.raises(QuotaExceeded):
        hold(1)

    services.add(meter=STORAGE_BYTES, delta=-600)
    hold(100)


def test_a_lower_limit_breaks_nothing(limited: tenancy.TenantRecord) -> None:
    services.add(meter=STORAGE_BYTES, delta=700)
    with tenancy.platform():
        services.set_limit(limited.id, STORAGE_BYTES, 500)
        assert Quota.objects.get(organization_id=limited.id, meter=STORAGE_BYTES).over_since_at is not None

    with pytest.raises(QuotaExceeded):
        hold(1)


def test_the_database_has_the_last_word(limited: tenancy.TenantRecord) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Quota.objects.filter(organization_id=limited.id).update(used=2000)


def test_attack_100_an_organization_cannot_raise_its_own_limit(limited: tenancy.TenantRecord) -> None:
    from django.db.utils import ProgrammingError

    with pytest.raises(ProgrammingError), transaction.atomic():
        Quota.objects.filter(organization_id=limited.id).update(plan_limit=10**15)


def test_attack_14_another_organizations_quota_is_out_of_reach(
    limited: tenancy.TenantRecord, globex: tenancy.TenantRecord
) -> None:
    assert Quota.objects.filter(organization_id=globex.id).count() == 0
    assert Quota.objects.filter(organization_id=globex.id).update(used=1) == 0


def test_what_is_held_past_its_time_is_given_back(limited: tenancy.TenantRecord) -> None:
    reservation = hold(900)
    with tenancy.platform():
        services.release_expired()  # whatever other tests of this run left behind
        Reservation.objects.filter(id=reservation).update(expires_at=now() - HOUR)
        assert services.release_expired() == 1
    assert usage(STORAGE_BYTES).free == 1000
