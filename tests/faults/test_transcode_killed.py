"""A media worker shot inside ffmpeg: its lease runs out, the job is repeated, nothing half-made is published."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

import tenancy
from tests.support import plugin

if TYPE_CHECKING:
    from conftest import World

SECONDS = 120
WORK = "import django; django.setup(); from media.services import worker; worker.run_one()"


@pytest.fixture
def acme(world: World, django_db_blocker: Any) -> Iterator[tenancy.TenantRecord]:
    """Acme with real commits: a killed process leaves what it committed, and only that."""
    from media.models import PlaybackSession, Revision, StorageEntry, TranscodeJob, Upload

    with django_db_blocker.unblock():
        with tenancy.bind(world.organizations["acme"]) as bound:
            yield bound
        with tenancy.platform():
            for model in (PlaybackSession, Revision, StorageEntry, TranscodeJob, Upload):
                model.objects.filter(organization_id=bound.id).delete()


@pytest.fixture
def shot(tmp_path: Path, settings: Settings) -> Iterator[Callable[[Callable[[], bool]], None]]:
    """Starts a worker of its own and kills it with SIGKILL as soon as a condition holds."""
    from media import testing
    from media.aws import s3

    with testing.object_store(tmp_path / "s3") as url:
        settings.S3_URL, settings.S3_PUBLIC_URL = url, ""
        settings.MEDIA_SCRATCH_DIR = str(tmp_path / "scratch")
        s3.object_store.cache_clear()
        s3.object_store().ensure_bucket()
        environment = {
            **os.environ,
            **plugin.stack,
            "LMS_S3_URL": url,
            "LMS_DATA_DIR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "PYTHONPATH": f"{plugin.ROOT}:{plugin.ROOT / 'platform'}",
        }

        def shoot(when: Callable[[], bool]) -> None:
            worker = subprocess.Popen([sys.executable, "-c", WORK], env=environment, cwd=plugin.ROOT)
            try:
                deadline = time.monotonic() + 180
                while not when():
                    assert worker.poll() is None, "the worker ended before it could be shot"
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            finally:
                worker.send_signal(signal.SIGKILL)
                worker.wait()
            _nothing_runs_in(tmp_path / "scratch")

        yield shoot
    s3.object_store.cache_clear()


@pytest.fixture(scope="module")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two minutes that take seconds to convert: a short encode, looped by stream copy. MPEG-4 part 2 is no remux."""
    from media.transcoding.tests import clips

    folder = tmp_path_factory.mktemp("films")
    short = clips.make(folder / "short.mp4", "-c:v", "mpeg4", "-c:a", "aac", seconds=4)
    film = folder / "long.mp4"
    clips.ffmpeg("-stream_loop", str(SECONDS // 4 - 1), "-i", str(short), "-c", "copy", str(film))
    return film


def test_shot_in_the_first_stage(
    acme: tenancy.TenantRecord, world: World, shot: Callable[[Callable[[], bool]], None], long_film: Path
) -> None:
    from media import testing
    from media.models import Revision, TranscodeJob
    from media.services import jobs, playback, worker

    info = testing.upload(long_film, member_id=world.people["avery"].id)
    shot(lambda: _is_growing(info.asset_id))

    growing = Revision.objects.get(asset_id=info.asset_id)
    assert growing.state == "published"  # its first seconds are whole, and it says that it grows
    assert growing.is_growing
    _expire(info.id)
    with tenancy.platform():
        assert jobs.expire_leases() == 1
    assert worker.run_one()

    current = playback.current_revision(info.asset_id)
    assert current is not None
    assert current.id != growing.id
    assert not current.is_growing
    assert current.duration_ms / 1000 == pytest.approx(SECONDS, rel=0.01)
    assert Revision.objects.get(id=growing.id).state == "superseded"
    first = TranscodeJob.objects.get(upload_id=info.id, stage="fast")
    assert (first.state, first.lost) == ("done", 1)
    assert TranscodeJob.objects.filter(upload_id=info.id).count() == 2  # this one, and one ladder


def test_shot_in_the_ladder(
    acme: tenancy.TenantRecord, world: World, shot: Callable[[Callable[[], bool]], None], long_film: Path
) -> None:
    from media import prefixes, testing
    from media.aws.s3 import object_store
    from media.models import Revision, TranscodeJob
    from media.services import jobs, playback, worker

    info = testing.upload(long_film, member_id=world.people["avery"].id)
    assert worker.run_one()
    before = playback.current_revision(info.asset_id)
    assert before is not None

    shot(lambda: _progress(info.id, "ladder") > 0)

    half = Revision.objects.get(asset_id=info.asset_id, stage="ladder")
    assert half.state == "building"
    prefix = prefixes.revision_prefix(acme.id, info.asset_id, half.id)
    assert not [found for found in object_store().list(prefix) if found.key.endswith(".m3u8")]
    current = playback.current_revision(info.asset_id)
    assert current is not None
    assert current.id == before.id
    with tenancy.platform():
        assert jobs.expire_leases() == 0, "a lease that has not run out is respected"
        assert jobs.claim(("ladder",)) is None

    _expire(info.id)
    with tenancy.platform():
        assert jobs.expire_leases() == 1
    assert worker.run_one()

    current = playback.current_revision(info.asset_id)
    assert current is not None
    assert current.stage == "ladder"
    assert current.id != half.id
    assert Revision.objects.get(id=half.id).state == "failed"
    assert TranscodeJob.objects.get(upload_id=info.id, stage="ladder").lost == 1


def _is_growing(asset_id: UUID) -> bool:
    from media.models import Revision

    return bool(Revision.objects.filter(asset_id=asset_id, state="published", is_growing=True).exists())


def _progress(upload_id: UUID, stage: str) -> int:
    from media.models import TranscodeJob

    row = TranscodeJob.objects.filter(upload_id=upload_id, stage=stage, state="leased").first()
    return row.progress_permille if row else 0


def _expire(upload_id: UUID) -> None:
    from core.clock import now
    from media.models import TranscodeJob

    TranscodeJob.objects.filter(upload_id=upload_id, state="leased").update(lease_until=now() - timedelta(seconds=1))


def _nothing_runs_in(folder: Path) -> None:
    """No encoder outlives the worker that started it."""
    deadline = time.monotonic() + 30
    while left := [pid for pid in os.listdir("/proc") if pid.isdigit() and _works_in(pid, folder)]:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.05)


def _works_in(pid: str, folder: Path) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/cwd").startswith(str(folder))
    except OSError:
        return False
