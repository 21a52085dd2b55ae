"""What it costs to ask what an organization has, and how soon the web knows of a change."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from uuid import UUID

from bench import product, report, signup
from core.clock import now
from devstack import embedded
from devstack.demo.browser import Browser

BAR_MS, BAR_SECONDS = 0.2, 1.0
ROUNDS, REPEATS = 9, 20_000
CHANGES = 60
SLUG = "bench-school"
PLANS = ("growth", "team")
FEATURE = "priority_support"
SEATS = 50


def run() -> None:
    """Time checks in a bound organization, counting statements; then change its plan beside the running product."""
    with embedded.running(fsync=True) as env:
        signup.sign_up_and_land(env.settings, SLUG)
        studio = Browser(f"{SLUG}.{env.settings.site_host}", env.settings.ports["front"])
        studio.sign_in(f"owner@{SLUG}.example", signup.PASSWORD)
        product.join(env)
        from tenancy import catalog

        entry = catalog.resolve(studio.host)
        assert entry is not None
        _check(entry.tenant.id)
        _fresh(entry.tenant.id, studio)


def _check(organization_id: UUID) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    import tenancy
    from billing import api as billing
    from billing.errors import NotInPlan
    from tenants.catalog import load

    record = load(organization_id)
    rounds: list[float] = []
    with tenancy.bind(record), CaptureQueriesContext(connection) as asked:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            for _ in range(REPEATS):
                billing.require("sso")
            rounds.append((time.perf_counter() - began) / REPEATS * 1000)
        began = time.perf_counter()
        for _ in range(REPEATS):
            try:
                billing.require(FEATURE)
            except NotInPlan:
                continue
            raise AssertionError("the trial has no priority support")
        refused_ms = (time.perf_counter() - began) / REPEATS * 1000
    began = time.perf_counter()
    for _ in range(200):
        load(organization_id)
    load_ms = (time.perf_counter() - began) / 200 * 1000
    report.figure(
        "entitlements",
        statistics.median(rounds),
        "ms a check",
        "<=",
        BAR_MS,
        statements=len(asked),
        refused_ms=round(refused_ms, 4),
        reading_the_record_ms=round(load_ms, 3),
        rounds=ROUNDS,
        repeats=REPEATS,
        spread_ms=report.spread(rounds),
    )
    report.figure("entitlements_sql", len(asked), "statements in all checks", "<=", 0)


def _fresh(organization_id: UUID, studio: Browser) -> None:
    """Change the plan here, and ask the web over HTTP until it says so. Its processes knew the plan before."""
    import tenancy
    from billing import api as billing

    until = now() + timedelta(days=30)
    waits: list[float] = []
    for number in range(CHANGES):
        plan = PLANS[number % 2]
        assert studio.call("GET", "/api/v1/seats/")["plan"] != plan
        with tenancy.platform():
            began = time.perf_counter()
            billing.finance.give_plan(organization_id, plan=plan, seats=SEATS, until=until)
        # From before the change was asked for: its own work, its commit and a whole request are in the figure.
        while studio.call("GET", "/api/v1/seats/")["plan"] != plan:
            time.sleep(0.005)
        waits.append(time.perf_counter() - began)
        time.sleep(0.2)
    report.figure(
        "entitlements_fresh",
        max(waits),
        "s until the web answers with a change",
        "<=",
        BAR_SECONDS,
        changes=CHANGES,
        spread_seconds=report.spread(waits),
    )
