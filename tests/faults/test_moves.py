"""An organization moves between two PostgreSQL clusters: whole, once, and nobody else notices.

``LMS_FAULTS_MOVES=all`` kills at every statement instead of a few of each step (``make faults-moves``); a number takes
that many of them, drawn by the seed. Each death is a line, so that a long run shows where it is.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

import tenancy
from tenancy import catalog
from tenants.catalog import load
from tests.support import cells
from tests.support.cells import LOCAL, NORTH, Cells

NEVER = 10**9
POINTS_A_STEP = 2
JSON = {"content_type": "application/json"}
# Told to the organization's audit by the move itself, and delivered by whoever runs workers.
TOLD = {"shared:events_outboxmessage", "shared:events_outboxdelivery"}


@pytest.fixture(scope="module")
def both(world: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cells]:
    with cells.two(tmp_path_factory.mktemp("cells")) as found:
        yield found


@pytest.fixture
def live(django_db_blocker: Any) -> Iterator[None]:
    """Requests with transactions of their own, that others see."""
    with django_db_blocker.unblock():
        catalog.forget_all()
        yield
        connection.close()


def _school(both: Cells, slug: str, **size: int) -> str:
    return str(both.local("school", slug=slug, **{"learners": 4, "events": 30, "film_bytes": 1000, **size}))


def _differences(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)} - TOLD


def _writable(both: Cells, organization: str) -> list[str]:
    """The cells that would take a write: at most one, at any moment."""
    found = []
    for cell in (LOCAL, NORTH):
        row = both.ask(
            cell, "SELECT cell, frozen_at, schema_name FROM tenants_organization WHERE id = %s", organization
        )
        if row and row[0][0] == cell and row[0][1] is None:
            found.append(cell)
    return found


def _walls(both: Cells, schema: str) -> int:
    rows = both.ask(
        LOCAL,
        "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n"
        " ON n.oid = c.relnamespace WHERE t.tgname = 'moving_wall' AND n.nspname = %s",
        schema,
    )
    return int(rows[0][0])


def _browser(organization: str, role: str) -> Client:
    from apps.accounts.models import Member

    record = load(UUID(organization))
    browser = Client(headers={"host": record.host})
    with tenancy.bind(record):
        browser.force_login(Member.objects.filter(assignments__role=role).order_by("created_at")[0])
    return browser


def _soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _finish(both: Cells, cell: str, organization: str, target: str, job: str) -> dict[str, Any]:
    work = both.local if cell == LOCAL else both.north
    for _ in range(4):
        work("rest", kind="move", job=job)
        done: dict[str, Any] = work("move", organization=organization, target=target, job=job)
        if done["state"] not in ("queued", "running"):
            break
    return done


def test_a_move_takes_everything_along_and_a_drop_leaves_the_pointer(both: Cells) -> None:
    school, rival = _school(both, "mover"), _school(both, "stayer")
    rivals, before = both.local("digests", organization=rival), both.local("digests", organization=school)
    done = both.local("move", organization=school, target=NORTH)
    assert (done["state"], done["error_detail"]) == ("moved", "")
    assert _differences(before, both.north("digests", organization=school)) == set()
    assert _writable(both, school) == [NORTH]

    # Nothing of anybody else came along.
    (others,) = both.ask(NORTH, "SELECT count(*) FROM tenants_organization WHERE id <> %s", school)
    assert others == (0,)
    schemas = both.ask(NORTH, "SELECT nspname FROM pg_namespace WHERE nspname ~ '^(t|restore|old)_'")
    assert len(schemas) == 1

    dropped = both.local("move_ask", what="drop_now", organization=school)
    assert (dropped["state"], dropped["error_detail"]) == ("dropped", "")
    (names,) = both.ask(LOCAL, "SELECT schema_name, db_role FROM tenants_organization WHERE id = %s", school)
    assert both.ask(LOCAL, "SELECT 1 FROM pg_namespace WHERE nspname = %s", names[0]) == []
    assert both.ask(LOCAL, "SELECT 1 FROM pg_roles WHERE rolname = %s", names[1]) == []
    people = ["learner-1@people.example"]
    found = both.local("traces", organization=school, hosts=["mover.lms.localhost"], words=people)
    assert (found["schemas"], found["roles"], found["cache"]) == ([], [], 0)
    assert set(found["rows"]) <= {"staff_supportgrant", "staff_platformauditentry"}
    assert set(found["kept"]) <= {
        *("tenants_organization", "tenants_domain", "tenants_lifecycletransition", "tenants_move"),
        "staff_platformauditentry",
    }
    assert _differences(before, both.north("digests", organization=school)) == set()
    assert both.local("digests", organization=rival) == rivals

    # And back: the cell that it left takes it again, and keeps no second pointer.
    back = both.north("move", organization=school, target=LOCAL)
    assert (back["state"], back["error_detail"]) == ("moved", "")
    assert _writable(both, school) == [LOCAL]
    assert _differences(before, both.local("digests", organization=school)) == set()


def test_while_it_is_frozen_people_read_and_play_and_writes_are_refused_politely(both: Cells, live: None) -> None:
    school, rival = _school(both, "frozen"), _school(both, "thawing")
    owner, learner, neighbour = _browser(school, "owner"), _browser(school, "learner"), _browser(rival, "owner")
    enrollment = learner.get("/api/v1/enrollments/").json()["items"][0]["id"]
    outline = learner.get(f"/api/v1/enrollments/{enrollment}/outline/").json()
    lesson = outline["modules"][0]["lessons"][0]["item"]
    # Sessions that have not been seen for long, and members not today: what a page would write down of them.
    schema = load(UUID(school)).schema_name
    both.ask(LOCAL, f"UPDATE {schema}.usersessions_usersession SET last_seen_at = last_seen_at - interval '1 day'")
    both.ask(LOCAL, f"UPDATE {schema}.accounts_member SET last_seen_on = '2020-01-01'")
    stopped = both.local("move_to", organization=school, target=NORTH, stage="copy")
    assert stopped["frozen_at"]
    catalog.forget_all()

    for path in ("/api/v1/me/", "/api/v1/enrollments/", f"/api/v1/enrollments/{enrollment}/outline/", "/home"):
        assert learner.get(path).status_code == 200, path
    assert learner.get(f"/api/v1/enrollments/{enrollment}/items/{lesson}/").status_code == 200
    for path in ("/api/v1/courses/", "/api/v1/members/", "/api/v1/assets/", "/studio"):
        assert owner.get(path).status_code == 200, path
    played = learner.post(f"/api/v1/enrollments/{enrollment}/items/{lesson}/grant/", **JSON)
    assert played.status_code in (200, 201, 409), played.content

    refused = owner.post("/api/v1/courses/", {"title": "Too late"}, **JSON)
    assert (refused.status_code, refused.json()["code"]) == (503, "organization_moving")
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert "moved" in refused.json()["detail"]
    beacon = learner.post(f"/api/v1/enrollments/{enrollment}/play-beacons/", {}, **JSON)
    assert (beacon.status_code, beacon.json()["code"]) == (503, "organization_moving")
    sign_in = Client(headers={"host": load(UUID(school)).host}).post(
        "/_allauth/browser/v1/auth/login", {"email": "a@b.example", "password": "x"}, **JSON
    )
    assert (sign_in.status_code, sign_in.json()["code"]) == (503, "organization_moving")
    assert neighbour.post("/api/v1/courses/", {"title": "Mine"}, **JSON).status_code == 201

    aborted = both.local("move_ask", what="abort", organization=school)
    assert (aborted["state"], aborted["error_detail"]) == ("aborted", "")
    catalog.forget_all()
    assert owner.post("/api/v1/courses/", {"title": "Again"}, **JSON).status_code == 201
    assert _walls(both, schema) == 0


def test_a_write_that_slipped_past_the_look_meets_the_wall(both: Cells, live: None) -> None:
    school = _school(both, "slippery")
    from apps.courses.models import Course
    from core.http.problems import problem_of
    from events.models import IdempotencyKey
    from tenancy.errors import OrganizationMoving

    both.local("move_to", organization=school, target=NORTH, stage="copy")
    with tenancy.bind(load(UUID(school))):
        with pytest.raises(OrganizationMoving) as own:
            Course.objects.update(title="Late")
        assert problem_of(own.value)["status"] == 503
        with pytest.raises(OrganizationMoving):
            IdempotencyKey.objects.bulk_create(
                [
                    IdempotencyKey(
                        organization_id=UUID(school), generation=1, actor_id=UUID(school), key="k", request_sha256=b""
                    )
                ]
            )
        assert Course.objects.count() == 1
    both.local("move_ask", what="abort", organization=school)


def test_nothing_that_was_acknowledged_is_lost_and_others_write_on(both: Cells, live: None) -> None:
    school, rival = _school(both, "busy", events=3000), _school(both, "busy-rival")
    acknowledged: list[str] = []
    refusals: list[str] = []
    neighbours: list[int] = []
    reads: list[int] = []
    surprises: list[str] = []
    over = threading.Event()

    def write(worker: int) -> None:
        browser = _browser(school, "owner")
        number = 0
        while not over.is_set():
            number += 1
            title = f"Course {worker}-{number}"
            answer = browser.post("/api/v1/courses/", {"title": title}, **JSON)
            if answer.status_code == 201:
                acknowledged.append(title)
            elif answer.status_code in (503, 421):
                refusals.append(answer.json()["code"])
            else:
                surprises.append(f"{answer.status_code} {answer.content[:300]!r}")
        connection.close()

    def read() -> None:
        browser = _browser(school, "learner")
        while not over.is_set():
            reads.append(browser.get("/api/v1/enrollments/").status_code)
        connection.close()

    def neighbour() -> None:
        browser = _browser(rival, "owner")
        while not over.is_set():
            neighbours.append(browser.post("/api/v1/courses/", {"title": "Next door"}, **JSON).status_code)
        connection.close()

    threads = [threading.Thread(target=write, args=(0,)), threading.Thread(target=write, args=(1,))]
    threads += [threading.Thread(target=read), threading.Thread(target=neighbour)]
    for thread in threads:
        thread.start()
    try:
        _soon(lambda: bool(acknowledged and neighbours and reads))
        stopped = both.local("move_to", organization=school, target=NORTH, stage="copy")
        _soon(lambda: bool(refusals))
        done = both.local("move", organization=school, target=NORTH, job=stopped["id"])
        _soon(lambda: "misdirected" in refusals)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert (done["state"], done["error_detail"]) == ("moved", "")
    assert surprises == []
    assert set(refusals) == {"organization_moving", "misdirected"}
    # Behind the flip the front door sends requests on; the application itself says so.
    assert set(reads) <= {200, 421}
    assert 200 in reads
    assert set(neighbours) == {201}
    schema = load(UUID(school)).schema_name
    there = {title for (title,) in both.ask(NORTH, f"SELECT title FROM {schema}.courses_course")}
    assert set(acknowledged) <= there
    (count,) = both.ask(LOCAL, f"SELECT count(*) FROM {load(UUID(rival)).schema_name}.courses_course")
    assert count[0] == len(neighbours) + 1


def test_killed_anywhere_it_goes_on_and_ends_whole(both: Cells) -> None:
    seed = int(os.environ.get("LMS_FAULTS_SEED") or random.SystemRandom().randrange(10**6))
    print(f"LMS_FAULTS_SEED={seed}")
    chance = random.Random(seed)
    school, rival = _school(both, "killed"), _school(both, "killed-rival")
    rivals, before = both.local("digests", organization=rival), both.local("digests", organization=school)
    whole = both.local.ask("move", organization=school, target=NORTH, die=["sql", NEVER])
    assert whole["result"]["state"] == "moved", whole["result"]["error_detail"]
    here, target = NORTH, LOCAL
    points = _points(chance, whole["result"]["stages"], whole["counts"]["sql"])
    for number, (stage, at) in enumerate(points, start=1):
        print(f"{number} of {len(points)}: killed at statement {at} of {whole['counts']['sql']}, {stage}", flush=True)
        work = both.local if here == LOCAL else both.north
        answer = work.ask("move", organization=school, target=target, die=["sql", at])
        assert len(_writable(both, school)) <= 1, (seed, stage, at)
        rows = both.ask(
            here, "SELECT id, flipped_at FROM tenants_move WHERE organization_id = %s ORDER BY created_at DESC", school
        )
        open_jobs = both.ask(
            here,
            "SELECT id FROM tenants_move WHERE organization_id = %s AND state IN ('queued', 'running')",
            school,
        )
        if answer == {"killed": True} and open_jobs:
            done = _finish(both, here, school, target, str(open_jobs[0][0]))
            assert (done["state"], done["error_detail"]) == ("moved", ""), (seed, stage, at, rows)
        elif answer == {"killed": True} and _writable(both, school) == [here]:
            continue  # dead before it was asked for
        assert _writable(both, school) == [target], (seed, stage, at)
        there = both.local if target == LOCAL else both.north
        assert _differences(before, there("digests", organization=school)) == set(), (seed, stage, at)
        here, target = target, here
    assert both.local("digests", organization=rival) == rivals


def _points(chance: random.Random, stages: dict[str, int], total: int) -> list[tuple[str, int]]:
    """Statements to die at: all of them, or a few of each step."""
    how_many = os.environ.get("LMS_FAULTS_MOVES", "")
    ends = [*sorted(stages.values())[1:], total]
    stage_of: dict[int, str] = {}
    few = []
    for (stage, begins), ends_at in zip(sorted(stages.items(), key=lambda item: item[1]), ends, strict=True):
        span = range(max(1, begins), ends_at + 1)
        stage_of |= dict.fromkeys(span, stage)
        few += [(stage, at) for at in sorted(chance.sample(span, min(POINTS_A_STEP, len(span))))]
    if not how_many:
        return few
    chosen = stage_of if how_many == "all" else chance.sample(list(stage_of), int(how_many))
    return [(stage_of[at], at) for at in sorted(chosen)]


def test_an_abort_killed_anywhere_thaws_and_leaves_no_copy(both: Cells) -> None:
    school = _school(both, "given-up", learners=2, events=5)
    before = both.local("digests", organization=school)
    both.local("move_to", organization=school, target=NORTH, stage="flip")
    whole = both.local.ask("move_ask", what="abort", organization=school, die=["sql", NEVER])
    assert whole["result"]["state"] == "aborted", whole["result"]["error_detail"]
    total = whole["counts"]["sql"]
    for at in sorted(random.Random(total).sample(range(8, total + 1), 3)):
        both.local("move_to", organization=school, target=NORTH, stage="flip")
        both.local.ask("move_ask", what="abort", organization=school, die=["sql", at])
        for job, state in both.ask(LOCAL, "SELECT id, state FROM tenants_move WHERE organization_id = %s", school):
            if state == "aborting":
                both.local("rest", kind="move", job=str(job))
                both.local("move", organization=school, target=NORTH, job=str(job))
            elif state == "running":
                both.local("move_ask", what="abort", organization=school)
        assert _writable(both, school) == [LOCAL], at
        assert _differences(before, both.local("digests", organization=school)) == set(), at
        schema = _schema(both, school)
        assert _is_unknown(both, NORTH, school), at
        assert _walls(both, schema) == 0, at


def _pointer(both: Cells, cell: str, organization: str) -> dict[str, int]:
    """How many rows say who the organization is, under which hosts, and what happened to it."""
    tables = {
        "tenants_organization": "id",
        "tenants_domain": "organization_id",
        "tenants_lifecycletransition": "organization_id",
    }
    return {
        table: both.ask(cell, f"SELECT count(*) FROM {table} WHERE {column} = %s", organization)[0][0]
        for table, column in tables.items()
    }


def _is_unknown(both: Cells, cell: str, organization: str) -> bool:
    """Whether the cell has nothing of the organization: no row that names it, no schema, no role."""
    names = "SELECT schema_name, db_role FROM tenants_organization WHERE id = %s"
    ((schema, role),) = both.ask(LOCAL, names, organization)
    return (
        not any(_pointer(both, cell, organization).values())
        and both.ask(cell, "SELECT 1 FROM pg_namespace WHERE nspname = %s", schema) == []
        and both.ask(cell, "SELECT 1 FROM pg_roles WHERE rolname = %s", role) == []
    )


def test_a_cell_forgets_a_copy_that_was_given_up_and_takes_it_the_next_time(both: Cells) -> None:
    school = _school(both, "never-there", learners=2, events=5)
    before = both.local("digests", organization=school)
    kept = _pointer(both, LOCAL, school)
    both.local("move_to", organization=school, target=NORTH, stage="flip")
    assert _pointer(both, NORTH, school) == kept
    assert all(kept.values())

    aborted = both.local("move_ask", what="abort", organization=school)
    assert (aborted["state"], aborted["error_detail"]) == ("aborted", "")
    assert _is_unknown(both, NORTH, school)
    assert _pointer(both, LOCAL, school) == kept
    # What keeps history from everybody is awake again.
    awake = "SELECT tgenabled FROM pg_trigger WHERE tgname = 'tenants_transitions_stay'"
    assert both.ask(NORTH, awake) == [("O",)]

    # One that fails with the copy over there leaves as little.
    stopped = both.local("move_to", organization=school, target=NORTH, stage="flip")
    both.ask(LOCAL, "UPDATE tenants_move SET attempts = 10 WHERE id = %s", stopped["id"])
    failed = both.local("move", organization=school, target=NORTH, job=stopped["id"])
    assert (failed["state"], failed["error_code"]) == ("failed", "lost_too_often")
    assert _is_unknown(both, NORTH, school)
    assert _writable(both, school) == [LOCAL]

    done = both.local("move", organization=school, target=NORTH)
    assert (done["state"], done["error_detail"]) == ("moved", "")
    assert _differences(before, both.north("digests", organization=school)) == set()


def test_a_cell_that_the_organization_once_left_keeps_its_pointer(both: Cells) -> None:
    school = _school(both, "been-there", learners=2, events=5)
    before, schema = both.local("digests", organization=school), _schema(both, school)
    assert both.local("move", organization=school, target=NORTH)["state"] == "moved"
    assert both.north("move", organization=school, target=LOCAL)["state"] == "moved"

    both.local("move_to", organization=school, target=NORTH, stage="flip")
    assert both.local("move_ask", what="abort", organization=school)["state"] == "aborted"

    assert all(_pointer(both, NORTH, school).values())
    assert both.ask(NORTH, "SELECT cell FROM tenants_organization WHERE id = %s", school) == [(LOCAL,)]
    assert both.ask(NORTH, "SELECT 1 FROM pg_namespace WHERE nspname = %s", schema) == []
    assert _writable(both, school) == [LOCAL]
    assert both.local("move", organization=school, target=NORTH)["state"] == "moved"
    assert _differences(before, both.north("digests", organization=school)) == set()


def test_a_copy_that_is_committed_behind_the_abort_is_removed_too(both: Cells) -> None:
    school = _school(both, "at-the-last", learners=2, events=5)

    done = both.local("late_copy", organization=school, target=NORTH)

    assert (done["state"], done["error_detail"]) == ("aborted", "")
    assert _is_unknown(both, NORTH, school)
    assert _writable(both, school) == [LOCAL]


def test_a_worker_that_lost_the_move_puts_no_wall_up(both: Cells) -> None:
    school = _school(both, "overtaken", learners=2, events=5)

    done = both.local("overtaken", organization=school, target=NORTH)

    assert (done["state"], done["error_detail"]) == ("aborted", "")
    assert _writable(both, school) == [LOCAL]
    assert _walls(both, _schema(both, school)) == 0


def _schema(both: Cells, organization: str) -> str:
    return str(both.ask(LOCAL, "SELECT schema_name FROM tenants_organization WHERE id = %s", organization)[0][0])


def test_a_drop_killed_anywhere_happens_whole_and_only_where_the_other_cell_serves(both: Cells) -> None:
    school = _school(both, "let-go", learners=2, events=5)
    before, schema = both.local("digests", organization=school), _schema(both, school)
    done = both.local("move", organization=school, target=NORTH)
    both.ask(NORTH, "UPDATE tenants_organization SET frozen_at = now() WHERE id = %s", school)
    refused = both.local("move_ask", what="drop_now", organization=school)
    assert (refused["state"], refused["error_code"]) == ("dropping", "cell_unreachable")
    both.ask(NORTH, "UPDATE tenants_organization SET frozen_at = NULL WHERE id = %s", school)
    both.local("rest", kind="move", job=done["id"])
    for at in (3, 6, 9, 12):
        answer = both.local.ask("move", organization=school, target=NORTH, job=done["id"], die=["sql", at])
        (state,) = both.ask(LOCAL, "SELECT state FROM tenants_move WHERE id = %s", done["id"])[0]
        is_gone = both.ask(LOCAL, "SELECT 1 FROM pg_namespace WHERE nspname = %s", schema) == []
        assert is_gone == (state == "dropped"), (at, answer)
        both.local("rest", kind="move", job=done["id"])
    both.local("move", organization=school, target=NORTH, job=done["id"])
    assert both.ask(LOCAL, "SELECT state FROM tenants_move WHERE id = %s", done["id"]) == [("dropped",)]
    assert _differences(before, both.north("digests", organization=school)) == set()


def test_what_stands_in_the_way_is_said_and_nothing_stays_frozen(both: Cells) -> None:
    school = _school(both, "refused", learners=2, events=5)

    def refusal() -> tuple[str, str]:
        done = both.local("move", organization=school, target=NORTH)
        assert _writable(both, school) == [LOCAL]
        return done["state"], done["error_detail"]

    both.ask(NORTH, "UPDATE tenants_cell SET capacity = 0 WHERE is_here")
    state, words = refusal()
    assert state == "failed"
    assert "full" in words
    both.ask(NORTH, "UPDATE tenants_cell SET capacity = 1500, name = 'south' WHERE is_here")
    state, words = refusal()
    assert state == "failed"
    assert "says that it is south" in words
    both.ask(NORTH, "UPDATE tenants_cell SET name = 'north' WHERE is_here")
    (keys,) = both.ask(NORTH, "UPDATE tenants_cell SET keys_sha256 = 'other' WHERE is_here RETURNING keys_sha256")[0]
    state, words = refusal()
    assert (state, keys) == ("failed", "other")
    assert "has other keys" in words
    both.ask(
        NORTH,
        "UPDATE tenants_cell SET keys_sha256 = %s WHERE is_here",
        both.ask(LOCAL, "SELECT keys_sha256 FROM tenants_cell WHERE is_here")[0][0],
    )
    pool = "(distribution_id, kind, is_deployed, used, quotas, problem, looked_at)"
    both.ask(NORTH, f"INSERT INTO media_edgepool {pool} VALUES ('E1', 'shared', true, '{{}}', '{{}}', 'Full.', now())")
    assert "can't take it in: none of its shared distributions has room" in refusal()[1]
    both.ask(NORTH, "DELETE FROM media_edgepool")
    both.ask(LOCAL, "UPDATE tenants_cell SET state = 'draining' WHERE name = 'north'")
    error = both.local.ask("move", organization=school, target=NORTH)["error"]
    assert "takes no organizations" in error
    both.ask(LOCAL, "UPDATE tenants_cell SET state = 'open' WHERE name = 'north'")

    # A target that fails in the middle of the copy: tried again, then given up and thawed.
    both.ask(
        NORTH,
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$",
    )
    both.ask(NORTH, "CREATE TRIGGER full_disk BEFORE INSERT ON media_signingkey EXECUTE FUNCTION full_disk()")
    done = both.local("move", organization=school, target=NORTH)
    assert (done["state"], done["frozen_at"] is not None) == ("running", True)
    assert "no space left" in done["error_detail"]
    job = done["id"]
    both.ask(LOCAL, "UPDATE tenants_move SET attempts = 4, lease_until = NULL WHERE id = %s", job)
    done = both.local("move", organization=school, target=NORTH, job=job)
    assert done["state"] == "failed"
    assert _writable(both, school) == [LOCAL]
    both.ask(NORTH, "DROP TRIGGER full_disk ON media_signingkey; DROP FUNCTION full_disk()")
    both.ask(LOCAL, "UPDATE media_edgebinding SET pool = 'E2' WHERE organization_id = %s", school)
    assert both.local("move", organization=school, target=NORTH)["state"] == "moved"
    assert both.ask(NORTH, "SELECT pool FROM media_edgebinding WHERE organization_id = %s", school) == [("",)]


def test_a_copy_that_differs_is_not_used(both: Cells) -> None:
    school = _school(both, "differing", learners=2, events=5)
    stopped = both.local("move_to", organization=school, target=NORTH, stage="verify")
    schema = _schema(both, school)
    both.ask(NORTH, f"UPDATE {schema}.courses_course SET title = 'Other'")
    job = stopped["id"]
    done = both.local("move", organization=school, target=NORTH, job=job)
    assert done["state"] == "running"
    assert "courses_course" in done["error_detail"]
    assert _writable(both, school) == []
    done = _finish(both, LOCAL, school, NORTH, job)
    assert done["state"] == "moved"
    assert both.ask(NORTH, f"SELECT count(*) FROM {schema}.courses_course WHERE title = 'Other'") == [(0,)]
