"""What is beyond a plan reaches Stripe's meter once, whatever breaks between our rows and theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db.models import QuerySet

import tenancy
from billing.api import DELIVERED_BYTES, Hour, note_delivered
from billing.errors import BillingUnavailable
from billing.models import BillingAccount, Quota, StripeIntent, Subscription, UsageDay, UsageEvent
from billing.offers import newest_of
from billing.usage import caps, months, report
from core.ids import new_id

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


class Meter:
    """A meter as Stripe's is: of one identifier it counts the first, and an answer may get lost."""

    def __init__(self) -> None:
        self.counted: dict[str, int] = {}
        self.at: list[datetime] = []
        self.lose: str = ""

    def __call__(self, *, meter: str, customer: str, value: int, identifier: str, at: datetime) -> None:
        lost, self.lose = self.lose, ""
        if lost == "refuse":
            raise report.NotTaken("no such meter")
        if lost == "before":
            raise OSError("no route")
        self.counted.setdefault(identifier, value)
        self.at.append(at)
        if lost == "after":
            raise OSError("the answer got lost")

    @property
    def total(self) -> int:
        return sum(self.counted.values())


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOON, tick=False) as found:
        yield found


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def paying(acme: tenancy.TenantRecord) -> tenancy.TenantRecord:
    """acme, on a paid plan with 1000 bytes a month, and more is paid for."""
    with tenancy.platform():
        UsageEvent.objects.filter(organization_id=acme.id).delete()
        UsageDay.objects.filter(organization_id=acme.id).delete()
        months.roll()
        report.report(Meter())  # what other tests of this run left to others
        Quota.objects.filter(organization_id=acme.id, meter=DELIVERED_BYTES).update(
            plan_limit=1000, hard_limit=1000, used=0
        )
        BillingAccount.objects.filter(organization_id=acme.id).update(stripe_customer=f"cus_{new_id().hex}")
        Subscription.objects.filter(organization_id=acme.id).update(
            version=newest_of("team"),
            stripe_id=f"sub_{new_id().hex}",
            state="active",
            period_start=datetime(2026, 11, 5, tzinfo=UTC),
        )
        caps.choose(acme.id, {DELIVERED_BYTES: "overage"})
    return acme


def deliver(organization: tenancy.TenantRecord, amount: int, *, at: datetime = NOON) -> None:
    with tenancy.platform():
        amounts = {Hour(organization.id, new_id(), at): amount}
        assert note_delivered(f"log-{new_id()}", start=0, end=1, amounts=amounts)


def tell(meter: Meter) -> int:
    with tenancy.platform():
        return report.report(meter)


def test_only_what_is_beyond_the_plan_is_told_and_once(paying: tenancy.TenantRecord, meter: Meter) -> None:
    deliver(paying, 1000)
    assert tell(meter) == 0
    deliver(paying, 30)
    deliver(paying, 5)
    assert tell(meter) == 1
    assert tell(meter) == 0
    deliver(paying, 7)
    assert tell(meter) == 1
    day = f"{paying.id}:delivered_bytes:2026-11-18"
    assert meter.counted == {f"{day}:0": 35, f"{day}:35": 7}


def test_while_stripe_is_away_one_amount_is_tried_and_all_are_told_later(
    paying: tenancy.TenantRecord, meter: Meter
) -> None:
    deliver(paying, 1100)
    deliver(paying, 50, at=NOON - timedelta(days=1))
    asked = []

    def away(**amount: object) -> None:
        asked.append(amount)
        raise BillingUnavailable

    with tenancy.platform():
        assert report.report(away) == 0
        assert _intents(paying).filter(state="open").count() == 2
    assert len(asked) == 1
    assert tell(meter) == 2
    assert meter.total == 150


@pytest.mark.parametrize("lost", ["before", "after"])
def test_what_got_lost_is_told_again_as_it_was_written(paying: tenancy.TenantRecord, meter: Meter, lost: str) -> None:
    deliver(paying, 1100)
    meter.lose = lost
    assert tell(meter) == 0
    deliver(paying, 40)  # more came meanwhile: it is another amount, of another name
    tell(meter)
    tell(meter)
    assert meter.total == 140
    assert sorted(meter.counted.values()) == [40, 100]


def test_days_of_a_period_that_was_invoiced_are_told_in_the_one_that_runs(
    paying: tenancy.TenantRecord, meter: Meter
) -> None:
    deliver(paying, 1100, at=datetime(2026, 11, 4, 10, tzinfo=UTC))
    deliver(paying, 10, at=datetime(2026, 11, 10, 10, tzinfo=UTC))
    deliver(paying, 10)
    tell(meter)
    assert sorted(meter.at) == [datetime(2026, 11, 10, 23, 59, 59, tzinfo=UTC), NOON, NOON]


def test_nobody_is_told_of_who_stops_at_the_limit_or_has_nothing_to_charge_it_to(
    paying: tenancy.TenantRecord, meter: Meter
) -> None:
    with tenancy.platform():
        caps.choose(paying.id, {DELIVERED_BYTES: "cap"})
    deliver(paying, 1500)
    assert tell(meter) == 0

    with tenancy.platform():
        caps.choose(paying.id, {DELIVERED_BYTES: "overage"})
    deliver(paying, 5)
    with tenancy.platform():
        Subscription.objects.filter(organization_id=paying.id).update(state="canceled")
    assert tell(meter) == 0
    assert meter.total == 0


def test_after_a_day_of_silence_it_is_given_up_and_not_told_twice(
    paying: tenancy.TenantRecord, meter: Meter, clock: time_machine.Coordinates
) -> None:
    deliver(paying, 1100)
    meter.lose = "after"
    tell(meter)
    clock.shift(timedelta(hours=24))
    tell(meter)
    with tenancy.platform():
        assert _intents(paying).get().state == "refused"
    assert meter.total == 100


def test_what_stripe_will_not_take_is_kept_with_its_reason(paying: tenancy.TenantRecord, meter: Meter) -> None:
    deliver(paying, 1100)
    meter.lose = "refuse"
    tell(meter)
    with tenancy.platform():
        intent = _intents(paying).get()
    assert (intent.state, intent.error) == ("refused", "no such meter")


def test_what_is_counted_after_the_end_is_on_no_invoice_of_any_plan(
    paying: tenancy.TenantRecord, meter: Meter, clock: time_machine.Coordinates
) -> None:
    deliver(paying, 1100)
    with tenancy.platform():
        own = Subscription.objects.filter(organization_id=paying.id)
        own.update(state="canceled", canceled_at=NOON + timedelta(hours=1))
    clock.shift(timedelta(hours=20))
    assert tell(meter) == 0
    assert _left(paying) == 100  # its logs may still be on their way
    with tenancy.platform():
        assert not report.is_due()
    clock.shift(timedelta(days=2))
    with tenancy.platform():
        assert report.is_due()

    tell(meter)

    assert (_left(paying), meter.total) == (0, 0)


def test_days_that_wait_for_logs_after_an_end_keep_nobody_else_from_being_told(
    paying: tenancy.TenantRecord, globex: tenancy.TenantRecord, meter: Meter
) -> None:
    first, last = sorted((paying.id, globex.id))
    with tenancy.platform():
        running = {"stripe_id": f"sub_{new_id().hex}", "state": "active", "version": newest_of("team")}
        UsageDay.objects.all().delete()
        for whose, customer in ((first, "cus_ended"), (last, "cus_runs")):
            BillingAccount.objects.filter(organization_id=whose).update(stripe_customer=customer)
            UsageDay.objects.create(organization_id=whose, meter=DELIVERED_BYTES, on=NOON.date(), overage=70)
        ended = {**running, "stripe_id": f"sub_{new_id().hex}", "state": "canceled", "canceled_at": NOON}
        Subscription.objects.filter(organization_id=first).update(**ended)
        Subscription.objects.filter(organization_id=last).update(**running)

        assert report.report(meter, limit=1) == 1

        # By a sandbox's own time the two days are over: it is written off.
        BillingAccount.objects.filter(organization_id=first).update(ahead_seconds=2 * 86_400)
        assert report.is_due()
        report.report(meter)
        assert not report.is_due()
    assert meter.total == 70


def test_another_subscription_is_charged_for_its_own_days_alone(
    paying: tenancy.TenantRecord, meter: Meter, clock: time_machine.Coordinates
) -> None:
    deliver(paying, 1100)
    with tenancy.platform():
        own = Subscription.objects.filter(organization_id=paying.id)
        own.update(state="canceled", canceled_at=NOON + timedelta(hours=1))
        clock.shift(timedelta(days=1))
        version = newest_of("team")
        Subscription.objects.create(
            organization_id=paying.id, version=version, stripe_id=f"sub_{new_id().hex}", state="active", seats=5
        )
    deliver(paying, 30, at=NOON + timedelta(days=1))

    tell(meter)

    assert (_left(paying), meter.total) == (0, 30)


def _intents(organization: tenancy.TenantRecord) -> QuerySet[StripeIntent]:
    return StripeIntent.objects.filter(organization_id=organization.id, purpose=report.PURPOSE)


def _left(organization: tenancy.TenantRecord) -> int:
    with tenancy.platform():
        rows = UsageDay.objects.filter(organization_id=organization.id)
        return sum(row.overage - row.reported for row in rows)
