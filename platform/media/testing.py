"""For tests: an object store of their own, uploads as a browser makes them, and work done at once."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen
from uuid import UUID

from core.ids import new_id
from events import delivery
from events.models import OutboxDelivery
from media.dto import UploadInfo
from media.services import uploads, worker

ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def object_store(data_dir: Path) -> Iterator[str]:
    """The embedded store on a free port; yields what ``LMS_S3_URL`` says of it."""
    kept = socket.socket()
    kept.bind(("127.0.0.1", 0))
    # After binding: whoever looks for any port passes this one by, and the store, which is told of it, may listen.
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    port = kept.getsockname()[1]
    url = f"http://key:{secrets.token_hex(8)}@127.0.0.1:{port}/lms-media?region=us-east-1"
    environment = {
        **os.environ,
        "LMS_S3_URL": url,
        "LMS_S3_PORT": str(port),
        "LMS_DATA_DIR": str(data_dir),
        "PYTHONPATH": str(ROOT / "platform"),
    }
    process = subprocess.Popen([sys.executable, "-m", "devstack.s3"], env=environment, cwd=ROOT)
    try:
        deadline = time.monotonic() + 90
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
                break
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError("the object store did not start")
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait()
        kept.close()


def upload(path: Path, *, member_id: UUID, asset_id: UUID | None = None, complete: bool = True) -> UploadInfo:
    """Upload a file in parts for the bound organization, as the browser does."""
    content = path.read_bytes()
    upload_id = uploads.open_upload(
        member_id=member_id,
        asset_id=asset_id or new_id(),
        name=path.name,
        content_type="video/mp4",
        fingerprint=f"{path.name}:{len(content)}:{secrets.token_hex(4)}",
        size_bytes=len(content),
    )
    info = uploads.begin(upload_id)
    put_parts(info, content, member_id=member_id, numbers=range(1, info.parts + 1))
    if complete:
        uploads.complete(info.id, member_id=member_id)
    return info


def put_parts(info: UploadInfo, content: bytes, *, member_id: UUID, numbers: range) -> None:
    """Put some parts of an upload through their signed URLs."""
    bodies = {number: content[(number - 1) * info.part_bytes : number * info.part_bytes] for number in numbers}
    wanted = [(number, sha256(body)) for number, body in bodies.items()]
    for part in uploads.sign_parts(info.id, member_id=member_id, parts=wanted):
        put(part.url, bodies[part.number], part.headers)


def put(url: str, body: bytes, headers: dict[str, str]) -> int:
    """One PUT; returns the status. Raises urllib.error.HTTPError where it is refused."""
    request = Request(url, data=body, method="PUT", headers={**headers, "Content-Type": ""})  # noqa: S310
    request.remove_header("Content-type")
    with urlopen(request, timeout=30) as response:  # noqa: S310 - our own store
        return int(response.status)


def sha256(body: bytes) -> str:
    """The checksum of a part, in base64."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def work() -> int:
    """Run every job that is due, and what the events of it cause; return how many jobs."""
    ran = 0
    while worker.run_one():
        ran += 1
        deliver()
    deliver()
    return ran


def deliver() -> None:
    """Hand the bound organization's pending events to their subscribers, as the relay does."""
    pending = OutboxDelivery.objects.filter(state=OutboxDelivery.State.PENDING).order_by("run_at", "id")
    for delivery_id in pending.values_list("id", flat=True):
        delivery.deliver(delivery_id)
