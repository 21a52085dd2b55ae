"""Usage: once a source, by day and course; a month begins anew; what is charged is what was chosen to be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection, transaction

import tenancy
from billing.api import DELIVERED_BYTES, TRANSCODE_SECONDS, Hour, counted_to, may_deliver, note_delivered, note_usage
from billing.errors import OverageNotOffered, QuotaExceeded
from billing.models import BillingAccount, Quota, Subscription, UsageDay, UsageEvent
from billing.offers import newest_of
from billing.services import reserve
from billing.usage import caps, days, months, noting, recount
from core.ids import new_id

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOON, tick=False) as found:
        yield found


@pytest.fixture
def metered(acme: tenancy.TenantRecord) -> tenancy.TenantRecord:
    """acme, with 1000 of each monthly meter and nothing used in November."""
    with tenancy.platform():
        UsageEvent.objects.filter(organization_id=acme.id).delete()
        UsageDay.objects.filter(organization_id=acme.id).delete()
        meters = Quota.objects.filter(organization_id=acme.id, meter__in=(DELIVERED_BYTES, TRANSCODE_SECONDS))
        meters.update(plan_limit=1000, hard_limit=1000, used=0, reserved=0, overage=False, period=None)
        assert months.roll() >= 2
        # What other tests of this run left to others is done: what is counted from here on is acme's.
        noting.fold()
        recount.compare_days()
        months.recount()
        months.take_back_overage()
    return acme


@pytest.fixture
def paying(metered: tenancy.TenantRecord) -> tenancy.TenantRecord:
    """The same, on a plan that is paid at Stripe."""
    with tenancy.platform():
        Subscription.objects.filter(organization_id=metered.id).update(
            version=newest_of("team"), stripe_id=f"sub_{new_id().hex}", state="active", currency="usd"
        )
    return metered


def used(meter: str = DELIVERED_BYTES) -> int:
    return Quota.objects.get(organization_id=tenancy.current().id, meter=meter).used


def held(organization: tenancy.TenantRecord, meter: str = DELIVERED_BYTES) -> list[tuple[date, UUID | None, int, int]]:
    with tenancy.platform():
        rows = UsageDay.objects.filter(organization_id=organization.id, meter=meter).order_by("on", "amount")
        return list(rows.values_list("on", "course_id", "amount", "overage"))


def deliver(
    organization: tenancy.TenantRecord, amount: int, *, course_id: UUID | None = None, at: datetime = NOON
) -> None:
    log = f"log-{new_id()}"
    with tenancy.platform():
        assert note_delivered(log, start=0, end=10, amounts={Hour(organization.id, course_id, at): amount})


def fold() -> int:
    with tenancy.platform():
        return noting.fold()


def test_a_source_counts_once_at_the_meter_and_on_its_day(metered: tenancy.TenantRecord) -> None:
    source, course = new_id(), new_id()

    assert note_usage(source, TRANSCODE_SECONDS, 90, course_id=course)
    assert not note_usage(source, TRANSCODE_SECONDS, 90, course_id=course)

    assert used(TRANSCODE_SECONDS) == 90
    assert fold() == 1
    assert fold() == 0
    assert held(metered, TRANSCODE_SECONDS) == [(date(2026, 11, 18), course, 90, 0)]


def test_an_organization_writes_usage_of_its_own_and_reads_none(
    metered: tenancy.TenantRecord, globex: tenancy.TenantRecord
) -> None:
    from django.db.utils import ProgrammingError

    note_usage(new_id(), TRANSCODE_SECONDS, 90)
    with pytest.raises(ProgrammingError), transaction.atomic():
        list(UsageEvent.objects.all())
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(noting._INSERT, [new_id(), globex.id, TRANSCODE_SECONDS, 90, None, NOON])


def test_a_log_is_counted_from_where_it_was_counted_to_and_from_nowhere_else(metered: tenancy.TenantRecord) -> None:
    course, log = new_id(), f"log-{new_id()}"
    with tenancy.platform():
        assert note_delivered(log, start=0, end=100, amounts={Hour(metered.id, course, NOON): 40})
        assert not note_delivered(log, start=0, end=100, amounts={Hour(metered.id, course, NOON): 40})
        assert note_delivered(log, start=100, end=180, amounts={Hour(metered.id, course, NOON): 2})
        assert counted_to(log) == 180
        assert UsageEvent.objects.filter(organization_id=metered.id).count() == 1, "one row an hour and course"

    assert used() == 42
    assert held(metered) == [(date(2026, 11, 18), course, 42, 0)]


def test_bytes_of_nobody_here_are_left_out_and_those_of_the_others_count(metered: tenancy.TenantRecord) -> None:
    log = f"log-{new_id()}"
    with tenancy.platform():
        amounts = {Hour(metered.id, None, NOON): 5, Hour(new_id(), None, NOON): 7}
        assert note_delivered(log, start=0, end=1, amounts=amounts)
    assert used() == 5


def test_a_month_begins_anew_with_what_was_already_counted_of_it(
    metered: tenancy.TenantRecord, clock: time_machine.Coordinates
) -> None:
    deliver(metered, 900)
    december = datetime(2026, 12, 1, 0, 0, 5, tzinfo=UTC)
    deliver(metered, 30, at=december)
    assert used() == 900, "of a month that has not begun at the meter nothing counts there yet"

    clock.move_to(december)
    with tenancy.platform():
        assert months.roll() >= 2
        assert months.roll() == 0
    assert used() == 30

    deliver(metered, 4, at=NOON)
    assert used() == 30, "what comes late of November counts on its day alone"
    assert sum(amount for *_, amount, _ in held(metered)) == 934


def test_the_month_is_that_of_the_accounts_own_clock(metered: tenancy.TenantRecord) -> None:
    with tenancy.platform():
        BillingAccount.objects.filter(organization_id=metered.id).update(ahead_seconds=20 * 86_400)
        months.roll()
    deliver(metered, 7)

    assert held(metered) == [(date(2026, 12, 8), None, 7, 0)]
    assert used() == 7


def test_minutes_are_refused_at_the_cap_and_go_on_where_they_are_paid_for(paying: tenancy.TenantRecord) -> None:
    note_usage(new_id(), TRANSCODE_SECONDS, 950)
    with pytest.raises(QuotaExceeded) as refusal:
        reserve(meter=TRANSCODE_SECONDS, amount=60, life=HOUR)
    assert refusal.value.members["free"] == 50

    with tenancy.platform():
        assert caps.choose(paying.id, {TRANSCODE_SECONDS: "overage"})
    reserve(meter=TRANSCODE_SECONDS, amount=60, life=HOUR)


def test_playing_begins_until_the_cap_and_learners_some_way_beyond(metered: tenancy.TenantRecord) -> None:
    deliver(metered, 999)
    assert may_deliver()
    deliver(metered, 1)
    assert not may_deliver()
    assert may_deliver(spare_percent=10)
    deliver(metered, 100)
    assert not may_deliver(spare_percent=10)


def test_who_pays_for_more_is_charged_what_came_after_the_choice(paying: tenancy.TenantRecord) -> None:
    course = new_id()
    deliver(paying, 1050)
    with tenancy.platform():
        caps.choose(paying.id, {DELIVERED_BYTES: "overage"})
    assert may_deliver()
    deliver(paying, 30, course_id=course)
    with tenancy.platform():
        caps.choose(paying.id, {DELIVERED_BYTES: "cap"})
    deliver(paying, 500)

    assert sum(overage for *_, overage in held(paying)) == 30


def test_what_passes_the_limit_in_one_step_is_charged_from_the_limit_on(paying: tenancy.TenantRecord) -> None:
    with tenancy.platform():
        caps.choose(paying.id, {DELIVERED_BYTES: "overage", TRANSCODE_SECONDS: "overage"})
    deliver(paying, 1300)
    note_usage(new_id(), TRANSCODE_SECONDS, 400)
    note_usage(new_id(), TRANSCODE_SECONDS, 800)
    fold()

    assert sum(overage for *_, overage in held(paying)) == 300
    assert sum(overage for *_, overage in held(paying, TRANSCODE_SECONDS)) == 200


def test_nobody_is_charged_who_is_on_no_plan_that_is_paid(metered: tenancy.TenantRecord) -> None:
    with tenancy.platform(), pytest.raises(OverageNotOffered):
        caps.choose(metered.id, {DELIVERED_BYTES: "overage"})


def test_while_a_trial_lasts_nothing_beyond_it_can_be_had(paying: tenancy.TenantRecord) -> None:
    """The plan is chosen and at Stripe, which invoices nobody for what a trial uses."""
    with tenancy.platform():
        Subscription.objects.filter(organization_id=paying.id).update(state="trialing")
        with pytest.raises(OverageNotOffered):
            caps.choose(paying.id, {DELIVERED_BYTES: "overage"})


def test_the_choice_ends_with_the_plan_it_was_charged_to(paying: tenancy.TenantRecord) -> None:
    with tenancy.platform():
        caps.choose(paying.id, {DELIVERED_BYTES: "overage"})
        assert months.take_back_overage() == 0
        Subscription.objects.filter(organization_id=paying.id).update(state="canceled")
    deliver(paying, 1500)
    with tenancy.platform():
        assert months.take_back_overage() == 1
    assert not may_deliver(spare_percent=10)


def test_a_day_that_was_lost_is_put_right_and_named(metered: tenancy.TenantRecord) -> None:
    course = new_id()
    deliver(metered, 40, course_id=course)
    note_usage(new_id(), TRANSCODE_SECONDS, 9)
    fold()
    with tenancy.platform():
        assert recount.compare_days() == []
        UsageDay.objects.filter(organization_id=metered.id, meter=DELIVERED_BYTES).update(amount=33)
        Quota.objects.filter(organization_id=metered.id, meter=DELIVERED_BYTES).update(used=1)

        day = days.Day(metered.id, DELIVERED_BYTES, date(2026, 11, 18), course)
        assert recount.compare_days() == [(day, 7)]
        assert recount.compare_days() == []
        assert months.recount() == 1
    assert used() == 40
