"""What it costs to ask what an organization has, and how soon another web process knows of a change."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from uuid import UUID, uuid4

from bench import product, report

BAR_MS, BAR_SECONDS = 0.2, 1.0
ROUNDS, REPEATS = 9, 20_000
CHANGES = 60
FEATURE = "priority_support"


def run() -> None:
    """Time checks in a bound organization, counting statements; then change one and wait for another process."""
    with product.database() as environment:
        organization_id = UUID(product.organization(environment, "bench-school"))
        _check(organization_id)
        _fresh(organization_id)


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


def _fresh(organization_id: UUID) -> None:
    import tenancy
    from billing import api as billing
    from tenants.catalog import load

    host = load(organization_id).host
    watching = subprocess.Popen(
        [sys.executable, "-m", "tests.support.entitlement_watcher", host, FEATURE],
        cwd=product.ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert watching.stdout is not None
    try:
        watching.stdout.readline()
        time.sleep(2)  # its listener has found Redis
        waits: list[float] = []
        for number in range(CHANGES):
            with tenancy.platform():
                began = time.time()
                if number % 2:
                    billing.revoke_override(organization_id, feature=FEATURE)
                else:
                    billing.grant_override(
                        organization_id, feature=FEATURE, value=1, expires_at=None, note="bench", made_by=uuid4()
                    )
            # From before the change was asked for: its own work and commit are in the figure.
            waits.append(float(watching.stdout.readline().split()[1]) - began)
    finally:
        watching.terminate()
        watching.wait(10)
    report.figure(
        "entitlements_fresh",
        max(waits),
        "s until another process sees a change",
        "<=",
        BAR_SECONDS,
        changes=CHANGES,
        spread_seconds=report.spread(waits),
    )
