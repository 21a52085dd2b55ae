"""Films that a service encodes: ordered once, heard of in any order, published once, called off when nobody wants them.

The service is a small one of our own with MediaConvert's rules, which really makes the films.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

import tenancy
from billing.api import STORAGE_BYTES, usage
from core import clock
from events.models import OutboxMessage
from media import testing
from media.aws.s3 import S3Store
from media.lifecycle import Playing
from media.models import RemoteJob, TranscodeJob, Upload
from media.selectors import stages_of
from media.services import jobs, playback, remote, remote_events, worker
from media.tests.test_mediaconvert_job import facts
from media.transcoding.errors import LeaseLost
from media.transcoding.tests import clips
from media.transcoding.tests.test_plans import picture
from tests.support.mediaconvert import Server

if TYPE_CHECKING:
    from conftest import Person


def drain() -> int:
    with tenancy.platform():
        return remote_events.drain(wait_seconds=0)


def sweep(*, after: timedelta = timedelta(0)) -> int:
    """Look after orders, as if so much time had passed."""
    with tenancy.platform():
        if after:
            RemoteJob.objects.update(look_at=clock.now() - after, heard_at=clock.now() - after)
        return remote.sweep()


def orders() -> list[RemoteJob]:
    return list(RemoteJob.objects.order_by("asked_at"))


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """What happens in the block is undone behind it."""
    block = transaction.atomic()
    block._from_testcase = True  # as the block around the test itself
    with block:
        yield
        transaction.set_rollback(True)


def published(asset_id: UUID) -> list[str]:
    with tenancy.platform():
        rows = OutboxMessage.objects.filter(type="lms.media.revision.published.v1", payload__asset=str(asset_id))
        return [payload["stage"] for payload in rows.order_by("id").values_list("payload", flat=True)]


def finish(service: Server, asset_id: UUID) -> None:
    """Let the service work and hear of it until the ladder is there."""
    for _ in range(6):
        testing.work()
        service.service.wait()
        drain()
        current = playback.current_revision(asset_id)
        if current is not None and current.stage == "ladder":
            return
    raise AssertionError([(order.stage, order.state, order.error_message) for order in orders()])


def test_a_film_gets_its_fast_rung_and_then_its_ladder_from_the_service(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path
) -> None:
    before = usage(STORAGE_BYTES).used
    info = testing.upload(webm, member_id=avery.id)

    finish(service, info.asset_id)

    assert published(info.asset_id) == ["fast", "ladder"]
    assert service.service.calls.count("CreateJob") == 2
    assert [(stage.name, stage.state) for stage in stages_of([info.asset_id])[info.asset_id]] == [
        ("fast", "done"),
        ("ladder", "done"),
    ]
    current = playback.current_revision(info.asset_id)
    assert current is not None
    prefix = f"t/{acme.id}/v/{info.asset_id}/{current.id}/"
    master = store.read(f"{prefix}master.m3u8").decode()
    names = [rendition["name"] for rendition in current.renditions]
    assert names == ["360p", "270p", "audio", "audio-low"]
    for name in names[:2]:
        assert f"film_{name}.m3u8" in master
    assert 'CODECS="avc1.' in master
    assert "mp4a.40.2" in master
    assert store.read(f"{prefix}poster.jpg", length=3) == b"\xff\xd8\xff"
    # Every byte that lies there is counted, of both versions and the source.
    held = sum(found.size_bytes for found in store.list(f"t/{acme.id}/") if str(info.asset_id) in found.key)
    assert usage(STORAGE_BYTES).used - before == held + webm.stat().st_size


def test_a_standard_film_plays_from_a_copy_made_here_and_only_its_ladder_is_ordered(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, film: Path
) -> None:
    info = testing.upload(film, member_id=avery.id)
    assert worker.run_one()
    current = playback.current_revision(info.asset_id)
    assert current is not None
    assert current.stage == "remux"
    assert service.service.calls == []

    finish(service, info.asset_id)

    assert [order.stage for order in orders()] == ["ladder"]


def test_the_ladder_needs_no_second_download(
    acme: tenancy.TenantRecord,
    avery: Person,
    store: S3Store,
    service: Server,
    webm: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    service.service.wait()
    drain()
    monkeypatch.setattr(S3Store, "download", None)

    finish(service, info.asset_id)

    current = playback.current_revision(info.asset_id)
    assert current is not None
    assert current.has_poster


def _told(service: Server, remote_id: str) -> list[str]:
    return [json.dumps(event) for event in service.service.events if event["detail"]["jobId"] == remote_id]


def test_events_in_every_order_and_twice_lead_to_one_end(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path
) -> None:
    """A recorded job's events, in each of their orders, each delivered twice: one published version, counted once."""
    service.service.faults.keep_events = True
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    service.service.wait()
    [order] = orders()
    recorded = _told(service, order.remote_id)
    # One of each kind: the updates differ only in their figures.
    kinds = {json.loads(body)["detail"]["status"]: body for body in recorded}
    assert set(kinds) == {"INPUT_INFORMATION", "PROGRESSING", "STATUS_UPDATE", "COMPLETE"}
    ends = set()
    for sequence in itertools.permutations(kinds.values()):
        with undone():
            for body in [*sequence, *reversed(sequence)]:
                service.queues.send(service.events_url, body)
            drain()
            order.refresh_from_db()
            ends.add((order.state, tuple(published(info.asset_id)), usage(STORAGE_BYTES).used))
            assert service.queues.bodies(service.events_url) == []
    assert len(ends) == 1
    [(state, stages, _)] = ends
    assert (state, stages) == ("published", ("fast",))


def test_an_event_is_not_believed_about_the_end(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path
) -> None:
    """Somebody who can write to the queue can't publish or fail a film: the service is asked."""
    service.service.faults.hold_jobs = True
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    [order] = orders()
    for status in ("COMPLETE", "ERROR", "CANCELED"):
        body = json.dumps(
            {
                "source": remote_events.SOURCE,
                "detail-type": remote_events.KIND,
                "detail": {
                    "jobId": order.remote_id,
                    "status": status,
                    "userMetadata": {"organization": "01a225c1-0000-7000-8000-000000000000", "asset": "x"},
                },
            }
        )
        service.queues.send(service.events_url, body)
    drain()

    order.refresh_from_db()
    assert order.state == "running"
    assert published(info.asset_id) == []
    assert service.queues.bodies(service.events_url) == []


def test_an_answer_that_got_lost_makes_no_second_job(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path
) -> None:
    service.service.faults.lose_answers = 10  # botocore's own tries, too
    service.service.faults.hold_jobs = True
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    [order] = orders()
    assert (order.state, order.remote_id) == ("asked", "")
    assert len(service.service.jobs) == 1
    service.service.faults.lose_answers = 0

    # Past the minute in which the token is known: the job has to be looked for.
    service.service.clock = lambda: time.time() + 3600
    assert sweep(after=timedelta(hours=1)) == 1

    [order] = orders()
    assert order.remote_id == next(iter(service.service.jobs))
    assert len(service.service.jobs) == 1
    service.service.faults.hold_jobs = False
    service.service.go_on()
    finish(service, info.asset_id)
    assert len(service.service.jobs) == 2


def test_an_order_that_never_arrived_is_placed_later(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path
) -> None:
    service.service.faults.throttle = 10
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    [order] = orders()
    assert (order.state, len(service.service.jobs)) == ("asked", 0)
    [first] = stages_of([info.asset_id])[info.asset_id]
    assert first.state == "running"
    service.service.faults.throttle = 0

    assert sweep() == 0  # not at once: somebody may just be placing it
    assert sweep(after=timedelta(minutes=3)) == 1

    finish(service, info.asset_id)


def test_a_silent_job_is_asked_after(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path
) -> None:
    service.service.faults.keep_events = True
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    service.service.wait()
    assert drain() == 0
    assert sweep(after=timedelta(minutes=14)) == 0

    assert sweep(after=timedelta(minutes=16)) == 1

    assert published(info.asset_id) == ["fast"]


def test_an_early_event_waits_for_its_order(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path
) -> None:
    """The service may be done before its answer arrived here."""
    service.service.faults.lose_answers = 10
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    service.service.wait()
    assert drain() == 0
    assert service.queues.bodies(service.events_url)
    service.service.faults.lose_answers = 0

    sweep(after=timedelta(minutes=3))

    assert published(info.asset_id) == ["fast"]
    service.queues.reveal(service.events_url)
    assert drain() > 0
    assert published(info.asset_id) == ["fast"]


def test_what_comes_of_an_older_try_is_nobodys(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path
) -> None:
    """The organization was paused while its film was encoded: the try that follows is another revision."""
    service.service.faults.keep_events = True
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    service.service.wait()
    [older] = orders()
    with tenancy.platform():
        Playing().pause(acme.id)
    service.service.faults.keep_events = False
    testing.work()
    service.service.wait()
    for body in _told(service, older.remote_id):
        service.queues.send(service.events_url, body)
    service.queues.shuffle = random.Random(7)
    drain()

    older.refresh_from_db()
    newer = orders()[-1]
    assert older.rev_id != newer.rev_id
    assert (older.state, newer.state) == ("given_up", "published")
    current = playback.current_revision(info.asset_id)
    assert current is not None
    assert current.id == newer.rev_id


@pytest.mark.parametrize(("code", "kind"), [(1076, "input"), (1434, "resource"), (1999, "resource")])
def test_an_error_of_the_file_ends_it_and_one_of_ours_is_tried_again(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path, code: int, kind: str
) -> None:
    service.service.faults.fail_jobs_with = code
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    service.service.wait()
    drain()

    job = TranscodeJob.objects.get(upload_id=info.id)
    [order] = orders()
    assert (order.state, order.error_code) == ("failed", code)
    assert (job.error_kind, job.state) == (kind, "failed" if kind == "input" else "queued")


def test_a_complete_job_of_which_something_is_missing_is_not_published(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path
) -> None:
    service.service.maker.leave_out = {"film_fast_000000001.cmfv"}
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    service.service.wait()
    drain()

    assert published(info.asset_id) == []
    job = TranscodeJob.objects.get(upload_id=info.id)
    assert (job.state, job.error_code) == ("queued", "storage")


def test_poison_ends_in_the_dead_letter_queue_and_stops_nothing(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path
) -> None:
    poison = ["not json", "[]", json.dumps({"source": "aws.s3", "detail-type": "x", "detail": {}})]
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    service.service.wait()
    for body in poison:
        service.queues.send(service.events_url, body)
    for _ in range(5):
        drain()
        service.queues.reveal(service.events_url)

    assert sorted(service.queues.bodies(service.dead_url)) == sorted(poison)
    assert service.queues.bodies(service.events_url) == []
    assert published(info.asset_id) == ["fast"]


def test_jobs_of_others_are_left_alone(acme: tenancy.TenantRecord, store: S3Store, service: Server) -> None:
    event = {"source": remote_events.SOURCE, "detail-type": remote_events.KIND}
    event |= {"detail": {"jobId": "1-of-another-cell", "status": "COMPLETE"}}  # type: ignore[dict-item]
    service.queues.send(service.events_url, json.dumps(event))

    assert drain() == 1
    assert service.service.calls == []


def test_a_refused_request_fails_the_try_and_says_why(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path, settings: Settings
) -> None:
    settings.MEDIACONVERT_ROLE = "films"
    info = testing.upload(webm, member_id=avery.id)
    testing.work()

    [order] = orders()
    assert order.state == "failed"
    assert "role" in order.error_message
    job = TranscodeJob.objects.get(upload_id=info.id)
    assert (job.state, job.error_code) == ("queued", "internal")


def test_a_tiny_film_is_encoded_here(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, tmp_path: Path
) -> None:
    tiny = clips.make(tmp_path / "tiny.webm", "-c:v", "libvpx", "-cpu-used", "8", "-an", size="48x24", seconds=1)
    info = testing.upload(tiny, member_id=avery.id)
    testing.work()

    assert published(info.asset_id)[-1] == "ladder"
    assert service.service.calls == []


def test_a_worker_that_lost_its_lease_orders_nothing(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path
) -> None:
    info = testing.upload(webm, member_id=avery.id)
    with tenancy.platform():
        lease = jobs.claim(jobs.FIRST_STAGES)
        assert lease is not None
        TranscodeJob.objects.filter(id=lease.job_id).update(fence=99)
    upload = Upload.objects.get(id=info.id)
    with pytest.raises(LeaseLost):
        remote.hand_over(replace(lease, stage="fast"), facts(picture(640, 360)), source_key=upload.key)

    assert orders() == []
    assert service.service.calls == []
