"""What an organization has: what it bought, kept and was granted, right at every moment, and told to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

import tenancy
from billing import entitlements
from billing.catalog import Amount
from billing.entitlements.compiling import Bought, Granted, better, spans_from
from billing.entitlements.records import from_json, to_json
from billing.errors import NoOverride, NotInPlan, QuotaExceeded, UnknownFeature
from billing.features import DOMAINS, FEATURES, LIMITS, PRIORITY_SUPPORT, SEATS, STORAGE_BYTES, SWITCHES
from billing.meters import COUNTED
from billing.models import BillingAccount, Override, Quota, Subscription
from billing.offers import newest_of, version_id
from billing.services import take
from core.clock import now
from core.errors import ValidationFailed
from core.ids import new_id
from events.models import OutboxMessage
from tenancy import TenantRecord
from tenancy.entitlements import Entitlements
from tenants.catalog import load, load_host

STAFF = UUID(int=7)
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)

# -- the compiler, for anything that can be bought --------------------------------------------------------------------

values = st.none() | st.integers(0, 10**12)
amounts = st.builds(Amount, values, st.integers(0, 1000))
plans = st.builds(
    Bought,
    st.sampled_from(["start", "team", "growth"]),
    st.dictionaries(st.sampled_from(sorted(FEATURES)), amounts),
    st.integers(0, 5000),
)
moments = st.integers(-10_000, 10_000).map(lambda minutes: NOON + timedelta(minutes=minutes))
grants = st.lists(
    st.builds(Granted, st.sampled_from(sorted(FEATURES)), values, st.none() | moments),
    unique_by=lambda grant: grant.feature,
)


def _at(spans: tuple[tenancy.entitlements.Span, ...], moment: datetime) -> dict[str, int | None]:
    with time_machine.travel(moment, tick=False):
        return dict(Entitlements(spans=spans).now().values)


@given(bought=plans, kept=st.none() | plans, kept_until=st.none() | moments, granted=grants, later=moments)
def test_what_is_compiled_once_is_right_at_every_later_moment(
    bought: Bought, kept: Bought | None, kept_until: datetime | None, granted: list[Granted], later: datetime
) -> None:
    def spans(moment: datetime) -> tuple[tenancy.entitlements.Span, ...]:
        return spans_from(moment, bought=bought, kept=kept, kept_until=kept_until, granted=granted)

    later = max(later, NOON)
    assert _at(spans(NOON), later) == spans(later)[0].values


@given(bought=plans, kept=plans, granted=grants)
def test_who_keeps_something_has_at_least_what_was_bought(bought: Bought, kept: Bought, granted: list[Granted]) -> None:
    until = NOON + timedelta(days=3)
    first, last = spans_from(NOON, bought=bought, kept=kept, kept_until=until)
    for feature, value in bought.values().items():
        assert better(first.values[feature], value) == first.values[feature]
        if feature != SEATS:
            assert better(first.values[feature], kept.values()[feature]) == first.values[feature]
    assert first.values[SEATS] == bought.values()[SEATS]  # nobody joins on a seat that will not be paid for
    assert last.values == bought.values()
    granted_now = spans_from(NOON, bought=bought, granted=granted)[0].values
    for grant in granted:
        if grant.until is None or grant.until > NOON:
            assert granted_now[grant.feature] == grant.value


@given(bought=plans, granted=grants, ahead=st.integers(0, 10**7))
def test_what_is_kept_reads_as_it_was_written(bought: Bought, granted: list[Granted], ahead: int) -> None:
    spans = spans_from(NOON, bought=bought, granted=granted)
    read = from_json(3, to_json(spans, ahead_seconds=ahead))
    assert read.version == 3
    assert [dict(span.values) for span in read.spans] == [dict(span.values) for span in spans]
    assert [span.until for span in read.spans] == [
        span.until - timedelta(seconds=ahead) if span.until else None for span in spans
    ]


def test_a_limit_that_came_up_later_binds_nobody_who_bought_before() -> None:
    found = Bought("team", {}, 10).values()
    assert all(found[key] is None for key in LIMITS)
    assert all(found[key] == 0 for key in SWITCHES)


# -- one organization -------------------------------------------------------------------------------------------------


@pytest.fixture
def acme_id(db: None, world: object) -> Iterator[UUID]:
    """acme's id, on the platform."""
    with tenancy.platform():
        yield world.organizations["acme"].id  # type: ignore[attr-defined]


def _subscribe(organization_id: UUID, plan: str, *, seats: int, **changes: object) -> None:
    Subscription.objects.filter(organization_id=organization_id).update(
        version=newest_of(plan), seats=seats, state="active", **changes
    )
    entitlements.apply(organization_id)


def _limits(organization_id: UUID) -> dict[str, int | None]:
    return dict(Quota.objects.filter(organization_id=organization_id).values_list("meter", "plan_limit"))


def test_an_organization_begins_with_two_weeks_of_trial(acme_id: UUID) -> None:
    row = Subscription.objects.select_related("version").get(organization_id=acme_id)
    assert (row.version.plan_id, row.state, row.stripe_id, row.seats) == ("trial", "trialing", None, 50)
    assert row.trial_end_at is not None
    assert timedelta(days=13, hours=23) < row.trial_end_at - row.started_at <= timedelta(days=14)
    assert _limits(acme_id) == {
        "seats": 50,
        "storage_bytes": 50 * 10**9,
        "domains": 1,
        "transcode_seconds": 36_000,
        "delivered_bytes": 100 * 10**9,
    }


def test_what_was_bought_grows_with_the_seats_and_is_told_to_everybody(acme_id: UUID) -> None:
    before = BillingAccount.objects.get(organization_id=acme_id).entitlements_version
    _subscribe(acme_id, "team", seats=20)
    assert _limits(acme_id) == {
        "seats": 20,
        "storage_bytes": 250 * 10**9,
        "domains": 3,
        "transcode_seconds": (3000 + 20 * 40) * 60,
        "delivered_bytes": (500 + 20 * 4) * 10**9,
    }
    account = BillingAccount.objects.get(organization_id=acme_id)
    assert (account.plan, account.entitlements_version) == ("team", before + 1)
    told = OutboxMessage.objects.get(organization_id=acme_id, type="lms.billing.entitlements.changed.v1")
    assert told.payload["version"] == before + 1
    record = load(acme_id)
    assert (record.entitlements.plan, record.entitlements.value(SEATS)) == ("team", 20)
    entry = load_host("acme.lms.localhost")
    assert entry is not None
    assert entry.tenant.entitlements == record.entitlements


def test_applying_what_is_in_force_changes_and_tells_nothing(acme_id: UUID) -> None:
    assert not entitlements.apply(acme_id)
    assert not OutboxMessage.objects.filter(
        organization_id=acme_id, type="lms.billing.entitlements.changed.v1"
    ).exists()


def test_limits_are_written_in_the_order_in_which_meters_are_counted(acme_id: UUID) -> None:
    """A plan that changes while deliveries are counted: whoever takes two rows takes them in one order."""
    Subscription.objects.filter(organization_id=acme_id).update(version=newest_of("growth"), seats=40)

    with CaptureQueriesContext(connection) as asked:
        entitlements.apply(acme_id)

    written = [
        meter
        for query in asked.captured_queries
        if query["sql"].startswith('UPDATE "billing_quota" SET "plan_limit"')
        for meter in COUNTED
        if f"'{meter}'" in query["sql"]
    ]
    assert len(written) >= 4
    assert written == sorted(written)


def test_a_buyer_keeps_the_version_they_bought(acme_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    from billing.tests.test_catalog import declare_second_version

    _subscribe(acme_id, "team", seats=20)
    declare_second_version(monkeypatch, "team", gb=10)

    entitlements.apply(acme_id)
    assert _limits(acme_id)["storage_bytes"] == 250 * 10**9
    assert Subscription.objects.get(organization_id=acme_id).version_id == version_id("team", 1)
    _subscribe(acme_id, "team", seats=20)  # whoever buys now
    assert _limits(acme_id)["storage_bytes"] == 10 * 10**9


def test_what_is_paid_for_is_kept_until_the_period_ends(acme_id: UUID) -> None:
    end = now() + timedelta(days=9)
    _subscribe(
        acme_id, "start", seats=8, kept_seats=30, kept_version=newest_of("growth"), kept_until=end
    )  # down from 30 seats of growth
    account = BillingAccount.objects.get(organization_id=acme_id)
    assert account.plan == "growth"
    assert account.entitlements_until == end
    assert (_limits(acme_id)["seats"], _limits(acme_id)["domains"]) == (8, 10)
    assert load(acme_id).entitlements.has(PRIORITY_SUPPORT)
    with time_machine.travel(end + timedelta(seconds=1)):
        assert not load(acme_id).entitlements.has(PRIORITY_SUPPORT)  # before the duty has come
        assert entitlements.apply_due() == 1
        assert (_limits(acme_id)["seats"], _limits(acme_id)["domains"]) == (8, 1)
        assert BillingAccount.objects.get(organization_id=acme_id).plan == "start"
        assert entitlements.apply_due() == 0


def test_an_account_whose_clock_is_ahead_comes_to_its_ends_sooner(acme_id: UUID) -> None:
    BillingAccount.objects.filter(organization_id=acme_id).update(ahead_seconds=10 * 24 * 3600)
    _subscribe(
        acme_id, "start", seats=8, kept_version=newest_of("growth"), kept_until=now() + timedelta(days=9)
    )  # ten days ahead it is over
    assert _limits(acme_id)["domains"] == 1


# -- grants -----------------------------------------------------------------------------------------------------------


def _grant(organization_id: UUID, feature: str, value: int | None, **more: object) -> Override:
    terms = {"expires_at": None, "note": "Agreed by mail", "made_by": STAFF, **more}
    return entitlements.grant_override(organization_id, feature=feature, value=value, **terms)  # type: ignore[arg-type]


def test_a_grant_is_in_force_at_once_and_its_end_is_the_plans_value_again(acme_id: UUID) -> None:
    _grant(acme_id, DOMAINS, 4)
    _grant(acme_id, STORAGE_BYTES, None)
    assert (_limits(acme_id)["domains"], _limits(acme_id)["storage_bytes"]) == (4, None)
    _grant(acme_id, DOMAINS, 6)
    assert _limits(acme_id)["domains"] == 6
    assert [row.value for row in entitlements.overrides_of(acme_id)] == [6, None]
    entitlements.revoke_override(acme_id, feature=DOMAINS)
    assert _limits(acme_id)["domains"] == 1
    with pytest.raises(NoOverride):
        entitlements.revoke_override(acme_id, feature=DOMAINS)


def test_a_grant_ends_by_itself_even_before_the_duty_comes(acme_id: UUID) -> None:
    end = now() + timedelta(hours=1)
    _grant(acme_id, PRIORITY_SUPPORT, 1, expires_at=end)
    _grant(acme_id, DOMAINS, 3, expires_at=end)
    record = load(acme_id)
    with time_machine.travel(end + timedelta(seconds=1)):
        assert not record.entitlements.has(PRIORITY_SUPPORT)
        assert entitlements.overrides_of(acme_id) == []
        with tenancy.bind(record):
            # The row still says three; the record knows better.
            take(DOMAINS)
            with pytest.raises(QuotaExceeded):
                take(DOMAINS)
        assert entitlements.apply_due() == 1
        assert _limits(acme_id)["domains"] == 1
        _grant(acme_id, DOMAINS, 5)  # one that ended is in nobody's way


def test_a_grant_below_what_is_in_use_breaks_nothing(acme_id: UUID) -> None:
    _grant(acme_id, SEATS, 2)
    row = Quota.objects.get(organization_id=acme_id, meter=SEATS)
    assert (row.plan_limit, row.hard_limit) == (2, row.used)


@pytest.mark.parametrize(
    ("feature", "terms", "refusal"),
    [
        ("teleport", {"value": 1}, UnknownFeature),
        (DOMAINS, {"value": -1}, ValidationFailed),
        (PRIORITY_SUPPORT, {"value": 2}, ValidationFailed),
        (PRIORITY_SUPPORT, {"value": None}, ValidationFailed),
        (DOMAINS, {"value": 4, "note": " "}, ValidationFailed),
        (DOMAINS, {"value": 4, "expires_at": NOON - timedelta(days=400)}, ValidationFailed),
    ],
)
def test_a_grant_that_does_not_hold_is_refused(acme_id: UUID, feature: str, terms: dict, refusal: type) -> None:
    with pytest.raises(refusal):
        _grant(acme_id, feature, terms.pop("value"), **terms)
    assert entitlements.overrides_of(acme_id) == []


# -- asking -----------------------------------------------------------------------------------------------------------


def test_asking_costs_no_query_and_a_refusal_names_the_way_up(acme: TenantRecord) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert entitlements.has("sso")
        entitlements.require("export")
        with pytest.raises(NotInPlan) as refused:
            entitlements.require(PRIORITY_SUPPORT)
    assert len(asked) == 0
    assert refused.value.members == {"feature": PRIORITY_SUPPORT, "plan": "trial", "next_plan": "growth"}


def test_nobody_bound_has_nothing() -> None:
    assert not entitlements.has("sso")
    with pytest.raises(tenancy.NoTenantBound):
        entitlements.require("sso")


def test_an_organization_that_nobody_has_opened_yet_has_a_trials(db: None) -> None:
    with tenancy.platform():
        nobody = new_id()
        assert entitlements.of_many([nobody])[nobody].value(SEATS) == 50
