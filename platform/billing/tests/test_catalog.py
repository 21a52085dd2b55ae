"""The price list: what was promised stays promised, and safety is in every plan."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

import tenancy
from billing import offers
from billing.catalog import BY_KEY, CATALOG, CURRENCIES, Amount, Entry, next_plan
from billing.errors import PlanDrift, UnknownPlan
from billing.features import ALWAYS, DOMAINS, FEATURES, METERS, PRIORITY_SUPPORT, SEATS, STORAGE_BYTES
from billing.models import Plan, PlanVersion
from billing.subscriptions import products
from core.clock import now

# What was ever declared. A new version is added to it; a line that is there never changes.
DECLARED = Path(__file__).parent / "declared_versions.json"


def _put(monkeypatch: pytest.MonkeyPatch, *entries: Entry) -> None:
    given = {entry.key: entry for entry in entries}
    monkeypatch.setattr(offers, "CATALOG", tuple(given.get(entry.key, entry) for entry in CATALOG))


def declare_second_version(monkeypatch: pytest.MonkeyPatch, key: str, *, gb: int) -> None:
    """Let the plan be sold with so much storage from now on, as a release would."""
    entry = BY_KEY[key]
    brings = {**entry.newest.brings, STORAGE_BYTES: Amount(gb * 10**9)}
    _put(monkeypatch, replace(entry, versions=(*entry.versions, replace(entry.newest, number=2, brings=brings))))
    assert offers.sync_plans() == [f"{key} v2"]


@pytest.fixture
def platform(db: None) -> Any:
    with tenancy.platform():
        yield


def test_no_version_changes_once_it_is_declared() -> None:
    declared = {f"{entry.key} v{one.number}": one.declared() for entry in CATALOG for one in entry.versions}
    kept = json.loads(DECLARED.read_text())
    changed = sorted(name for name, words in kept.items() if declared.get(name) != words)
    assert not changed, "leave them as they were and add a version"
    assert sorted(declared) == sorted(kept), f"write a new version down in {DECLARED.name}"


def test_sso_mfa_audit_and_export_are_in_every_plan() -> None:
    assert ALWAYS == ("sso", "mfa", "audit", "export")
    for entry in CATALOG:
        for version in entry.versions:
            assert all(version.brings[feature].value == 1 for feature in ALWAYS), entry.key


def test_every_version_says_of_every_feature_what_it_brings() -> None:
    for entry in CATALOG:
        assert [one.number for one in entry.versions] == sorted({one.number for one in entry.versions})
        for version in entry.versions:
            assert version.brings.keys() == FEATURES.keys()
            assert version.overage.keys() <= set(METERS)
            assert all(version.brings[key].value is not None or not version.brings[key].per_seat for key in FEATURES)


def test_what_is_sold_has_a_price_in_every_currency_and_a_year_costs_ten_months() -> None:
    for entry in CATALOG:
        prices = entry.newest.prices()
        assert set(prices) == (set() if entry.key == "trial" else set(CURRENCIES))
        assert all(price["year"] == 10 * price["month"] for price in prices.values())
    assert BY_KEY["start"].newest.prices()["gbp"] == {"month": 350, "year": 3500}


@pytest.mark.parametrize(
    ("plan", "feature", "way"),
    [
        ("trial", SEATS, "start"),
        ("start", SEATS, "start"),  # buy more of them
        ("scale", SEATS, None),  # by staff
        ("trial", STORAGE_BYTES, "team"),
        ("start", DOMAINS, "team"),
        ("team", DOMAINS, "growth"),
        ("growth", DOMAINS, None),
        ("scale", DOMAINS, None),
        ("start", PRIORITY_SUPPORT, "growth"),
        ("of-a-later-release", DOMAINS, "start"),
    ],
)
def test_the_way_up_is_the_nearest_plan_that_brings_more(plan: str, feature: str, way: str | None) -> None:
    assert next_plan(plan, feature) == way


# -- as rows ----------------------------------------------------------------------------------------------------------


def test_the_rows_say_what_the_catalogue_says(platform: None) -> None:
    assert offers.sync_plans() == []
    assert set(Plan.objects.values_list("key", "state")) == {
        ("trial", "offered"),
        ("start", "sold"),
        ("team", "sold"),
        ("growth", "sold"),
        ("scale", "offered"),
    }
    row = offers.newest_of("team")
    assert row.prices["eur"]["year"] == {"seat_minor": 7000, "stripe_price": None}
    assert row.overage["delivered_bytes"]["usd"] == {"unit_minor": "5", "stripe_price": None}
    assert row.id == offers.version_id("team", 1)
    with pytest.raises(UnknownPlan):
        offers.newest_of("free")


def test_a_new_version_is_sold_from_now_on_and_the_one_before_is_not(
    platform: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = now() + timedelta(days=1)
    with time_machine.travel(later, tick=False):
        declare_second_version(monkeypatch, "team", gb=500)
        assert offers.sync_plans() == []
    first, second = PlanVersion.objects.filter(plan_id="team").order_by("number")
    assert (first.sold_until, second.sold_from, second.sold_until) == (later, later, None)
    assert offers.newest_of("team").id == second.id


@pytest.mark.parametrize(
    "change",
    [
        {"month_minor": {"usd": 900, "eur": 700, "gbp": 600}},
        {"seats_min": 2},
        {"overage": {}},
        {"brings": {**BY_KEY["team"].newest.brings, DOMAINS: Amount(2)}},
    ],
)
def test_a_version_that_was_changed_is_refused(
    platform: None, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    entry = BY_KEY["team"]
    _put(monkeypatch, replace(entry, versions=(replace(entry.newest, **change),)))
    with pytest.raises(PlanDrift, match="add a version"):
        offers.sync_plans()
    with pytest.raises(CommandError, match="team v1"):
        call_command("sync_plans")


def test_ids_at_stripe_are_no_change(platform: None) -> None:
    row = offers.newest_of("team")
    row.prices["usd"]["month"]["stripe_price"] = "price_1"
    row.save()
    assert offers.sync_plans() == []
    assert offers.newest_of("team").prices["usd"]["month"]["stripe_price"] == "price_1"


def test_a_release_before_leaves_newer_rows_as_they_are(platform: None, monkeypatch: pytest.MonkeyPatch) -> None:
    declare_second_version(monkeypatch, "team", gb=500)
    monkeypatch.setattr(offers, "CATALOG", CATALOG)  # rolled back
    assert offers.sync_plans() == []
    assert offers.newest_of("team").number == 2


def test_a_plan_that_is_no_longer_declared_is_retired(platform: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "CATALOG", CATALOG[:-1])
    offers.sync_plans()
    assert Plan.objects.get(key="scale").state == "retired"


def test_what_a_price_stands_for_is_one_question_however_many_versions_there_are(
    platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = offers.newest_of("team")
    first.prices["eur"]["month"]["stripe_price"] = "price_of_the_first"
    first.save(update_fields=["prices"])
    declare_second_version(monkeypatch, "team", gb=500)

    with CaptureQueriesContext(connection) as asked:
        found = products.sold_as()

    assert found["price_of_the_first"] == products.Sold(first.id, "eur", "month")
    assert len(asked) == 1
