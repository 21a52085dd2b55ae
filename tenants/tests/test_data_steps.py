"""Data steps: batches with a cursor, for one organization, that go on where they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import tenancy
from core.clock import now
from tenancy import TenantRecord
from tenants.dto import Batch
from tenants.fleet import data_steps
from tenants.models import DataStepRun
from tenants.schema.template import current


class Counting:
    """Counts to five in batches of two, and remembers for whom."""

    name = "test.counting"
    release = current().release
    seen: list[tuple[str, int]] = []
    fails_at: int | None = None

    def batch(self, cursor: dict[str, Any]) -> Batch:
        begin = cursor.get("after", 0)
        if begin == self.fails_at:
            raise ValueError("an odd row")
        self.seen.append((tenancy.current().slug, begin))
        end = min(5, begin + 2)
        return Batch(end - begin, {"after": end} if end < 5 else None)


@pytest.fixture(autouse=True)
def counting(settings: Any) -> Iterator[None]:
    settings.DATA_STEPS = [f"{__name__}.Counting"]
    data_steps.steps.cache_clear()
    Counting.seen, Counting.fails_at = [], None
    yield
    data_steps.steps.cache_clear()


@pytest.fixture
def run(db: None, world: Any) -> DataStepRun:
    with tenancy.platform():
        data_steps.plan(world.organizations["acme"].id, current().release)
        taken = data_steps.take_due()
        assert [found.name for found in taken] == ["test.counting"]
        assert data_steps.take_due() == []
    return taken[0]


def _work(run: DataStepRun, record: TenantRecord, *, until: float = 100.0) -> DataStepRun:
    with tenancy.bind(record):
        data_steps.work(run.id, until=until, clock=iter(range(1000)).__next__)
    with tenancy.platform():
        return DataStepRun.objects.get(id=run.id)


def test_a_step_runs_to_its_end_bound_to_the_organization(run: DataStepRun, world: Any) -> None:
    done = _work(run, world.organizations["acme"])
    assert (done.state, done.rows) == ("done", 5)
    assert done.finished_at
    assert Counting.seen == [("acme", 0), ("acme", 2), ("acme", 4)]


def test_a_step_lets_others_have_the_worker_and_goes_on_from_its_cursor(run: DataStepRun, world: Any) -> None:
    paused = _work(run, world.organizations["acme"], until=0)
    assert (paused.state, paused.rows, paused.cursor) == ("pending", 2, {"after": 2})
    with tenancy.platform():
        (again,) = data_steps.take_due()
    done = _work(again, world.organizations["acme"])
    assert (done.state, done.rows) == ("done", 5)
    assert [begin for _, begin in Counting.seen] == [0, 2, 4]


def test_a_step_whose_task_died_is_taken_again_when_its_lease_is_over(run: DataStepRun, world: Any) -> None:
    with tenancy.platform():
        DataStepRun.objects.filter(id=run.id).update(cursor={"after": 4}, rows=4, run_at=now())
        (again,) = data_steps.take_due()
    assert _work(again, world.organizations["acme"]).rows == 5
    assert Counting.seen == [("acme", 4)]


def test_a_step_that_fails_keeps_its_place_rests_and_gives_up_after_five_attempts(run: DataStepRun, world: Any) -> None:
    Counting.fails_at = 2
    for attempt in range(1, data_steps.MAX_ATTEMPTS + 1):
        failed = _work(run, world.organizations["acme"])
        assert (failed.attempt, failed.cursor, failed.error) == (attempt, {"after": 2}, "ValueError: an odd row")
        with tenancy.platform():
            assert data_steps.take_due() == []  # it rests
            DataStepRun.objects.filter(id=run.id, state="pending").update(run_at=now())
            data_steps.take_due()
    assert failed.state == "failed"


def test_a_step_is_not_run_in_another_organization(run: DataStepRun, world: Any) -> None:
    assert _work(run, world.organizations["globex"]).state == "running"
    assert Counting.seen == []


def test_a_step_of_an_organization_that_is_suspended_waits(run: DataStepRun, world: Any) -> None:
    from tenants.models import Organization

    with tenancy.platform():
        DataStepRun.objects.filter(id=run.id).update(state="pending", run_at=now())
        Organization.objects.filter(id=run.organization_id).update(state="suspended")
        assert data_steps.take_due() == []
        Organization.objects.filter(id=run.organization_id).update(state="active")
        assert [found.id for found in data_steps.take_due()] == [run.id]
