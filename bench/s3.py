"""``s3``, ``s3_complete``, ``s3_rss``: a gibibyte into the embedded object store, as a browser uploads a film.

64 parts of 16 MiB over four connections, each by a presigned URL with its SHA-256 signed, so the store checks
signature, length, checksum and MD5 of every byte. The store runs as a process of its own, on the file system of the
checkout.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import queue
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from bench.report import figure, spread

ROOT = Path(__file__).resolve().parents[1]
PART_BYTES = 16 << 20
PARTS = 64
CONNECTIONS = 4
REPEATS = 3
BUCKET = "lms-media"


def run() -> None:
    """Measure and print the three figures."""
    home = ROOT / ".local"
    home.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-s3-", dir=home))
    try:
        with _store(folder) as (client, pid):
            uploads, completions = [], []
            for _ in range(REPEATS):
                uploaded, completed = _one(client)
                uploads.append(PARTS * PART_BYTES / 1e6 / uploaded)
                completions.append(completed)
            peak = _peak_mb(pid)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sizes = {"bytes": PARTS * PART_BYTES, "parts": PARTS, "connections": CONNECTIONS, "repeats": REPEATS}
    figure("s3", statistics.median(uploads), "MB/s", ">=", 100, **sizes, checksum="SHA-256", samples=spread(uploads))
    figure("s3_complete", max(completions), "s", "<=", 2, **sizes, samples=spread(completions))
    figure("s3_rss", peak, "MB", "<=", 150, **sizes, what="peak resident memory of the store over all uploads")


@contextmanager
def _store(folder: Path) -> Iterator[tuple[Any, int]]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    secret = secrets.token_hex(16)
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "LMS_S3_URL": f"http://bench:{secret}@127.0.0.1:{port}/{BUCKET}?region=us-east-1",
        "LMS_S3_PORT": str(port),
        "LMS_DATA_DIR": str(folder),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "devstack.s3"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port, process)
        client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{port}",
            aws_access_key_id="bench",
            aws_secret_access_key=secret,
            region_name="us-east-1",
            config=Config(
                signature_version="s3v4", s3={"addressing_style": "path"}, request_checksum_calculation="when_required"
            ),
        )
        yield client, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the object store did not start")


def _one(client: Any) -> tuple[float, float]:
    """Upload one object; return the seconds of the parts and of the completion."""
    key = f"t/bench/in/{secrets.token_hex(8)}"
    bodies = [os.urandom(PART_BYTES) for _ in range(CONNECTIONS)]
    sums = [base64.b64encode(hashlib.sha256(body).digest()).decode() for body in bodies]
    upload = client.create_multipart_upload(Bucket=BUCKET, Key=key, ChecksumAlgorithm="SHA256")["UploadId"]
    waiting: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()
    for number in range(1, PARTS + 1):
        named = {"Bucket": BUCKET, "Key": key, "UploadId": upload, "PartNumber": number}
        checked = {"ContentLength": PART_BYTES, "ChecksumSHA256": sums[number % CONNECTIONS]}
        waiting.put((number, client.generate_presigned_url("upload_part", Params={**named, **checked})))
    etags: dict[int, str] = {}
    failures: list[str] = []

    def send() -> None:
        connection: http.client.HTTPConnection | None = None
        while not failures:
            try:
                number, url = waiting.get_nowait()
            except queue.Empty:
                return
            parts = urlsplit(url)
            connection = connection or http.client.HTTPConnection(parts.hostname or "", parts.port)
            which = number % CONNECTIONS
            headers = {"x-amz-checksum-sha256": sums[which], "Content-Length": str(PART_BYTES)}
            connection.request("PUT", f"{parts.path}?{parts.query}", body=bodies[which], headers=headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                failures.append(f"part {number}: {answer.status} {text[:200]!r}")
                return
            etags[number] = answer.headers["ETag"]

    threads = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    uploaded = time.perf_counter() - begun
    if failures:
        raise RuntimeError(failures[0])
    listed = [{"PartNumber": number, "ETag": etags[number]} for number in sorted(etags)]
    begun = time.perf_counter()
    client.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": listed})
    completed = time.perf_counter() - begun
    last = client.get_object(Bucket=BUCKET, Key=key, Range=f"bytes={(PARTS - 1) * PART_BYTES}-")["Body"].read()
    if last != bodies[PARTS % CONNECTIONS]:
        raise RuntimeError("the object is not what was uploaded")
    client.delete_object(Bucket=BUCKET, Key=key)
    return uploaded, completed


def _peak_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("the system does not tell a process's peak memory")
