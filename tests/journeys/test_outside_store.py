"""A store that somebody else runs, named by one variable: films go there, are converted from there, and play."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import imageio_ffmpeg

from devstack import embedded
from tests.journeys.conftest import Product, until
from tests.journeys.organizations import film, found

SECONDS = 4


def test_films_in_an_outside_store_are_uploaded_converted_and_played(tmp_path: Path) -> None:
    with (
        embedded.running({"s3"}) as outside,
        embedded.running(extra_env={"LMS_S3_URL": outside["LMS_S3_URL"]}) as environment,
    ):
        assert "s3" not in environment.state()["parts"]
        product = Product(environment)
        owner = found(product, "far", "Far Films").owner
        body = film(imageio_ffmpeg.get_ffmpeg_exe(), tmp_path / "f.mp4", seconds=SECONDS, codec="h264").read_bytes()
        form = {"name": "f.mp4", "size_bytes": len(body), "content_type": "video/mp4", "fingerprint": "f"}
        upload = owner.call("POST", "/api/v1/uploads/", form)
        path = f"/api/v1/uploads/{upload['id']}/"
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        (part,) = owner.call("POST", f"{path}parts/", {"parts": [{"number": 1, "sha256": digest}]})["items"]
        # Signed for the store's own address: no host of this installation stands in between.
        assert urlsplit(part["url"]).netloc == urlsplit(outside["LMS_S3_URL"]).netloc.rpartition("@")[2]
        httpx.put(part["url"], content=body, headers=part["headers"], timeout=60).raise_for_status()
        owner.call("POST", f"{path}completion/")
        asset = f"/api/v1/assets/{upload['asset_id']}/"
        until(lambda: owner.call("GET", asset)["state"] in ("playable", "ready"), "the film to be playable")

        manifest = owner.call("POST", f"{asset}grant/")["manifest_url"]

        cookies = "; ".join(f"{name}={value}" for name, value in owner.cookies.items())
        with httpx.Client(base_url=f"http://127.0.0.1:{product.port}", timeout=60) as client:

            def fetch(target: str, cookie: str = cookies) -> httpx.Response:
                return client.get(target, headers={"Host": f"{product.host('far')}:{product.port}", "Cookie": cookie})

            variant = urljoin(manifest, _first_uri(fetch(manifest).text))
            segment = urljoin(variant, _first_uri(fetch(variant).text))
            assert fetch(segment).content[4:8] in (b"styp", b"moof", b"sidx")
            assert fetch(segment, "").status_code == 403


def _first_uri(playlist: str) -> str:
    return next(line for line in playlist.splitlines() if line and not line.startswith("#"))
