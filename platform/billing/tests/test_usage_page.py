"""The usage page: owners and admins see what is used and for what; money and the choice are the owners' alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import time_machine

import tenancy
from billing.api import DELIVERED_BYTES, Hour, note_delivered
from billing.models import Quota, Subscription, UsageAlert, UsageDay, UsageEvent
from billing.offers import newest_of
from billing.usage import months
from core.ids import new_id
from events.models import OutboxMessage
from tenancy import TenantRecord

if TYPE_CHECKING:
    from conftest import Person, World

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
GB = 10**9


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOON, tick=False) as found:
        yield found


@pytest.fixture
def school(db: None, world: World) -> TenantRecord:
    """acme, with 100 GB and 600 minutes a month and nothing used."""
    acme = world.organizations["acme"]
    with tenancy.platform():
        UsageEvent.objects.filter(organization_id=acme.id).delete()
        UsageDay.objects.filter(organization_id=acme.id).delete()
        Quota.objects.filter(organization_id=acme.id).update(overage=False)
        months.roll()
        months.recount()
    return acme


@pytest.fixture
def paying(school: TenantRecord) -> TenantRecord:
    with tenancy.platform():
        Subscription.objects.filter(organization_id=school.id).update(
            version=newest_of("team"), stripe_id=f"sub_{new_id().hex}", state="active", currency="gbp"
        )
    return school


def deliver(school: TenantRecord, amount: int, *, course: UUID | None = None, at: datetime = NOON) -> None:
    with tenancy.platform():
        assert note_delivered(f"log-{new_id()}", start=0, end=1, amounts={Hour(school.id, course, at): amount})


def read(person: Person, query: str = "") -> dict[str, Any]:
    answer = person.client().get(f"/api/v1/billing-usage/{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def meter(body: dict[str, Any], key: str = DELIVERED_BYTES) -> dict[str, Any]:
    found: dict[str, Any] = next(line for line in body["meters"] if line["meter"] == key)
    return found


def test_an_owner_sees_the_month_with_forecast_marks_and_courses(school: TenantRecord, olga: Person) -> None:
    gone = new_id()
    deliver(school, 35 * GB, course=gone)
    deliver(school, 40 * GB)
    with tenancy.platform():
        UsageAlert.objects.create(
            organization_id=school.id, meter=DELIVERED_BYTES, percent=70, period=date(2026, 11, 1), told_at=NOON
        )
    body = read(olga)

    assert body["period"] == {"start": "2026-11-01T00:00:00.000Z", "end": "2026-12-01T00:00:00.000Z"}
    found = meter(body)
    assert (found["used"], found["included"], found["percent"], found["mode"]) == (75 * GB, 100 * GB, 75, "cap")
    assert (found["forecast_by"], found["forecast"]) == ("rate", round(75 * GB / 17.5 * 30))
    assert found["alerts"] == [{"percent": 70, "told_at": "2026-11-18T12:00:00.000Z"}]
    assert [line["meter"] for line in body["meters"]] == [
        "delivered_bytes", "transcode_seconds", "storage_bytes", "seats", "domains",
    ]  # fmt: skip
    assert [(line["course_id"], line["title"], line["delivered_bytes"]) for line in body["by_course"]] == [
        (str(gone), "A course that was deleted", 35 * GB),
        (None, "In no course", 40 * GB),
    ]
    assert len(body["months"]) == 12
    assert body["months"][-1] == {"month": "2026-11", "delivered_bytes": 75 * GB, "transcode_seconds": 0}


def test_a_month_that_is_over_is_told_by_its_days(school: TenantRecord, olga: Person) -> None:
    deliver(school, 7 * GB, at=datetime(2026, 10, 31, 23, tzinfo=UTC))
    deliver(school, 1 * GB)
    body = read(olga, "?month=2026-10")

    assert [line["meter"] for line in body["meters"]] == ["delivered_bytes", "transcode_seconds"]
    found = meter(body)
    assert (found["used"], found["included"], found["forecast"]) == (7 * GB, None, None)
    assert olga.client().get("/api/v1/billing-usage/?month=then").status_code == 422


def test_who_chooses_to_pay_sees_what_it_comes_to(paying: TenantRecord, olga: Person) -> None:
    deliver(paying, 499 * GB)
    with tenancy.platform():
        Quota.objects.filter(organization_id=paying.id, meter=DELIVERED_BYTES).update(
            plan_limit=500 * GB, hard_limit=500 * GB
        )
    answer = olga.client().put("/api/v1/overage/", {"delivered_bytes": "overage"}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert meter(answer.json())["mode"] == "overage"
    deliver(paying, 21 * GB)

    found = meter(read(olga))
    assert (found["overage_amount"], found["overage_minor"], found["overage_price"]) == (20 * GB, 100, "0.05")
    assert found["currency"] == "gbp"
    # 520 GB in 17.5 days come to 891 GB in 30, of which 391 are beyond.
    assert found["forecast_minor"] == round(0.05 * 100 * (520 / 17.5 * 30 - 500))
    with tenancy.platform():
        said = OutboxMessage.objects.filter(organization_id=paying.id, payload__action="billing.overage.chosen").get()
    assert said.payload["changes"] == {"delivered_bytes": ["cap", "overage"]}


def test_an_admin_sees_amounts_and_no_money(paying: TenantRecord, alice: Person) -> None:
    with tenancy.platform():
        Quota.objects.filter(organization_id=paying.id, meter=DELIVERED_BYTES).update(overage=True)
    deliver(paying, 600 * GB)
    found = meter(read(alice))

    assert (found["used"], found["mode"], found["overage_amount"]) == (600 * GB, "overage", 500 * GB)
    money = ("overage_minor", "overage_price", "currency", "forecast_minor")
    assert [found[name] for name in money] == [None, None, None, None]
    refused = alice.client().put("/api/v1/overage/", {"delivered_bytes": "cap"}, content_type="application/json")
    assert refused.status_code == 403


def test_what_is_used_is_none_of_anybody_elses_business(
    school: TenantRecord, avery: Person, ines: Person, leo: Person, mallory: Person
) -> None:
    for person in (avery, ines, leo):
        assert person.client().get("/api/v1/billing-usage/").status_code == 403
    deliver(school, 3 * GB)
    assert meter(read(mallory))["used"] == 0


def test_on_a_trial_there_is_nothing_to_pay_for_more_with(school: TenantRecord, olga: Person) -> None:
    assert meter(read(olga))["overage_price"] is None
    refused = olga.client().put("/api/v1/overage/", {"delivered_bytes": "overage"}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "overage_not_offered")
    wrong = olga.client().put("/api/v1/overage/", {"delivered_bytes": "free"}, content_type="application/json")
    assert wrong.status_code == 422
