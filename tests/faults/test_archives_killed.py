"""kill -9 inside every phase of an export, a restore and a deletion: it resumes to a whole, and nobody else notices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import archivist
from tests.support.archivist import Archivist

# Above one part of the archive each, so that deaths fall into the middle of an object and of the upload.
FILM_BYTES = 11_000_000
PART_BYTES = 5 << 20
NEVER = 10**9
# What a restore counts or queues anew.
ANEW = ("shared:billing_quota", "shared:events_", "shared:media_storageentry", "audit_")


@pytest.fixture(scope="module")
def work(world: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archivist]:
    with archivist.running(tmp_path_factory.mktemp("archives")) as found:
        found("small_parts", size=PART_BYTES)
        yield found


@pytest.fixture(scope="module")
def school(work: Archivist) -> str:
    return str(work("school", slug="killed-school", film_bytes=FILM_BYTES))


@pytest.fixture(scope="module")
def rival(work: Archivist) -> str:
    return str(work("school", slug="rival-school"))


def _points(total: int, most: int) -> list[int]:
    """Some of 1..total, evenly. The very last are left out: how often a job says that it lives depends on the clock."""
    last = max(1, total - 4)
    step = max(1, (last - 1) // (most - 1))
    return sorted({*range(1, last + 1, step), last})


def _same(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """What differs of two states of an organization, but for what a restore makes anew."""
    return sorted(
        name for name in one.keys() | other.keys() if one.get(name) != other.get(name) and not name.startswith(ANEW)
    )


def _dies(work: Archivist, command: str, kind: str, at: int, **arguments: Any) -> None:
    assert work.ask(command, die=[kind, at], **arguments) == {"killed": True}


def _job(work: Archivist, table: str, organization: str) -> str:
    rows = work(
        "shared",
        statement=f"SELECT id FROM tenants_{table} WHERE organization_id = '{organization}'"
        " ORDER BY created_at DESC LIMIT 1",
    )
    return str(rows[0][0])


@pytest.mark.parametrize("kind", ["sql", "store"])
def test_an_export_killed_anywhere_resumes_to_a_whole_archive(work: Archivist, school: str, kind: str) -> None:
    whole = work.ask("export", organization=school, die=[kind, NEVER])
    expected = work("verify", job=whole["result"]["id"])
    for at in _points(whole["counts"][kind], 9):
        # The first statements ask for the export: dead there, nobody had asked.
        before = work("shared", statement=f"SELECT count(*) FROM tenants_exportjob WHERE organization_id = '{school}'")
        _dies(work, "export", kind, at, organization=school)
        after = work("shared", statement=f"SELECT count(*) FROM tenants_exportjob WHERE organization_id = '{school}'")
        if before == after:
            continue
        job = _job(work, "exportjob", school)
        done = work.finish("export", school, job)
        assert (done["state"], done["error_detail"]) == ("ready", ""), at
        found = work("verify", job=job)
        assert {name for name in expected if found[name] != expected[name]} <= {"audit_auditentry"}, at


def test_a_resumed_export_sends_no_part_twice(work: Archivist, school: str) -> None:
    whole = work.ask("export", organization=school, die=["store", NEVER])["counts"]["store"]
    _dies(work, "export", "store", whole - 2, organization=school)
    job = _job(work, "exportjob", school)
    work("rest", kind="export", job=job)
    resumed = work.ask("export", organization=school, job=job, die=["store", NEVER])
    assert resumed["result"]["state"] == "ready"
    assert resumed["counts"]["store"] < whole - 2


def test_a_restore_killed_anywhere_before_its_swap_leaves_the_living_alone_and_resumes(
    work: Archivist, school: str, rival: str
) -> None:
    archive = work("export", organization=school)
    work("sql", organization=school, statement="DELETE FROM progress_learningevent")
    living, rivals = work("digests", organization=school), work("digests", organization=rival)
    whole = work.ask("restore", organization=school, archive=archive["id"], die=["sql", NEVER])
    assert whole["result"]["state"] == "compared", whole["result"]["error_detail"]
    job = whole["result"]["id"]
    for at in _points(whole["counts"]["sql"], 11):
        work("ask", what="discard", job=job)
        work("restore", organization=school, job=job)
        before = _job(work, "restorejob", school)
        _dies(work, "restore", "sql", at, organization=school, archive=archive["id"])
        assert _same(living, work("digests", organization=school)) == [], at
        job = _job(work, "restorejob", school)
        if job == before:
            job = work("restore", organization=school, archive=archive["id"])["id"]
        done = work.finish("restore", school, job)
        assert (done["state"], done["error_detail"]) == ("compared", ""), at
    lines = {line["table"]: line for line in done["comparison"]["tables"]}
    assert lines["progress_learningevent"]["words"] == "40 rows come back"
    assert work("digests", organization=rival) == rivals
    work("ask", what="swap", job=job)
    assert work.finish("restore", school, job)["state"] == "swapped"


@pytest.mark.parametrize("kind", ["sql", "store"])
def test_a_swap_killed_anywhere_has_happened_whole_or_not_at_all(
    work: Archivist, school: str, rival: str, kind: str
) -> None:
    archived = work("digests", organization=school)
    archive = work("export", organization=school)
    films = [key for key in work("keys", prefix=f"t/{school}/") if "/x/" not in key]
    rivals = work("digests", organization=rival)

    def compared() -> str:
        work("sql", organization=school, statement="DELETE FROM progress_learningevent")
        work("unput", keys=films)
        found = work("restore", organization=school, archive=archive["id"])
        assert found["state"] == "compared", found["error_detail"]
        assert found["comparison"]["objects"]["missing"] == len(films)
        work("ask", what="swap", job=found["id"])
        return str(found["id"])

    whole = work.ask("restore", organization=school, job=compared(), die=[kind, NEVER])
    assert whole["result"]["state"] == "swapped", whole["result"]["error_detail"]
    assert _same(archived, work("digests", organization=school)) == []
    for at in _points(whole["counts"][kind], 8):
        job = compared()
        living = work("digests", organization=school)
        _dies(work, "restore", kind, at, organization=school, job=job)
        rows = {name: value for name, value in living.items() if not name.startswith("object:")}
        now = {
            name: value
            for name, value in work("digests", organization=school).items()
            if not name.startswith("object:")
        }
        state = work("shared", statement=f"SELECT state FROM tenants_restorejob WHERE id = '{job}'")[0][0]
        expected = rows if state == "swapping" else {name: archived[name] for name in rows}
        assert _same(expected, now) == [], (at, state)
        if state == "swapping":
            assert work.finish("restore", school, job)["state"] == "swapped", at
        assert _same(archived, work("digests", organization=school)) == [], at
    assert work("digests", organization=rival) == rivals


def test_a_deletion_killed_anywhere_resumes_to_a_proof(work: Archivist, rival: str) -> None:
    rivals = work("digests", organization=rival)
    points, number = [0], 0
    while number < len(points):
        doomed = str(work("school", slug=f"doomed-{number}", learners=2, events=4, film_bytes=1000))
        work("shared", statement=f"UPDATE tenants_organization SET state = 'deleting' WHERE id = '{doomed}'")
        if number == 0:
            whole = work.ask("delete", organization=doomed, die=["sql", NEVER])
            assert whole["result"]["state"] == "done", whole["result"]["error_detail"]
            points = [0, *_points(whole["counts"]["sql"], 6)]
        else:
            _dies(work, "delete", "sql", points[number], organization=doomed)
            reports = work(
                "shared", statement=f"SELECT id FROM tenants_deletionreport WHERE organization_id = '{doomed}'"
            )
            done = work.finish("deletion", doomed, reports[0][0]) if reports else work("delete", organization=doomed)
            assert done["state"] == "done", (points[number], done["error_detail"])
            assert done["report"]["search"]["found"]["rows"] == {}
        number += 1
    assert work("digests", organization=rival) == rivals
