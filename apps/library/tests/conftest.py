from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

import tenancy
from media import testing
from media.aws import s3
from media.transcoding.tests import clips

if TYPE_CHECKING:
    from conftest import Person

Send = Callable[..., Any]


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
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Three seconds that browsers play as they are."""
    return clips.make(tmp_path_factory.mktemp("films") / "standard.mp4").read_bytes()


class Browser:
    """Someone's browser: sends JSON to the API and answers with status and body."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        response = self.client.generic(
            method,
            f"/api/v1/{path}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers=headers,
        )
        response.body = response.json() if "json" in response.get("Content-Type", "") else response.content
        return response

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.send("POST", path, body)

    def delete(self, path: str) -> Any:
        return self.send("DELETE", path)

    def open_upload(self, content: bytes, name: str = "Rowing_on the lake.mp4") -> Any:
        answer = self.post(
            "uploads/",
            {"name": name, "size_bytes": len(content), "content_type": "video/mp4", "fingerprint": f"{name}:1"},
        )
        assert answer.status_code == 201, answer.body
        return answer.body

    def upload(self, content: bytes, name: str = "Rowing_on the lake.mp4") -> Any:
        """Open, put, complete; the asset as the completion answers it."""
        opened = self.open_upload(content, name)
        parts = self.post(
            f"uploads/{opened['id']}/parts/", {"parts": [{"number": 1, "sha256": testing.sha256(content)}]}
        ).body["items"]
        testing.put(parts[0]["url"], content, parts[0]["headers"])
        answer = self.post(f"uploads/{opened['id']}/completion/")
        assert answer.status_code == 200, answer.body
        return answer.body


@pytest.fixture
def author(acme: tenancy.TenantRecord, avery: Person, store: s3.S3Store) -> Browser:
    return Browser(avery.client())


@pytest.fixture
def learner(acme: tenancy.TenantRecord, leo: Person) -> Browser:
    return Browser(leo.client())


@pytest.fixture
def ready(author: Browser, film: bytes) -> str:
    """The id of an asset whose ladder is made."""
    asset = author.upload(film)
    testing.work()
    return str(asset["id"])
