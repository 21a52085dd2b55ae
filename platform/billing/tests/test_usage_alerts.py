"""Alerts: each mark once a period, to owners and billing contacts, with what happens next and the choice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine

import tenancy
from billing.api import DELIVERED_BYTES, STORAGE_BYTES, TRANSCODE_SECONDS
from billing.models import BillingAccount, Quota, Subscription, UsageAlert
from billing.offers import newest_of
from billing.usage import alerts, months
from core.ids import new_id
from events.models import QueuedMail

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
GB = 10**9


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOON, tick=False) as found:
        yield found


@pytest.fixture
def metered(acme: tenancy.TenantRecord) -> tenancy.TenantRecord:
    """acme with 100 GB of each meter, nothing used, and a billing contact."""
    with tenancy.platform():
        BillingAccount.objects.filter(organization_id=acme.id).update(contacts=["money@acme.example"])
        months.roll()
        Quota.objects.filter(organization_id=acme.id).update(
            plan_limit=100 * GB, hard_limit=100 * GB, used=0, reserved=0, overage=False
        )
    return acme


def use(organization: tenancy.TenantRecord, amount: int, meter: str = DELIVERED_BYTES) -> None:
    with tenancy.platform():
        Quota.objects.filter(organization_id=organization.id, meter=meter).update(
            used=amount, hard_limit=max(amount, 100 * GB)
        )


def told(organization: tenancy.TenantRecord) -> list[dict[str, str]]:
    """Run the duty; return the mails it wrote."""
    with tenancy.platform():
        before = set(QueuedMail.objects.values_list("id", flat=True))
        alerts.find()
        alerts.tell()
        new = QueuedMail.objects.exclude(id__in=before).filter(organization_id=organization.id)
        return [row.message for row in new.order_by("id")]


def test_nothing_is_said_below_the_first_mark(metered: tenancy.TenantRecord) -> None:
    use(metered, 70 * GB - 1)
    assert told(metered) == []


def test_each_mark_is_told_once_to_owners_and_contacts(metered: tenancy.TenantRecord) -> None:
    for gigabytes, percent in ((70, 70), (89, None), (91, 90), (100, 100), (109, None), (110, 110), (400, None)):
        use(metered, gigabytes * GB)
        mails = told(metered)
        if percent is None:
            assert mails == []
            continue
        assert [mail["to"] for mail in mails] == ["olga@acme.example", "money@acme.example"], percent
        assert told(metered) == []
        with tenancy.platform():
            alert = UsageAlert.objects.get(organization_id=metered.id, meter=DELIVERED_BYTES, percent=percent)
        assert (alert.period, alert.told_at) == (date(2026, 11, 1), NOON)


def test_marks_that_are_passed_at_once_make_one_mail(metered: tenancy.TenantRecord) -> None:
    use(metered, 95 * GB)
    mails = told(metered)

    subject = "Acme Academy has used 90 % of its video traffic for November 2026"
    assert [mail["subject"] for mail in mails] == [subject] * 2
    assert "95.0 GB of 100.0 GB are used." in mails[0]["text"]
    assert "Nobody is cut off while watching. It begins anew on 1 December 2026." in mails[0]["text"]
    assert "/studio/settings/usage" in mails[0]["text"]


def test_who_pays_for_more_hears_what_it_costs(metered: tenancy.TenantRecord) -> None:
    with tenancy.platform():
        Subscription.objects.filter(organization_id=metered.id).update(
            version=newest_of("team"), stripe_id=f"sub_{new_id().hex}", state="active", currency="eur"
        )
    use(metered, 90 * GB)
    assert "You can choose to go on for 0.05 EUR a GB" in told(metered)[0]["text"]

    with tenancy.platform():
        Quota.objects.filter(organization_id=metered.id, meter=DELIVERED_BYTES).update(overage=True)
    use(metered, 110 * GB)
    text = told(metered)[0]["text"]
    assert "Nothing stops: what is beyond is charged with your next invoice, as you chose." in text
    assert "It costs 0.05 EUR a GB." in text
    with tenancy.platform():
        marks = UsageAlert.objects.filter(organization_id=metered.id)
        assert not marks.filter(percent=110).exists(), "nothing happens at 110 % to who pays for it"


def test_encoding_at_its_cap_says_that_uploads_wait(metered: tenancy.TenantRecord) -> None:
    use(metered, 100 * GB, TRANSCODE_SECONDS)
    assert "New uploads are kept and wait to be converted." in told(metered)[0]["text"]


def test_a_new_month_has_marks_of_its_own(metered: tenancy.TenantRecord, clock: time_machine.Coordinates) -> None:
    use(metered, 75 * GB)
    assert len(told(metered)) == 2

    clock.move_to(datetime(2026, 12, 2, tzinfo=UTC))
    with tenancy.platform():
        months.roll()
    assert told(metered) == []
    use(metered, 75 * GB)
    assert "December 2026" in told(metered)[0]["subject"]


def test_after_more_was_bought_or_deleted_the_mark_is_another_one(metered: tenancy.TenantRecord) -> None:
    use(metered, 72 * GB, STORAGE_BYTES)
    assert len(told(metered)) == 2
    use(metered, 67 * GB, STORAGE_BYTES)
    assert told(metered) == []
    use(metered, 72 * GB, STORAGE_BYTES)
    assert told(metered) == [], "going to and fro at the mark is not news"
    use(metered, 60 * GB, STORAGE_BYTES)
    assert told(metered) == []
    use(metered, 72 * GB, STORAGE_BYTES)
    assert len(told(metered)) == 2


def test_no_limit_has_no_marks(metered: tenancy.TenantRecord) -> None:
    with tenancy.platform():
        Quota.objects.filter(organization_id=metered.id).update(plan_limit=None, hard_limit=None, used=10**15)
    assert told(metered) == []
