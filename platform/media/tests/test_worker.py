"""The worker, from an uploaded file to something to play, against a real store and a real ffmpeg."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

import tenancy
from billing.api import STORAGE_BYTES, usage
from events.models import OutboxMessage
from media import testing
from media.aws.s3 import S3Store
from media.models import Revision, TranscodeJob, Upload
from media.selectors import stages_of
from media.services import jobs, playback, worker
from media.storage import ObjectGone
from media.transcoding import encoder
from media.transcoding.tests import clips

if TYPE_CHECKING:
    from conftest import Person


def told(kind: str, asset_id: UUID) -> list[dict[str, Any]]:
    """Payloads of the events of a type about an asset, oldest first."""
    with tenancy.platform():
        rows = OutboxMessage.objects.filter(type=kind, payload__asset=str(asset_id)).order_by("id")
        return list(rows.values_list("payload", flat=True))


def published(asset_id: UUID) -> list[str]:
    return [event["stage"] for event in told("lms.media.revision.published.v1", asset_id)]


def test_a_standard_film_is_playable_from_a_copy_and_then_has_its_ladder(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path
) -> None:
    info = testing.upload(film, member_id=avery.id)

    assert testing.work() == 2

    assert published(info.asset_id)[-1] == "ladder"
    assert "remux" in published(info.asset_id)
    assert [(stage.name, stage.state) for stage in stages_of([info.asset_id])[info.asset_id]] == [
        ("remux", "done"),
        ("ladder", "done"),
    ]
    current = playback.current_revision(info.asset_id)
    assert current is not None
    assert current.stage == "ladder"
    prefix = f"t/{acme.id}/v/{info.asset_id}/{current.id}/"
    assert b"#EXTM3U" in store.read(f"{prefix}master.m3u8")
    assert store.read(f"{prefix}poster.jpg", length=3) == b"\xff\xd8\xff"
    assert store.head(f"{prefix}180p/seg_00000.m4s").content_type == "video/iso.segment"
    [probed] = told("lms.media.upload.probed.v1", info.asset_id)
    assert (probed["width"], probed["height"], probed["has_audio"]) == (320, 180, True)


def test_another_codec_gets_the_fast_rung_first(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, tmp_path: Path
) -> None:
    source = clips.make(tmp_path / "film.webm", "-c:v", "libvpx", "-cpu-used", "8", "-c:a", "libopus", seconds=2)
    info = testing.upload(source, member_id=avery.id)

    assert testing.work() == 2
    assert list(dict.fromkeys(published(info.asset_id))) == ["fast", "ladder"]
    states = Revision.objects.filter(asset_id=info.asset_id).values_list("stage", "state")
    assert dict(states) == {"fast": "superseded", "ladder": "published"}


def test_a_film_that_is_none_is_refused_in_words_and_its_bytes_come_back(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, tmp_path: Path
) -> None:
    before = usage(STORAGE_BYTES).used
    fake = tmp_path / "film.mp4"
    fake.write_text("#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n")
    info = testing.upload(fake, member_id=avery.id)

    testing.work()

    [failure] = told("lms.media.revision.failed.v1", info.asset_id)
    assert (failure["code"], failure["retryable"]) == ("playlist", False)
    assert failure["title"] == "This is a playlist, not a video"
    assert Upload.objects.get(id=info.id).state == "rejected"
    assert usage(STORAGE_BYTES).used == before
    with pytest.raises(ObjectGone):
        store.head(f"t/{acme.id}/in/{info.id}")
    assert list(store.list(f"t/{acme.id}/v/{info.asset_id}/")) == []


def test_a_worker_that_loses_its_lease_in_the_middle_publishes_nothing(
    acme: tenancy.TenantRecord,
    avery: Person,
    store: S3Store,
    film: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    info = testing.upload(film, member_id=avery.id)
    real = encoder.encode

    def slow(*args: Any, **kwargs: Any) -> Any:
        TranscodeJob.objects.filter(upload_id=info.id).update(lease_until=None)
        with tenancy.platform():
            TranscodeJob.objects.filter(upload_id=info.id).update(fence=99)
        return real(*args, **kwargs)

    monkeypatch.setattr(encoder, "encode", slow)
    assert worker.run_one()

    assert published(info.asset_id) == []
    assert playback.current_revision(info.asset_id) is None
    with tenancy.platform():
        assert TranscodeJob.objects.get(upload_id=info.id).state == "leased"


def test_a_ladder_that_fails_leaves_the_film_playable(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = testing.upload(film, member_id=avery.id)
    assert worker.run_one()
    upload = Upload.objects.get(id=info.id)
    whole = store.read(upload.key)
    store.put_bytes(
        upload.key, whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2), content_type="video/mp4"
    )
    for path in (Path(worker.scratch.root()) / "sources").glob("*"):
        path.unlink()

    testing.work()

    current = playback.current_revision(info.asset_id)
    assert current is not None
    assert current.stage == "remux"


def test_a_store_that_is_away_is_waited_for(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from media.errors import StorageUnavailable

    info = testing.upload(film, member_id=avery.id)

    def away(*args: Any, **kwargs: Any) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(S3Store, "download", away)
    assert worker.run_one()

    job = TranscodeJob.objects.get(upload_id=info.id)
    assert (job.state, job.error_code) == ("queued", "storage")
    assert job.run_at > job.created_at


def test_two_tries_write_under_different_prefixes(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path
) -> None:
    info = testing.upload(film, member_id=avery.id)
    with tenancy.platform():
        first = jobs.claim(jobs.FIRST_STAGES)
        assert first is not None
        jobs.put_back(first, seconds=-1)
    testing.work()

    revisions = Revision.objects.filter(asset_id=info.asset_id).values_list("id", flat=True)
    assert first.rev_id not in set(revisions)


def test_a_suspended_organizations_jobs_wait(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = testing.upload(film, member_id=avery.id)
    monkeypatch.setattr(tenancy.TenantRecord, "is_active", property(lambda record: False))
    assert worker.run_one()

    job = TranscodeJob.objects.get(upload_id=info.id)
    assert job.state == "queued"
    assert published(info.asset_id) == []


def test_a_source_on_this_disk_is_linked_not_copied(
    acme: tenancy.TenantRecord,
    avery: Person,
    store: S3Store,
    film: Path,
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    info = testing.upload(film, member_id=avery.id)
    key = Upload.objects.get(id=info.id).key
    beside = tmp_path / "data" / "s3" / "objects" / "lms-media" / key
    beside.parent.mkdir(parents=True)
    beside.write_bytes(store.read(key))
    settings.EMBEDDED, settings.DATA_DIR = True, tmp_path / "data"
    monkeypatch.setattr(S3Store, "download", None)

    assert worker.run_one()
    assert published(info.asset_id)
    assert beside.read_bytes() == store.read(key)
