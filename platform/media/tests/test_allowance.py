"""The month's encoding: held before, counted once, and a film that finds no room waits and is not lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tenancy
from billing.api import TRANSCODE_SECONDS, usage
from billing.models import Quota, UsageEvent
from core.clock import now
from media import testing
from media.aws.s3 import S3Store
from media.models import Revision, TranscodeJob, Upload
from media.selectors import stages_of
from media.services import jobs, worker
from media.transcoding import encoder
from media.transcoding.errors import ResourceShortage

if TYPE_CHECKING:
    from conftest import Person

FILM_SECONDS = 3


def give(organization: tenancy.TenantRecord, seconds: int | None, *, overage: bool = False) -> None:
    with tenancy.platform():
        Quota.objects.filter(organization_id=organization.id, meter=TRANSCODE_SECONDS).update(
            plan_limit=seconds, hard_limit=seconds, used=0, reserved=0, overage=overage
        )


def make_due() -> None:
    TranscodeJob.objects.filter(state=TranscodeJob.State.QUEUED).update(run_at=now())


def test_a_film_counts_once_with_its_length_into_however_many_versions_it_is_made(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path
) -> None:
    give(acme, 1000)
    info = testing.upload(film, member_id=avery.id)
    testing.work()

    done = TranscodeJob.objects.filter(upload_id=info.id, state=TranscodeJob.State.DONE)
    assert set(done.values_list("stage", flat=True)) == {"remux", "ladder"}
    found = usage(TRANSCODE_SECONDS)
    assert (found.used, found.reserved) == (FILM_SECONDS, 0)
    with tenancy.platform():
        assert UsageEvent.objects.get(id=info.id).amount == FILM_SECONDS


def test_over_the_cap_a_film_waits_says_why_and_goes_on_when_there_is_room(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path
) -> None:
    give(acme, 1000)
    playing = testing.upload(film, member_id=avery.id)
    testing.work()
    give(acme, FILM_SECONDS - 1)
    info = testing.upload(film, member_id=avery.id)
    for _ in range(8):  # longer than a job is tried for want of resources
        make_due()
        testing.work()

    job = TranscodeJob.objects.get(upload_id=info.id)
    assert (job.state, job.attempt, job.error_code) == ("queued", 0, "quota_exceeded")
    waits = stages_of([info.asset_id])[info.asset_id][0].waits
    assert waits is not None
    assert waits.code == "quota_exceeded"
    assert "The file is kept" in waits.detail
    assert usage(TRANSCODE_SECONDS).used == 0
    assert Revision.objects.filter(asset_id=playing.asset_id, state="published").exists(), "what is there plays on"

    give(acme, FILM_SECONDS)
    make_due()
    testing.work()
    assert not TranscodeJob.objects.filter(upload_id=info.id).exclude(state="done").exists()
    assert stages_of([info.asset_id])[info.asset_id][0].waits is None
    assert usage(TRANSCODE_SECONDS).used == FILM_SECONDS


def test_who_pays_for_more_does_not_wait(acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path) -> None:
    give(acme, 1, overage=True)
    info = testing.upload(film, member_id=avery.id)
    testing.work()
    assert not TranscodeJob.objects.filter(upload_id=info.id).exclude(state="done").exists()
    assert usage(TRANSCODE_SECONDS).used == FILM_SECONDS


def test_two_films_do_not_both_get_the_last_minute(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path
) -> None:
    give(acme, FILM_SECONDS)
    for _ in range(2):
        testing.upload(film, member_id=avery.id)
    while worker.run_one():
        pass
    states = sorted(TranscodeJob.objects.exclude(stage="ladder").values_list("state", "error_code"))
    assert states == [("done", ""), ("queued", "quota_exceeded")]
    assert usage(TRANSCODE_SECONDS).used == FILM_SECONDS


def test_what_is_held_is_kept_between_tries_and_given_back_at_the_end(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(acme, 1000)

    def broken(*_: object, **__: object) -> None:
        raise ResourceShortage("disk")

    monkeypatch.setattr(encoder, "encode", broken)
    info = testing.upload(film, member_id=avery.id)
    for held in (FILM_SECONDS, FILM_SECONDS, FILM_SECONDS, FILM_SECONDS, 0):
        make_due()
        testing.work()
        assert usage(TRANSCODE_SECONDS).reserved == held
    assert TranscodeJob.objects.get(upload_id=info.id).state == "failed"
    assert Upload.objects.get(id=info.id).encoding_hold_id is None

    monkeypatch.undo()
    jobs.retry(info.asset_id)
    testing.work()
    found = usage(TRANSCODE_SECONDS)
    assert (found.used, found.reserved) == (FILM_SECONDS, 0)
