"""Data steps: batches with a cursor, for one organization, that go on where they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.db.models import F

import tenancy
from core.clock import now
from tenancy import TenantRecord
from tenancy.errors import OrganizationMoving
from tenants.catalog import load
from tenants.dto import Batch
from tenants.fleet import data_steps
from tenants.models import DataStepRun, Organization
from tenants.schema.template import current


class Counting:
    """Counts to five in batches of two, and remembers for whom."""

    name = "test.counting"
    release = current().release
    seen: list[tuple[str, int]] = []
    fails_at: int | None = None
    failure: Exception = ValueError("an odd row")
    meanwhile: Callable[[], object] | None = None
    """What happens while the batch that begins at 2 is under way."""

    def batch(self, cursor: dict[str, Any]) -> Batch:
        begin = cursor.get("after", 0)
        if begin == self.fails_at:
            raise self.failure
        self.seen.append((tenancy.current().slug, begin))
        if begin == 2 and Counting.meanwhile:
            with tenancy.platform():
                Counting.meanwhile()
        end = min(5, begin + 2)
        return Batch(end - begin, {"after": end} if end < 5 else None)


@pytest.fixture(autouse=True)
def counting(settings: Any) -> Iterator[None]:
    settings.DATA_STEPS = [f"{__name__}.Counting"]
    data_steps.steps.cache_clear()
    Counting.seen, Counting.fails_at, Counting.meanwhile = [], None, None
    Counting.failure = ValueError("an odd row")
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
    with tenancy.bind(load(record.id)):
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
    with tenancy.platform():
        DataStepRun.objects.filter(id=run.id).update(state="pending", run_at=now())
        Organization.objects.filter(id=run.organization_id).update(state="suspended")
        assert data_steps.take_due() == []
        Organization.objects.filter(id=run.organization_id).update(state="active")
        assert [found.id for found in data_steps.take_due()] == [run.id]


# -- what begins while a batch is under way ----------------------------------------------------------------------------


def _restored(run: DataStepRun, *, from_release: int | None = None, as_of: Any = None) -> None:
    """What a restore does in its transaction, as far as data steps are concerned."""
    Organization.objects.filter(id=run.organization_id).update(generation=F("generation") + 1)
    release = current().release
    data_steps.plan_restored(
        run.organization_id, release=release, from_release=from_release or release, as_of=as_of or now()
    )


def test_a_restore_in_the_middle_of_a_batch_begins_the_step_anew(run: DataStepRun, world: Any) -> None:
    Counting.meanwhile = lambda: _restored(run)
    left = _work(run, world.organizations["acme"])
    # The rows that came back are as they were: none of them is skipped for the sake of those that were replaced.
    assert (left.state, left.cursor, left.rows, left.started_at) == ("pending", {}, 0, None)
    assert [begin for _, begin in Counting.seen] == [0, 2]

    Counting.meanwhile, Counting.seen = None, []
    with tenancy.platform():
        data_steps.take_due()
    done = _work(run, world.organizations["acme"])
    assert (done.state, done.rows) == ("done", 5)
    assert [begin for _, begin in Counting.seen] == [0, 2, 4]


def test_a_step_that_somebody_else_has_begun_anew_is_not_written_to(run: DataStepRun, world: Any) -> None:
    def planned_and_taken() -> None:
        data_steps.plan(run.organization_id, current().release)
        assert [found.id for found in data_steps.take_due()] == [run.id]

    Counting.meanwhile = planned_and_taken
    left = _work(run, world.organizations["acme"])
    assert (left.state, left.cursor, left.rows) == ("running", {}, 0)
    assert [begin for _, begin in Counting.seen] == [0, 2]


def test_a_step_whose_organization_was_paused_ends_where_it_was(run: DataStepRun, world: Any) -> None:
    acme = Organization.objects.filter(id=run.organization_id)
    Counting.meanwhile = lambda: acme.update(state="suspended", generation=F("generation") + 1)
    left = _work(run, world.organizations["acme"])
    assert (left.state, left.cursor, left.rows, left.attempt) == ("running", {"after": 2}, 2, 0)

    Counting.meanwhile = None
    with tenancy.platform():
        acme.update(state="active", generation=F("generation") + 1)
        DataStepRun.objects.filter(id=run.id).update(run_at=now())  # its lease is over
        data_steps.take_due()
    assert _work(run, world.organizations["acme"]).rows == 5
    assert [begin for _, begin in Counting.seen] == [0, 2, 2, 4]


def test_a_move_that_begins_is_no_failure_of_the_step(run: DataStepRun, world: Any) -> None:
    Counting.fails_at, Counting.failure = 2, OrganizationMoving()
    left = _work(run, world.organizations["acme"])
    assert (left.state, left.cursor, left.attempt, left.error) == ("running", {"after": 2}, 0, "")


def test_two_tasks_never_work_on_one_step(run: DataStepRun, world: Any) -> None:
    other = psycopg2.connect(**{**connection.get_connection_params(), "cursor_factory": None})
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"data-step:{run.id}"])
        assert _work(run, world.organizations["acme"]).state == "running"
        assert Counting.seen == []
    finally:
        other.close()
    # Of one that has ended nothing is left: neither of the other's, nor of ours.
    assert _work(run, world.organizations["acme"], until=0).state == "pending"
    with tenancy.platform():
        data_steps.take_due()
    assert _work(run, world.organizations["acme"]).state == "done"


@pytest.mark.parametrize(
    ("finished_ago", "archived_ago", "from_release", "begins"),
    [
        (60, 30, 0, False),  # done, and the archive has it
        (30, 60, 0, True),  # archived before it was done
        (None, 30, 0, True),  # not done yet
        (60, 30, -1, True),  # archived on the release before, whatever happened here since
    ],
)
def test_a_restore_begins_the_steps_anew_that_its_rows_do_not_have(
    run: DataStepRun, finished_ago: int | None, archived_ago: int, from_release: int, begins: bool
) -> None:
    moment = now()
    with tenancy.platform():
        if finished_ago:
            finished = moment - timedelta(seconds=finished_ago)
            DataStepRun.objects.filter(id=run.id).update(state="done", finished_at=finished)
        _restored(run, from_release=current().release + from_release, as_of=moment - timedelta(seconds=archived_ago))
        found = DataStepRun.objects.get(id=run.id)
    assert (found.state == "pending", found.finished_at is None) == (begins, begins)


def test_a_restore_plans_nothing_for_whoever_was_born_on_the_release(db: None, world: Any) -> None:
    acme, release = world.organizations["acme"].id, current().release
    with tenancy.platform():
        runs = DataStepRun.objects.filter(organization_id=acme, name=Counting.name)
        data_steps.plan_restored(acme, release=release, from_release=release, as_of=now())
        assert not runs.exists()
        # One that comes back on the release before has its steps from whoever brings it along.
        data_steps.plan(acme, release)
        data_steps.plan_restored(acme, release=release - 1, from_release=release - 1, as_of=now())
        assert not runs.exists()
