from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from media import testing
from media.aws import s3
from media.transcoding.tests import clips


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
