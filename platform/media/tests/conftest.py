from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from media import testing
from media.aws import mediaconvert, queue, s3
from media.transcoding.tests import clips
from tests.support import mediaconvert as support
from tests.support.film_maker import FilmMaker
from tests.support.mediaconvert import Server


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with testing.object_store(tmp_path_factory.mktemp("s3")) as url:
        yield url


@pytest.fixture
def store(store_url: str, settings: Settings, tmp_path: Path) -> Iterator[s3.S3Store]:
    """The object store of this run, and a scratch directory of this test."""
    settings.S3_URL, settings.S3_PUBLIC_URL = store_url, ""
    settings.MEDIA_SCRATCH_DIR = str(tmp_path / "scratch")
    s3.object_store.cache_clear()
    found = s3.object_store()
    found.ensure_bucket()
    yield found
    s3.object_store.cache_clear()


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds that browsers play as they are."""
    return clips.make(tmp_path_factory.mktemp("films") / "standard.mp4")


@pytest.fixture
def service(store_url: str, store: s3.S3Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The service, and this installation set up to use it."""
    for name, value in (("AWS_ACCESS_KEY_ID", "AKIATEST"), ("AWS_SECRET_ACCESS_KEY", "secret")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # it remembers who the machine was
    with support.running(FilmMaker.at(store_url)) as server:
        settings.TRANSCODER = "mediaconvert"
        settings.AWS_ENDPOINT_URL, settings.AWS_REGION = server.url, support.REGION
        settings.MEDIACONVERT_ROLE = support.ROLE
        settings.MEDIACONVERT_QUEUE = support.QUEUE
        settings.MEDIACONVERT_EVENTS = server.events_url
        mediaconvert.client.cache_clear()
        queue.client.cache_clear()
        yield server
    mediaconvert.client.cache_clear()
    queue.client.cache_clear()


@pytest.fixture(scope="session")
def webm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds that have to be encoded before a browser plays them."""
    path = tmp_path_factory.mktemp("films") / "film.webm"
    return clips.make(path, "-c:v", "libvpx", "-cpu-used", "8", "-c:a", "libopus", size="640x360", seconds=6)
