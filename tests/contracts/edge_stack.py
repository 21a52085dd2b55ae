"""The verifier and the real front door as processes, over the run's database and a folder of objects."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import httpx
from django.conf import settings as django_settings

from core.ids import new_id
from devstack import binaries
from devstack.credentials import Credentials
from devstack.edge.store import RemoteStore
from devstack.parts import caddyfile
from devstack.s3.layout import object_root
from devstack.settings import Settings
from tests.contracts.s3_server import BUCKET, ROOT, free_port

START_SECONDS = 90.0
SEGMENT = bytes(range(256)) * 40


def edge_database_url() -> str:
    """The run's database as the verifier's own login sees it."""
    url = urlsplit(os.environ["LMS_DATABASE_URL"])
    password = Credentials.load(Path(os.environ["LMS_DATA_DIR"])).pg_edge
    return urlunsplit(url._replace(netloc=f"lms_edge:{password}@{url.hostname}:{url.port}"))


def netloc(host: str) -> str:
    """The Host header a browser sends for a host of this installation."""
    return f"{host}:{django_settings.PUBLIC_PORT}"


@dataclass(frozen=True)
class Film:
    """An asset with one revision whose files are in the store."""

    organization: UUID
    asset: UUID
    rev: UUID
    host: str

    def path(self, name: str = "seg/1.m4s") -> str:
        return f"/media/t/{self.organization}/v/{self.asset}/{self.rev}/{name}"

    def url(self, name: str = "seg/1.m4s") -> str:
        return f"http://{netloc(self.host)}{self.path(name)}"


class EdgeStack:
    """What a browser reaches: requests go out just as they are written."""

    def __init__(self, objects: Path, front: str, edge: str) -> None:
        self.objects = objects
        self.front = front
        self.edge = edge

    def film(self, organization: UUID, host: str) -> Film:
        """Put an asset's files into the store."""
        film = Film(organization, new_id(), new_id(), host)
        folder = self.objects / film.path("").removeprefix("/media/")
        (folder / "seg").mkdir(parents=True)
        (folder / "seg" / "1.m4s").write_bytes(SEGMENT)
        (folder / "master.m3u8").write_text("#EXTM3U\n")
        (folder / "poster.jpg").write_bytes(b"\xff\xd8jpeg")
        return film

    def get(
        self,
        target: str,
        host: str,
        cookies: dict[str, str] | str | None = None,
        *,
        method: str = "GET",
        **headers: str,
    ) -> httpx.Response:
        """Ask the front door. ``target`` is the request target, undecoded; ``host`` gets the public port."""
        if isinstance(cookies, dict):
            cookies = "; ".join(f"{name}={value}" for name, value in cookies.items())
        wanted = {"host": host if ":" in host else netloc(host), **headers}
        if cookies:
            wanted["cookie"] = cookies
        with httpx.Client(timeout=60) as client:
            request = client.build_request(method, self.front)
            request.headers = httpx.Headers(wanted)
            request.extensions["target"] = target.encode("latin-1")
            return client.send(request)


@contextmanager
def running(folder: Path, *, store_url: str = "") -> Iterator[EdgeStack]:
    """Start verifier and front door; stop them at the end. ``store_url``: the objects are in a store elsewhere."""
    edge_port, front_port = free_port(), free_port()
    # The run's own processes tell no figures ("0"); this stack would be given ports for them.
    environ = {name: value for name, value in os.environ.items() if name != "LMS_METRICS_PORT"}
    settings = Settings.from_environ(environ)
    settings = replace(settings, data_dir=folder, ports={**settings.ports, "front": front_port, "edge": edge_port})
    objects = object_root(folder, BUCKET)
    objects.mkdir(parents=True)
    config = folder / "Caddyfile"
    config.write_text(
        caddyfile.write(
            settings,
            objects=RemoteStore.parse(store_url) if store_url else objects,
            frontend_dist=folder / "dist",
        )
    )
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "LMS_EDGE_DATABASE_URL": edge_database_url(),
        "LMS_EDGE_PORT": str(edge_port),
        "LMS_PUBLIC_SCHEME": django_settings.PUBLIC_SCHEME,
        "LMS_EDGE_S3_URL": store_url,
    }
    caddy = [str(binaries.script("caddy")), "run", "--config", str(config), "--adapter", "caddyfile"]
    processes = [
        subprocess.Popen([sys.executable, "-m", "devstack.edge"], cwd=ROOT, env=environment),
        subprocess.Popen(caddy, cwd=folder, env=environment, stderr=subprocess.DEVNULL),
    ]
    stack = EdgeStack(objects, f"http://127.0.0.1:{front_port}", f"http://127.0.0.1:{edge_port}")
    try:
        _wait(f"{stack.edge}/-/healthy", processes)
        _wait(f"{stack.front}/media/none", processes)
        yield stack
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(60)


def _wait(url: str, processes: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert all(process.poll() is None for process in processes), "the edge did not start"
        try:
            httpx.get(url, timeout=2)
        except httpx.TransportError:
            time.sleep(0.03)
        else:
            return
    raise AssertionError(f"{url} was not ready in time")
