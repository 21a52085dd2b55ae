"""Bringing a fleet along: kill -9 at its statements, two runners, locks, drift, a budget that is used up.

`make faults-fleet` runs the last test here with two hundred organizations.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest

from tests.support import fleet as fleets
from tests.support.fleet import NEWEST, Fleet

SIZE = 6
MOST_STATEMENTS = 200
LARGE = int(os.environ.get("FLEET_FAULTS", "0"))


@pytest.fixture(scope="module")
def fleet(world: Any) -> Iterator[Fleet]:
    with fleets.running() as found:
        yield found


@pytest.fixture(scope="module")
def fleet_of_six(fleet: Fleet) -> tuple[str, ...]:
    return tuple(fleet.do("old", count=SIZE))


@pytest.fixture
def schools(fleet: Fleet, fleet_of_six: tuple[str, ...]) -> list[str]:
    """Six organizations on the release before. The first of them is the canary."""
    fleet.back(fleet_of_six)
    fleet.do("run", until="canary")
    canary = next(school for school in fleet_of_six if fleet.row(school)["ring"] == "canary")
    fleet.back(fleet_of_six)
    return [canary, *(school for school in fleet_of_six if school != canary)]


@contextmanager
def _locked(fleet: Fleet, school: str) -> Iterator[None]:
    """Somebody reads the stamp in a transaction that does not end."""
    link = psycopg2.connect(fleet.environment["LMS_OWNER_DATABASE_URL"])
    with link.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{fleet.schema(school)}"._tenant')
    yield
    link.rollback()
    link.close()


def _break(fleet: Fleet, school: str) -> None:
    """Somebody has added the release's column by hand: its SQL cannot succeed."""
    fleet.sql(f'ALTER TABLE "{fleet.schema(school)}"._tenant ADD COLUMN frozen_at text')


def _mend(fleet: Fleet, school: str) -> None:
    fleet.sql(f'ALTER TABLE "{fleet.schema(school)}"._tenant DROP COLUMN frozen_at')


def test_the_fleet_is_brought_along_ring_by_ring(fleet: Fleet, schools: list[str]) -> None:
    assert [fleet.is_whole(school) for school in schools] == [False] * SIZE

    done = fleet.do("run", workers=2)

    assert (done["state"], done["done"], done["failed"], done["behind"]) == ("done", SIZE, 0, 0)
    assert all(fleet.is_whole(school) for school in schools)
    assert [fleet.row(school)["ring"] for school in schools] == ["canary"] + ["all"] * (SIZE - 1)
    assert fleet.do("drift") == {"checked": SIZE, "unknown": 0, "drifted": {}}
    again = fleet.do("run")
    assert (again["state"], again["behind"]) == ("done", 0)


def test_a_ring_can_be_looked_at_before_the_next_begins(fleet: Fleet, schools: list[str]) -> None:
    first = fleet.do("run", until="canary")

    assert (first["state"], first["done"], first["behind"]) == ("waiting", 1, SIZE - 1)
    assert [fleet.is_whole(school) for school in schools] == [True] + [False] * (SIZE - 1)
    assert fleet.manage("migrate_fleet", "--ring", "canary").returncode == 0  # what was asked for is done
    assert fleet.do("run")["state"] == "done"


def test_a_runner_killed_at_any_statement_leaves_nobody_half_way_and_the_next_one_goes_on(
    fleet: Fleet, schools: list[str]
) -> None:
    """Two organizations, so that deaths fall inside both, between them and between the rings."""
    fleet.sql("UPDATE tenants_organization SET state = 'failed' WHERE id <> ALL(%s::uuid[])", schools[:2])
    deaths = 0
    try:
        for statement in range(1, MOST_STATEMENTS, 1 if LARGE else 3):
            fleet.back(schools)
            if "killed" not in fleet.ask("run", die=statement):
                break
            deaths += 1
            for school in schools[:2]:
                fleet.is_whole(school)
            done = fleet.do("run")
            assert (done["state"], done["failed"], done["behind"]) == ("done", 0, 0), (statement, done)
            assert all(fleet.is_whole(school) for school in schools[:2])
        else:
            pytest.fail(f"a run has more than {MOST_STATEMENTS} statements; raise the bound")
    finally:
        fleet.sql("UPDATE tenants_organization SET state = 'active'")
    assert deaths > 15, "so few statements cannot have been a run"


def test_of_two_runners_the_second_says_that_the_first_is_at_work(fleet: Fleet, schools: list[str]) -> None:
    first = fleet.another()
    try:
        with _locked(fleet, schools[0]):
            fleets.send(first, "run", attempts=1000)
            while not fleet.row(schools[0]).get("error"):  # it has met the lock, and tries again
                pass
            second = fleet.ask("run")
        assert "AlreadyRunning" in second["error"]
        assert fleets.answer(first)["result"]["state"] == "done"
    finally:
        assert first.stdin
        first.stdin.close()
        first.wait(timeout=90)
    assert all(fleet.is_whole(school) for school in schools)


def test_a_locked_organization_is_tried_again_then_fails_with_its_reason_and_holds_up_nobody(
    fleet: Fleet, schools: list[str]
) -> None:
    with _locked(fleet, schools[3]):
        done = fleet.do("run", lock_ms=100, attempts=2)

    assert (done["state"], done["done"], done["failed"], done["behind"]) == ("done", SIZE - 1, 1, 1)
    row = fleet.row(schools[3])
    assert (row["state"], row["attempt"]) == ("failed", 2)
    assert "lock timeout" in row["error"]
    assert not fleet.is_whole(schools[3])

    assert fleet.do("desk", act="retry", organization_id=schools[3]) == 1
    fleet.do("bring_along", organization=schools[3])
    assert fleet.is_whole(schools[3])


def test_an_organization_that_somebody_is_making_or_moving_is_taken_later(fleet: Fleet, schools: list[str]) -> None:
    (key,) = fleet.sql("SELECT ('x' || right(replace(%s, '-', ''), 16))::bit(64)::bigint", schools[2])[0]
    other = psycopg2.connect(fleet.environment["LMS_OWNER_DATABASE_URL"])
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
        done = fleet.do("run", patience=0.2)
    other.close()

    assert (done["state"], done["done"], done["failed"], done["behind"]) == ("running", SIZE - 1, 0, 1)
    assert not fleet.is_whole(schools[2])
    fleet.sql("UPDATE tenants_schemaledger SET run_at = NULL WHERE state = 'pending'")
    assert fleet.do("run")["state"] == "done"
    assert fleet.is_whole(schools[2])


def test_an_organization_of_another_cell_is_left_alone_and_one_on_its_way_there_waits(
    fleet: Fleet, schools: list[str]
) -> None:
    away, moving, late = schools[1:4]
    fleet.sql("UPDATE tenants_organization SET cell = 'elsewhere' WHERE id = %s", away)
    fleet.sql("UPDATE tenants_organization SET frozen_at = now() WHERE id = %s", moving)
    fleet.do("run", until="canary")  # its row is written; then its move begins
    fleet.sql("UPDATE tenants_organization SET frozen_at = now() WHERE id = %s", late)
    try:
        done = fleet.do("run", patience=0.2)
    finally:
        fleet.sql("UPDATE tenants_organization SET cell = 'local', frozen_at = NULL")

    assert (done["done"], done["failed"]) == (SIZE - 3, 0)
    assert [fleet.row(school).get("state") for school in (away, moving, late)] == [None, None, "pending"]
    assert not any(fleet.is_whole(school) for school in (away, moving, late))
    assert fleet.do("run")["behind"] == 0  # nothing came of the moves


def test_what_is_put_in_place_while_it_waits_for_the_row_counts(fleet: Fleet, schools: list[str]) -> None:
    """A restore holds the organization's row, and says in the ledger which release it has put there."""
    older, shadow = NEWEST - 2, schools[3]
    fleet.do("run", until="canary")  # every row is written: nothing but the step itself asks for the organization's
    fleet.sql("INSERT INTO tenants_schemarelease (number, template_sha256, recorded_at) VALUES (%s, 'x', now())", older)
    first, restore = fleet.another(), psycopg2.connect(fleet.environment["LMS_OWNER_DATABASE_URL"])
    try:
        with restore.cursor() as cursor:
            cursor.execute("SELECT 1 FROM tenants_organization WHERE id = %s FOR UPDATE", [shadow])
            fleets.send(first, "run", lock_ms=20_000)
            while not fleet.sql("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype IN ('tuple', 'transactionid')"):
                pass
            cursor.execute(
                "UPDATE tenants_schemaledger SET release_id = %s WHERE organization_id = %s AND release_id = %s",
                [older, shadow, NEWEST - 1],
            )
            restore.commit()
        fleets.answer(first)
        row, is_whole = fleet.row(shadow), fleet.is_whole(shadow)
    finally:
        restore.close()
        assert first.stdin
        first.stdin.close()
        first.wait(timeout=90)
        move = "UPDATE tenants_schemaledger SET release_id = %s WHERE organization_id = %s AND release_id = %s"
        fleet.sql(move, NEWEST - 1, shadow, older)
        fleet.sql("DELETE FROM tenants_schemarelease WHERE number = %s", older)
    assert (row["state"], is_whole) == ("failed", False)
    assert f"how to get from release {older}" in row["error"]


def test_one_that_fails_says_why_and_the_others_are_done(fleet: Fleet, schools: list[str]) -> None:
    _break(fleet, schools[4])

    done = fleet.do("run")

    assert (done["state"], done["done"], done["failed"]) == ("done", SIZE - 1, 1)
    row = fleet.row(schools[4])
    assert (row["state"], row["attempt"]) == ("failed", 1)
    assert 'column "frozen_at" of relation "_tenant" already exists' in row["error"]
    found = fleet.manage("migrate_fleet")
    assert found.returncode == 1
    assert "already exists" in found.stdout
    _mend(fleet, schools[4])
    fleet.do("desk", act="retry")
    assert fleet.do("run")["behind"] == 0


def test_too_many_failures_stop_everything_and_it_goes_on_when_told_to(fleet: Fleet, schools: list[str]) -> None:
    for school in schools[1:4]:
        _break(fleet, school)

    stopped = fleet.do("run")

    assert (stopped["state"], stopped["failed"]) == ("stopped", 2)
    assert "in the ring all failed; 1 may" in stopped["reason"]
    waiting = [row for row in map(fleet.row, schools) if row["state"] not in ("done", "failed")]
    assert waiting
    # What was claimed with them and not begun is given back, and that was no attempt.
    assert {(row["state"], row["attempt"]) for row in waiting} == {("pending", 0)}
    assert fleet.is_whole(schools[0])
    assert "NotGoingOn" in fleet.ask("run")["error"]
    refused = fleet.manage("migrate_fleet", "--resume")
    assert (refused.returncode, "add --yes" in refused.stderr) == (2, True)
    for school in schools[1:4]:
        _mend(fleet, school)
    resumed = fleet.manage("migrate_fleet", "--resume", "--yes")
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert "The fleet is whole" in resumed.stdout
    assert all(fleet.is_whole(school) for school in schools)


def test_a_canary_that_fails_is_followed_by_nobody(fleet: Fleet, schools: list[str]) -> None:
    _break(fleet, schools[0])

    stopped = fleet.do("run")

    assert (stopped["state"], stopped["done"], stopped["failed"]) == ("stopped", 0, 1)
    assert {fleet.row(school)["state"] for school in schools[1:]} == {"pending"}
    _mend(fleet, schools[0])
    assert fleet.do("run", go_on=True)["state"] == "done"


def test_a_canary_that_is_not_what_the_template_makes_is_followed_by_nobody(fleet: Fleet, schools: list[str]) -> None:
    """The SQL succeeds; what was wrong with the schema before shows."""
    table = f'"{fleet.schema(schools[0])}".courses_course'
    fleet.sql(f"ALTER TABLE {table} ADD COLUMN by_hand text")
    try:
        stopped = fleet.do("run")
        found = fleet.do("drift")
    finally:
        fleet.sql(f"ALTER TABLE {table} DROP COLUMN by_hand")

    assert stopped["state"] == "stopped"
    assert "beside: column courses_course.by_hand" in stopped["reason"]
    name = fleet.sql("SELECT name FROM tenants_organization WHERE id = %s", schools[0])[0][0]
    assert f"The canary {name} " in stopped["reason"]
    assert found["drifted"] == {schools[0]: ["beside: column courses_course.by_hand"]}
    assert not any(fleet.is_whole(school) for school in schools[1:])
    assert fleet.do("run", go_on=True)["state"] == "done"
    assert fleet.manage("check_fleet").returncode == 0


def test_staff_pause_it_and_let_it_go_on(fleet: Fleet, schools: list[str]) -> None:
    assert fleet.do("desk", act="pause", reason="A customer's exam day.") == "paused"
    refused = fleet.ask("run")
    assert "NotGoingOn" in refused["error"]
    assert not any(fleet.is_whole(school) for school in schools)
    assert "NothingToDo" in fleet.ask("desk", act="pause", reason="Again.")["error"]

    assert fleet.do("desk", act="resume") == "running"
    assert fleet.do("run")["state"] == "done"
    assert "NothingToDo" in fleet.ask("desk", act="resume")["error"]


def test_whoever_comes_behind_after_it_was_out_is_taken_along(fleet: Fleet, schools: list[str]) -> None:
    fleet.do("run")
    assert fleet.do("has_work") is False
    fleet.sql("UPDATE tenants_schemarelease SET seen_at = NULL")
    # The code of the release before has put a restored schema in place: its row is the one finished last.
    fleet.sql(f'ALTER TABLE "{fleet.schema(schools[5])}"._tenant DROP COLUMN frozen_at')
    fleet.sql(
        "UPDATE tenants_schemaledger SET finished_at = now() WHERE organization_id = %s AND release_id = %s",
        schools[5],
        NEWEST - 1,
    )
    assert fleet.do("has_work") is True

    assert fleet.do("run")["behind"] == 0
    assert (fleet.is_whole(schools[5]), fleet.row(schools[5])["ring"]) == (True, "all")


def test_code_is_not_ready_for_a_schema_that_is_too_old_or_too_new_for_it(fleet: Fleet, schools: list[str]) -> None:
    assert fleet.do("why_not_served") == ""  # all on the release before
    fleet.sql(
        "INSERT INTO tenants_schemarelease (number, template_sha256, recorded_at) VALUES (%s, 'x', now())", NEWEST - 2
    )
    older = "UPDATE tenants_schemaledger SET release_id = %s WHERE organization_id = %s AND release_id = %s"
    fleet.sql(older, NEWEST - 2, schools[1], NEWEST - 1)
    assert f"an organization is on {NEWEST - 2}" in fleet.do("why_not_served")
    fleet.sql(older, NEWEST - 1, schools[1], NEWEST - 2)
    fleet.sql("DELETE FROM tenants_schemarelease WHERE number = %s", NEWEST - 2)
    assert fleet.do("why_not_served") == ""
    newer = "UPDATE tenants_schemarelease SET min_code = %s, state = %s WHERE number = %s"
    fleet.sql(newer, NEWEST + 1, "running", NEWEST)
    assert f"needs the code of release {NEWEST + 1}" in fleet.do("why_not_served")
    fleet.sql(newer, 1, "waiting", NEWEST)


def test_data_steps_follow_a_few_at_a_time(fleet: Fleet, schools: list[str]) -> None:
    fleet.do("run")

    first = fleet.do("data_steps")
    second = fleet.do("data_steps")

    assert [state for _, state in first + second] == ["done"] * SIZE
    assert len(first) == SIZE - len(second) == 4
    assert {school for school, _ in first + second} == set(schools)
    assert fleet.do("data_steps") == []


@pytest.mark.parametrize(
    ("argument", "said"),
    [("--workers=0", "at least 1"), ("--budget=101", "percentage"), ("--lock-ms=0", "at least 1")],
)
def test_a_senseless_option_is_refused_with_what_to_write(fleet: Fleet, argument: str, said: str) -> None:
    found = fleet.manage("migrate_fleet", argument)
    assert found.returncode != 0
    assert said in found.stderr


def test_a_plan_changes_nothing(fleet: Fleet, schools: list[str]) -> None:
    found = fleet.manage("migrate_fleet", "--plan")
    assert f"{SIZE} organizations are behind" in found.stdout
    assert fleet.row(schools[0]) == {}
    assert fleet.release() == ("waiting", "")


def test_however_often_it_is_killed_everybody_arrives_once(fleet: Fleet, schools: list[str]) -> None:
    """Deaths at random; the seed is printed. Some organizations cannot be brought along, and say so."""
    seed = int(os.environ.get("FLEET_SEED", "0")) or random.randrange(1, 1_000_000)
    chance = random.Random(seed)
    everybody = schools + (fleet.do("old", count=LARGE - SIZE) if LARGE else [])
    broken = set(chance.sample(everybody, k=len(everybody) // 50))
    for school in broken:
        _break(fleet, school)
    deaths = 0
    while "killed" in fleet.ask(
        "run", die=chance.randrange(30, 60 + 8 * len(everybody)), workers=3, budget=100, go_on=True
    ):
        deaths += 1
    done = fleet.do("run", workers=3, budget=100, go_on=True)

    print(f"seed {seed}: {len(everybody)} organizations, {deaths} deaths, {len(broken)} broken")
    assert (done["failed"], done["behind"]) == (len(broken), len(broken))
    assert {school for school in everybody if school not in broken and not fleet.is_whole(school)} == set()
    for school in broken:
        _mend(fleet, school)
    assert fleet.do("run", go_on=True)["behind"] == 0
