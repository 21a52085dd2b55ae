"""kill -9 of whoever orders an encode, hears how one went or gives one up: one is made, published and counted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

import tenancy
from tests.support import mediaconvert as support
from tests.support import plugin
from tests.support.film_maker import FilmMaker
from tests.support.mediaconvert import Server

if TYPE_CHECKING:
    from conftest import World

MOST_STATEMENTS = 90
# Hearing of an end is some fifty statements, and each death costs a film: every third is enough in a run.
STEP = 3
AROUND_THE_CALL = ("before-the-call", "after-the-call")


class Mortal:
    """The process that forks workers and lets them die."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.dying_encoder"],
            cwd=plugin.ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: object) -> str:
        """Run a step; return what it said, or ``killed``."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        """Let it end."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=90)


@pytest.fixture(scope="module")
def acme(world: World, django_db_blocker: Any) -> Iterator[tenancy.TenantRecord]:
    """Acme with real commits: a killed process leaves what it committed, and only that."""
    with django_db_blocker.unblock():
        with tenancy.bind(world.organizations["acme"]) as bound:
            yield bound
        from media.models import RemoteJob, Revision, StorageEntry, TranscodeJob, Upload

        with tenancy.platform():
            for model in (RemoteJob, Revision, StorageEntry, TranscodeJob, Upload):
                model.objects.filter(organization_id=bound.id).delete()


@pytest.fixture(scope="module")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from media import testing

    with testing.object_store(tmp_path_factory.mktemp("s3")) as url:
        yield url


@pytest.fixture(scope="module")
def service(store_url: str) -> Iterator[Server]:
    with support.running(FilmMaker.at(store_url)) as server:
        yield server


@pytest.fixture
def here(
    store_url: str, service: Server, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """This process is set up as the ones that die are."""
    from media.aws import mediaconvert, queue, s3

    settings.S3_URL, settings.S3_PUBLIC_URL = store_url, ""
    settings.MEDIA_SCRATCH_DIR = str(tmp_path / "scratch")
    settings.TRANSCODER, settings.AWS_ENDPOINT_URL, settings.AWS_REGION = "mediaconvert", service.url, support.REGION
    settings.MEDIACONVERT_ROLE, settings.MEDIACONVERT_QUEUE = support.ROLE, support.QUEUE
    settings.MEDIACONVERT_EVENTS = service.events_url
    for name, value in _KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    for cached in (mediaconvert.client, queue.client, s3.object_store):
        cached.cache_clear()
    s3.object_store().ensure_bucket()
    yield
    for cached in (mediaconvert.client, queue.client, s3.object_store):
        cached.cache_clear()


_KEYS = {"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture(scope="module")
def mortal(store_url: str, service: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortal]:
    found = Mortal(
        {
            **os.environ,
            **plugin.stack,
            **_KEYS,
            "LMS_S3_URL": store_url,
            "LMS_DATA_DIR": str(tmp_path_factory.mktemp("worker")),
            "LMS_TRANSCODER": "mediaconvert",
            "LMS_AWS_ENDPOINT_URL": service.url,
            "LMS_AWS_REGION": support.REGION,
            "LMS_MEDIACONVERT_ROLE": support.ROLE,
            "LMS_MEDIACONVERT_QUEUE": support.QUEUE,
            "LMS_MEDIACONVERT_EVENTS": service.events_url,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "PYTHONPATH": f"{plugin.ROOT}:{plugin.ROOT / 'platform'}",
        }
    )
    yield found
    found.close()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from media.transcoding.tests import clips

    return clips.make(tmp_path_factory.mktemp("films") / "short.mp4", size="160x90", seconds=1)


def _ladder_due(film: Path, member_id: UUID) -> UUID:
    """Have a film that plays, and whose ladder is due; return its asset."""
    from media import testing
    from media.services import worker

    info = testing.upload(film, member_id=member_id)
    assert worker.run_one()
    return info.asset_id


def _time_passes() -> None:
    """Whoever was killed is known to be dead, and whoever looks after orders looks."""
    from core.clock import now
    from media.models import RemoteJob, TranscodeJob
    from media.services import jobs, remote

    with tenancy.platform():
        TranscodeJob.objects.filter(state="leased", lease_until__isnull=False).update(lease_until=now())
        jobs.expire_leases()
        RemoteJob.objects.filter(ended_at__isnull=True).update(
            look_at=now() - timedelta(seconds=1), heard_at=now() - timedelta(hours=1)
        )
        remote.sweep()


def _live(service: Server, asset_id: UUID) -> None:
    """Let everybody who lives do their work until the ladder is there."""
    from media.services import playback, remote_events, worker

    for _ in range(6):
        worker.run_one()
        service.service.wait()
        service.queues.reveal(service.events_url)
        with tenancy.platform():
            remote_events.drain(wait_seconds=0)
        current = playback.current_revision(asset_id)
        if current is not None and current.stage == "ladder":
            return
        _time_passes()
    raise AssertionError("the ladder never came")


def _made_once(service: Server, asset_id: UUID, before: int) -> None:
    """One job at the service, one version published, and everything that lies there counted once."""
    from events.models import OutboxMessage
    from media.aws.s3 import object_store
    from media.models import Revision, StorageEntry

    assert len(service.service.jobs) - before == 1
    with tenancy.platform():
        told = OutboxMessage.objects.filter(type="lms.media.revision.published.v1", payload__asset=str(asset_id))
        assert [one["stage"] for one in told.values_list("payload", flat=True)].count("ladder") == 1
        ladders = Revision.objects.filter(asset_id=asset_id, stage="ladder", state="published")
        [ladder] = ladders
        entered = StorageEntry.objects.filter(ref_id=ladder.id).values_list("delta_bytes", flat=True)
        prefix = f"t/{ladder.organization_id}/v/{asset_id}/{ladder.id}/"
        assert list(entered) == [sum(found.size_bytes for found in object_store().list(prefix))]


def test_killed_while_it_orders_one_encode_is_made(
    acme: tenancy.TenantRecord, world: World, here: None, mortal: Mortal, service: Server, film: Path
) -> None:
    deaths = 0
    for where in (*AROUND_THE_CALL, *range(1, MOST_STATEMENTS)):
        asset_id, before = _ladder_due(film, world.people["avery"].id), len(service.service.jobs)
        said = mortal.run("order", where)
        assert said in ("killed", "True"), said
        _time_passes()
        _live(service, asset_id)
        _made_once(service, asset_id, before)
        if said != "killed":
            break
        deaths += 1
    else:
        raise AssertionError("it never got through")
    assert deaths >= len(AROUND_THE_CALL) + 3


def test_killed_while_it_gives_an_encode_up_the_author_is_told_once_and_the_service_stops(
    acme: tenancy.TenantRecord, world: World, here: None, mortal: Mortal, service: Server, film: Path
) -> None:
    from core.clock import now
    from events.models import OutboxMessage
    from media.models import RemoteJob, TranscodeJob
    from media.services import jobs, worker

    deaths = 0
    for where in (*AROUND_THE_CALL, *range(1, MOST_STATEMENTS, STEP)):
        asset_id = _ladder_due(film, world.people["avery"].id)
        service.service.faults.hold_jobs = True
        assert worker.run_one()
        with tenancy.platform():
            order = RemoteJob.objects.get(asset_id=asset_id, stage="ladder")
            long_ago = now() - timedelta(days=2)
            RemoteJob.objects.filter(id=order.id).update(asked_at=long_ago, look_at=long_ago)
        said = mortal.run("sweep", where)
        assert said in ("killed", "1"), said
        _time_passes()
        order.refresh_from_db()
        assert (order.state, service.service.jobs[order.remote_id].status) == ("given_up", "CANCELED"), where
        with tenancy.platform():
            told = OutboxMessage.objects.filter(type="lms.media.revision.failed.v1", payload__asset=str(asset_id))
            assert [one["code"] for one in told.values_list("payload", flat=True)] == ["never_ended"], where
            assert TranscodeJob.objects.get(id=order.job_id).state == "failed"
        service.service.faults.hold_jobs = False
        before = len(service.service.jobs)
        jobs.retry(asset_id)
        _live(service, asset_id)
        _made_once(service, asset_id, before)
        if said != "killed":
            break
        deaths += 1
    else:
        raise AssertionError("it never got through")
    assert deaths >= len(AROUND_THE_CALL) + 3


def test_killed_while_it_hears_of_the_end_one_version_is_published(
    acme: tenancy.TenantRecord, world: World, here: None, mortal: Mortal, service: Server, film: Path
) -> None:
    from media.services import worker

    deaths = 0
    for statement in range(1, MOST_STATEMENTS, STEP):
        asset_id, before = _ladder_due(film, world.people["avery"].id), len(service.service.jobs)
        assert worker.run_one()
        service.service.wait()
        said = mortal.run("hear", statement)
        service.queues.reveal(service.events_url)
        _time_passes()
        _live(service, asset_id)
        _made_once(service, asset_id, before)
        if said != "killed":
            assert said.isdigit(), said
            break
        deaths += 1
    else:
        raise AssertionError("it never got through")
    assert deaths > 5
