"""Jobs: claimed in fair order, run under a lease, given back or given up by the kind of what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import redis

import tenancy
from core.clock import now
from core.ids import new_id
from events.models import OutboxMessage
from media.errors import NothingToRetry, SourceGone
from media.models import Revision, TranscodeJob, Upload
from media.services import jobs
from media.services.turns import in_turn
from media.transcoding.errors import InputRejected, LeaseLost, ResourceShortage
from tests.support import plugin

ALL = ("first", "remux", "fast", "ladder")


@pytest.fixture
def queue(acme: tenancy.TenantRecord) -> Iterator[None]:
    """An empty queue, as the platform sees it."""
    with tenancy.platform():
        TranscodeJob.objects.all().delete()
        yield


def wanted(organization: tenancy.TenantRecord, stage: str = "first") -> UUID:
    """The upload of a new job."""
    upload_id = new_id()
    with tenancy.bind(organization):
        jobs.enqueue(asset_id=new_id(), upload_id=upload_id, stage=stage)
    return upload_id


def claimed(stages: tuple[str, ...] = ALL) -> jobs.Lease:
    lease = jobs.claim(stages)
    assert lease is not None
    return lease


def the(lease: jobs.Lease) -> TranscodeJob:
    with tenancy.platform():
        return TranscodeJob.objects.get(id=lease.job_id)


def test_a_whale_does_not_keep_a_newcomer_waiting(
    acme: tenancy.TenantRecord, globex: tenancy.TenantRecord, queue: None
) -> None:
    for _ in range(20):
        wanted(acme)
    newcomer = wanted(globex)

    order = [claimed().upload_id for _ in range(3)]

    assert newcomer in order[:2]


def test_whoever_was_served_longest_ago_goes_first(
    acme: tenancy.TenantRecord, globex: tenancy.TenantRecord, queue: None
) -> None:
    for organization in (acme, acme, globex, globex):
        wanted(organization)
    turns = []
    for _ in range(4):
        lease = claimed()
        turns.append(lease.organization_id)
        TranscodeJob.objects.filter(id=lease.job_id).update(state="done")

    assert turns in ([acme.id, globex.id] * 2, [globex.id, acme.id] * 2)


def test_every_first_stage_goes_before_any_ladder(
    acme: tenancy.TenantRecord, globex: tenancy.TenantRecord, queue: None
) -> None:
    ladder = wanted(acme, "ladder")
    first = wanted(globex)

    assert claimed().upload_id == first
    assert claimed().upload_id == ladder


def test_a_machine_without_room_takes_no_ladder(acme: tenancy.TenantRecord, queue: None) -> None:
    wanted(acme, "ladder")
    assert jobs.claim(jobs.FIRST_STAGES) is None


def test_a_job_is_claimed_once(acme: tenancy.TenantRecord, queue: None) -> None:
    wanted(acme)
    assert jobs.claim(ALL) is not None
    assert jobs.claim(ALL) is None


def test_asking_twice_makes_one_job(acme: tenancy.TenantRecord, queue: None) -> None:
    upload_id = wanted(acme)
    with tenancy.bind(acme):
        jobs.enqueue(asset_id=new_id(), upload_id=upload_id, stage="first")
    assert TranscodeJob.objects.filter(upload_id=upload_id).count() == 1


def test_a_worker_that_went_silent_loses_its_job_and_can_write_nothing(acme: tenancy.TenantRecord, queue: None) -> None:
    wanted(acme)
    lost = claimed()
    TranscodeJob.objects.filter(id=lost.job_id).update(lease_until=now() - timedelta(seconds=1))

    assert jobs.expire_leases() == 1

    assert not jobs.heartbeat(lost, permille=500, eta_seconds=1)
    with pytest.raises(LeaseLost):
        jobs.choose_stage(lost, "remux")
    again = claimed()
    assert again.job_id == lost.job_id
    assert again.fence > lost.fence
    assert again.rev_id != lost.rev_id
    assert jobs.heartbeat(again, permille=1, eta_seconds=None)


@pytest.mark.parametrize("losses", [0, jobs.MAX_LOST])
def test_a_worker_that_speaks_up_in_the_last_moment_keeps_what_it_builds(
    acme: tenancy.TenantRecord, queue: None, monkeypatch: pytest.MonkeyPatch, losses: int
) -> None:
    wanted(acme)
    late = claimed()
    rows = TranscodeJob.objects.filter(id=late.job_id)
    rows.update(lease_until=now() - timedelta(seconds=1), lost=losses)
    with tenancy.platform():
        built = Revision.objects.create(
            id=late.rev_id,
            organization_id=acme.id,
            asset_id=late.asset_id,
            upload_id=late.upload_id,
            job_id=late.job_id,
            stage="ladder",
        )
    moments = iter([now(), now() - timedelta(hours=1)])  # found silent, and heard before anything is written

    monkeypatch.setattr(jobs, "now", lambda: next(moments, now()))
    jobs.expire_leases()

    assert the(late).state == "leased"
    built.refresh_from_db()
    assert built.state == "building"


def test_a_job_that_kills_its_workers_is_given_up(acme: tenancy.TenantRecord, queue: None) -> None:
    wanted(acme)
    for _ in range(jobs.MAX_LOST + 1):
        lease = claimed()
        TranscodeJob.objects.filter(id=lease.job_id).update(lease_until=now() - timedelta(seconds=1))
        jobs.expire_leases()

    assert the(lease).state == "failed"
    assert jobs.claim(ALL) is None
    assert OutboxMessage.objects.filter(type="lms.media.revision.failed.v1").exists()


def test_a_shortage_is_tried_again_later_and_not_for_ever(acme: tenancy.TenantRecord, queue: None) -> None:
    wanted(acme)
    for attempt in range(1, jobs.MAX_ATTEMPTS + 1):
        TranscodeJob.objects.update(run_at=now())
        lease = claimed()
        with tenancy.bind(acme):
            jobs.fail(lease, ResourceShortage("out_of_space"))
        expected = "queued" if attempt < jobs.MAX_ATTEMPTS else "failed"
        assert the(lease).state == expected
    assert the(lease).error_code == "out_of_space"


def test_a_bad_file_is_not_tried_again(acme: tenancy.TenantRecord, queue: None) -> None:
    wanted(acme)
    lease = claimed()
    with tenancy.bind(acme):
        Revision.objects.create(
            id=lease.rev_id,
            organization_id=acme.id,
            asset_id=lease.asset_id,
            upload_id=lease.upload_id,
            job_id=lease.job_id,
            stage="fast",
        )
        jobs.fail(lease, InputRejected("codec", codec="Indeo 5"))

    row = the(lease)
    assert (row.state, row.error_title) == ("failed", "The video uses Indeo 5")
    assert Revision.objects.get(id=lease.rev_id).state == "failed"
    assert jobs.claim(ALL) is None


def test_only_what_failed_and_still_has_its_source_can_be_tried_again(acme: tenancy.TenantRecord, queue: None) -> None:
    with tenancy.bind(acme), pytest.raises(SourceGone):
        jobs.retry(new_id())
    wanted(acme)
    lease = claimed()
    with tenancy.bind(acme):
        Upload.objects.create(
            id=lease.upload_id,
            organization_id=acme.id,
            member_id=new_id(),
            asset_id=lease.asset_id,
            key=f"t/{acme.id}/in/{lease.upload_id}",
            name="film.mp4",
            size_bytes=1,
            part_bytes=1,
            parts=1,
            state="received",
            reservation_id=new_id(),
            expires_at=now(),
        )
        with pytest.raises(NothingToRetry):
            jobs.retry(lease.asset_id)
        jobs.fail(lease, InputRejected("unreadable"))
        jobs.retry(lease.asset_id)
    assert claimed().upload_id == lease.upload_id


def test_an_organization_sees_its_own_jobs_only(
    acme: tenancy.TenantRecord, globex: tenancy.TenantRecord, queue: None
) -> None:
    wanted(acme)
    with tenancy.bind(globex):
        assert TranscodeJob.objects.count() == 0


# -- beside an organization with thousands ----------------------------------------------------------------------------


def _queue(organization_id: UUID, count: int, stage: str = "first") -> None:
    TranscodeJob.objects.bulk_create(
        TranscodeJob(organization_id=organization_id, asset_id=new_id(), upload_id=new_id(), stage=stage)
        for _ in range(count)
    )


def test_twenty_newcomers_are_the_next_twenty_after_a_whale(queue: None) -> None:
    whale, newcomers = new_id(), [new_id() for _ in range(20)]
    _queue(whale, 3_000)
    assert [claimed().organization_id for _ in range(2)] == [whale, whale]
    for organization_id in newcomers:
        _queue(organization_id, 2)
    assert sorted(claimed().organization_id for _ in range(20)) == sorted(newcomers)


def test_a_newcomers_first_stage_comes_before_a_whales_ladders(queue: None) -> None:
    whale, newcomer = new_id(), new_id()
    _queue(whale, 500, stage="ladder")
    claimed()
    _queue(newcomer, 1)
    assert claimed().organization_id == newcomer


def test_thousands_of_films_leave_a_few_nudges_in_the_queue(
    world: object, queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = redis.Redis.from_url(plugin.stack["LMS_REDIS_URL"])
    link.delete("media")
    for _ in range(50):
        jobs.nudge()
    assert 1 <= link.llen("media") <= 4
    link.delete("media")


def test_sweeps_take_everybodys_oldest_first(queue: None) -> None:
    whale, small = new_id(), new_id()
    _queue(whale, 30)
    _queue(small, 2)
    found = in_turn(TranscodeJob.objects.all(), by="created_at", limit=5)
    assert [job.organization_id for job in found].count(small) == 2
    assert [job.organization_id for job in found][:2] in ([whale, small], [small, whale])
