"""Starts the embedded object store for a test, and speaks to it as boto3 and as a browser do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
ACCESS_KEY = "AKIALOCALTEST"
SECRET_KEY = "a-secret/with+signs"
BUCKET = "lms-media"
START_SECONDS = 90.0
START_TRIES = 4


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class S3Server:
    """The store as a process of its own, on a free port. ``kill`` is SIGKILL."""

    def __init__(self, data_dir: Path, *, port: int | None = None) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self._may_move = port is None  # until it has served, nobody was told its port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> S3Server:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        for _ in range(START_TRIES):
            if self._begin():
                self._may_move = False
                return
            assert self._may_move, "the store did not start"
            self.port = free_port()  # between looking and listening somebody else took the one that was free
        raise AssertionError(f"the store did not start on any of {START_TRIES} ports")

    def _begin(self) -> bool:
        """Start the process; return whether it serves, and did not end at once."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LMS_")}
        secret = SECRET_KEY.replace("/", "%2F").replace("+", "%2B")
        environment |= {
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "LMS_S3_URL": f"http://{ACCESS_KEY}:{secret}@127.0.0.1:{self.port}/{BUCKET}?region=us-east-1",
            "LMS_S3_PORT": str(self.port),
            "LMS_DATA_DIR": str(self.data_dir),
            "LMS_SITE_HOST": "lms.localhost",
            "LMS_PORT": "8000",
        }
        self._process = subprocess.Popen([sys.executable, "-m", "devstack.s3"], cwd=ROOT, env=environment)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                self._process = None
                return False
            try:
                if httpx.get(f"{self.url}/-/healthy", timeout=2).status_code == 200:
                    return True
            except httpx.TransportError:
                time.sleep(0.02)
        self.stop()  # whoever began and was too slow must not stay
        raise AssertionError("the store was not ready in time")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(15)
        self._process = None

    def client(self, **changed: Any) -> Any:
        """Return a boto3 client. ``changed``: other credentials, region or configuration."""
        config = {
            "signature_version": "s3v4",
            "s3": {"addressing_style": "path"},
            "retries": {"max_attempts": 1},
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
            **changed.pop("config", {}),
        }
        arguments = {
            "endpoint_url": self.url,
            "aws_access_key_id": ACCESS_KEY,
            "aws_secret_access_key": SECRET_KEY,
            "region_name": "us-east-1",
            **changed,
        }
        return boto3.client("s3", config=Config(**config), **arguments)

    def send(self, method: str, url: str, content: bytes = b"", **headers: str) -> httpx.Response:
        """Send a request just as it is written: no header but these, and the path untouched."""
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        with httpx.Client(timeout=30) as client:
            request = client.build_request(method, self.url, content=content or None)
            request.extensions["target"] = target.encode("ascii")
            request.headers = httpx.Headers({"host": parts.netloc, "content-length": str(len(content)), **headers})
            return client.send(request)
