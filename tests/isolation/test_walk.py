"""No organization meets another: every route × method × role against the poisoned twin, and the walk itself tried."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.isolation.conftest import Tally
from tests.isolation.mutants import Mutant, all_mutants
from tests.isolation.routes import Route, api_routes
from tests.isolation.samples import ANONYMOUS, ROLES, all_samples
from tests.isolation.walk import Finding, Stage, Walk

ROUTES = api_routes()
LEAST_ROUTES_A_MUTANT = 20


def _told(findings: list[Finding]) -> str:
    return "\n".join(str(found) for found in findings[:40])


def _sampled(stage: Stage, surface: str) -> list[Route]:
    return [route for route in ROUTES if route.surface == surface and route.name in stage.samples]


def test_every_route_has_a_name_and_a_sample() -> None:
    names = [route.name for route in ROUTES]
    assert all(":" in name and not name.endswith(":") for name in names)
    assert len(set(names)) == len(names)
    assert set(names) - set(all_samples()) == set(), "write a sample in tests/isolation/samples/<app>.py"


def test_no_sample_is_of_a_route_that_is_gone() -> None:
    assert set(all_samples()) - {route.name for route in ROUTES} == set()


def test_every_declared_method_has_a_call(stage: Stage) -> None:
    missing = [
        f"{method} {route.name}"
        for route in ROUTES
        for method in route.permissions
        if route.name in stage.samples and method not in stage.samples[route.name].calls
    ]
    assert missing == []


def test_the_twin_holds_the_same_ids_and_other_words(stage: Stage) -> None:
    assert stage.twin.rows > 50
    assert stage.twin.poisoned > 40
    assert stage.twin.unchanged == [], "columns of the twin that kept A's words"


@pytest.mark.parametrize("surface", ["tenant", "site", "staff"])
def test_nothing_crosses(stage: Stage, tally: Tally, surface: str) -> None:
    report = Walk(stage).run(_sampled(stage, surface))
    tally.report.routes |= report.routes
    tally.report.roles |= report.roles
    tally.report.checks += report.checks
    tally.report.findings += report.findings
    assert report.findings == [], _told(report.findings)
    if surface == "tenant":
        assert report.roles == {*ROLES, ANONYMOUS}


@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda mutant: mutant.name)
def test_a_removed_guard_turns_the_walk_red(stage: Stage, tally: Tally, mutant: Mutant) -> None:
    routes = mutant.routes(_sampled(stage, mutant.surface), LEAST_ROUTES_A_MUTANT)
    assert len(routes) >= LEAST_ROUTES_A_MUTANT
    tally.mutants.append(mutant.name)
    with ExitStack() as mishap:
        if mutant.setup is not None:
            mishap.enter_context(mutant.setup(stage.twin))
            unharmed = Walk(stage, quick=True).run(routes)
            assert unharmed.serious(["leak", "write"]) == [], _told(unharmed.findings)
        kinds = ("leak", "write") if mutant.setup is not None else ("leak", "access", "write", "wall")
        with mutant.cut(stage.twin):
            report = Walk(stage, quick=True).run(routes, until=kinds)
    if not report.serious(kinds):
        tally.survivors.append(mutant.name)
    assert report.serious(kinds), f"survived {report.checks} checks over {len(report.routes)} routes"


def test_enough_guards_were_tried() -> None:
    mutants = [mutant.name for mutant in all_mutants()]
    assert len(mutants) == len(set(mutants)) >= 12
    assert sum(name.startswith("no row security") for name in mutants) >= 3
