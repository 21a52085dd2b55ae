"""``playable_h264``, ``playable_vp9``: from the end of an upload to the first decoded frame, through the whole product.

A signed-up owner's browser uploads in parts to the object store, completes, waits for ``playable``, asks for a grant,
fetches master, playlist, header and first segment from the edge with the signed cookies, and decodes a frame of it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import av
import httpx

from bench import films, report, signup
from devstack import embedded
from devstack.demo.browser import Browser
from devstack.settings import Settings

REPEATS = 3
POLL_SECONDS = 0.05
H264_BAR_SECONDS = 5.0
VP9_BAR_SECONDS = 15.0
SLUG = "bench-films"


def run() -> None:
    """Make both films, start the product, and measure each three times."""
    with tempfile.TemporaryDirectory(prefix="lms-bench-") as folder:
        h264 = films.h264(Path(folder) / "h264.mp4", seconds=600)
        vp9 = films.vp9(Path(folder) / "vp9.webm", seconds=60)
        with embedded.running(fsync=True) as env:
            signup.sign_up_and_land(env.settings, SLUG)
            studio = Browser(f"{SLUG}.{env.settings.site_host}", env.settings.ports["front"])
            studio.sign_in(f"owner@{SLUG}.example", signup.PASSWORD)
            _measure("playable_h264", h264, 600, H264_BAR_SECONDS, studio, env.settings)
            _measure("playable_vp9", vp9, 60, VP9_BAR_SECONDS, studio, env.settings)


def _measure(name: str, film: Path, seconds: int, bar: float, studio: Browser, settings: Settings) -> None:
    samples, steps = [], []
    for number in range(REPEATS):
        taken, marks = _one(film, f"{name}-{number}", studio, settings)
        samples.append(taken)
        steps.append(marks)
    size = film.stat().st_size
    report.figure(
        name,
        sorted(samples)[REPEATS // 2],
        "s",
        "<=",
        bar,
        film_seconds=seconds,
        bytes=size,
        mbit_per_second=round(size * 8 / seconds / 1e6, 2),
        repeats=REPEATS,
        samples=report.spread(samples),
        steps=steps,
    )


def _one(film: Path, fingerprint: str, studio: Browser, settings: Settings) -> tuple[float, dict[str, float]]:
    upload = studio.call(
        "POST",
        "/api/v1/uploads/",
        {
            "name": film.name,
            "size_bytes": film.stat().st_size,
            "content_type": "video/mp4" if film.suffix == ".mp4" else "video/webm",
            "fingerprint": fingerprint,
        },
    )
    _put_parts(film, upload, studio, settings)
    asset = f"/api/v1/assets/{upload['asset_id']}/"
    marks = {}
    begun = time.perf_counter()
    studio.call("POST", f"/api/v1/uploads/{upload['id']}/completion/")
    marks["completed"] = time.perf_counter() - begun
    while (state := studio.call("GET", asset)["state"]) not in ("playable", "ready"):
        if state == "failed":
            raise RuntimeError(f"{film.name} failed: {studio.call('GET', asset)['error']}")
        time.sleep(POLL_SECONDS)
    marks["playable"] = time.perf_counter() - begun
    grant = studio.call("POST", f"{asset}grant/")
    _first_frame(studio, grant["manifest_url"], settings)
    marks["frame"] = time.perf_counter() - begun
    studio.call("DELETE", asset)  # its ladder must not weigh on the next one
    time.sleep(3)
    return marks["frame"], {name: round(value, 3) for name, value in marks.items()}


def _put_parts(film: Path, upload: dict[str, Any], studio: Browser, settings: Settings) -> None:
    content, size = film.read_bytes(), upload["part_bytes"]
    numbers = range(1, upload["parts"] + 1)
    bodies = {number: content[(number - 1) * size : number * size] for number in numbers}
    wanted = [{"number": number, "sha256": _sha256(body)} for number, body in bodies.items()]
    with ThreadPoolExecutor(4) as pool, httpx.Client(timeout=60) as client:
        for start in range(0, len(wanted), 100):
            path = f"/api/v1/uploads/{upload['id']}/parts/"
            signed = studio.call("POST", path, {"parts": wanted[start : start + 100]})["items"]
            for answer in pool.map(lambda part: _put(client, part, bodies[part["number"]], settings), signed):
                answer.raise_for_status()


def _put(client: httpx.Client, part: dict[str, Any], body: bytes, settings: Settings) -> httpx.Response:
    url = urlsplit(part["url"])
    address = url._replace(netloc=f"127.0.0.1:{url.port or settings.ports['front']}").geturl()
    return client.put(address, content=body, headers={**part["headers"], "Host": url.netloc})


def _first_frame(studio: Browser, manifest_url: str, settings: Settings) -> None:
    """Fetch what a player fetches first, with the grant's cookies, and decode a frame."""
    netloc = f"{studio.host}:{settings.ports['front']}"
    with httpx.Client(base_url=f"http://127.0.0.1:{settings.ports['front']}", timeout=30) as client:
        cookies = "; ".join(
            f"{name}={value}" for name, value in studio.cookies.items() if name.startswith("CloudFront-")
        )

        def fetch(path: str) -> bytes:
            answer = client.get(path, headers={"Host": netloc, "Cookie": cookies})
            answer.raise_for_status()
            return answer.content

        variant = urljoin(manifest_url, _first_uri(fetch(manifest_url).decode()))
        playlist = fetch(variant).decode()
        header = playlist.partition('#EXT-X-MAP:URI="')[2].partition('"')[0]
        data = fetch(urljoin(variant, header)) + fetch(urljoin(variant, _first_uri(playlist)))
    with av.open(io.BytesIO(data), format="mp4") as container:
        frame = next(container.decode(video=0))
        if frame.width < 1:
            raise RuntimeError("the first frame is empty")


def _first_uri(playlist: str) -> str:
    return next(line for line in playlist.splitlines() if line and not line.startswith("#"))


def _sha256(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()
