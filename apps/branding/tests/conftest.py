from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apps.branding import outside
from media import testing
from media.aws import s3

LOOK = {"color": "#0B5D3B", "heading_font": "newsreader"}


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with testing.object_store(tmp_path_factory.mktemp("s3")) as url:
        yield url


@pytest.fixture
def store(store_url: str, settings: Settings, tmp_path: Path) -> Iterator[s3.S3Store]:
    """The object store of this run."""
    settings.S3_URL, settings.S3_PUBLIC_URL = store_url, ""
    s3.object_store.cache_clear()
    outside._known.clear()
    found = s3.object_store()
    found.ensure_bucket()
    yield found
    s3.object_store.cache_clear()
    outside._known.clear()


class Editor:
    """Somebody at work on the brand: remembers the revision that the last answer told."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.revision = 0
        self.read()

    def read(self) -> dict[str, Any]:
        return self._taken(self.client.get("/api/v1/brand/"))

    def save(self, **fields: Any) -> Any:
        return self._send("PUT", "", {**LOOK, **fields})

    def discard(self) -> Any:
        return self._send("DELETE", "")

    def publish(self) -> Any:
        return self._send("POST", "publication/")

    def restore(self, version: str) -> Any:
        return self._send("POST", f"versions/{version}/restoration/")

    def versions(self) -> list[dict[str, Any]]:
        return self.client.get("/api/v1/brand/versions/").json()["items"]

    def upload(self, content: bytes, use: str) -> Any:
        return self.client.generic(
            "POST", f"/api/v1/brand/images/?use={use}", content, content_type="application/octet-stream"
        )

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        response = self.client.generic(
            method,
            f"/api/v1/brand/{path}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"if-match": f'"{self.revision}"'},
        )
        if response.status_code == 200:
            self._taken(response)
        return response

    def _taken(self, response: Any) -> dict[str, Any]:
        told = response.json()
        if response.status_code == 200:
            self.revision = told["revision"]
        return told


@pytest.fixture
def editor_of() -> Callable[[Any], Editor]:
    return lambda person: Editor(person.client())


@pytest.fixture
def editor(acme: Any, alice: Any) -> Editor:
    return Editor(alice.client())
