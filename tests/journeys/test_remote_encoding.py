"""A film that MediaConvert encodes, from a browser's disk to a browser's screen: uploaded, ordered, heard of, played.

The service is the small one of ours; the queue's worker, the store, the edge and everything else is the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from playwright.sync_api import Page

from devstack import embedded
from tests.journeys import organizations
from tests.journeys.conftest import Product, until
from tests.journeys.organizations import Organization, stages
from tests.support import mediaconvert
from tests.support.film_maker import FilmMaker
from tests.support.mediaconvert import Server
from tests.support.names import Zone

Person = Callable[..., Page]
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
SEEN = """() => {
  const video = document.querySelector('video');
  return video && {
    time: video.currentTime, width: video.videoWidth, sound: video.webkitAudioDecodedByteCount,
    error: video.error && video.error.message,
  };
}"""


@pytest.fixture(scope="module")
def service() -> Iterator[Server]:
    """The service; it learns where the store is once that is there."""
    with mediaconvert.running(FilmMaker(None)) as server:
        yield server


@pytest.fixture(scope="module")
def school(names: Zone, service: Server) -> Iterator[tuple[Product, Organization]]:
    """A whole product that encodes elsewhere, and an organization in it."""
    settings = {
        "LMS_DNS_SERVER": names.address,
        "LMS_TRANSCODER": "mediaconvert",
        "LMS_AWS_ENDPOINT_URL": service.url,
        "LMS_AWS_REGION": mediaconvert.REGION,
        "LMS_MEDIACONVERT_ROLE": mediaconvert.ROLE,
        "LMS_MEDIACONVERT_QUEUE": mediaconvert.QUEUE,
        "LMS_MEDIACONVERT_EVENTS": service.events_url,
        "AWS_ACCESS_KEY_ID": "AKIATEST",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    with embedded.running(extra_env=settings) as environment:
        service.service.maker.s3 = FilmMaker.at(environment["LMS_S3_URL"]).s3
        product = Product(environment)
        yield product, organizations.found(product, "remote", "Remote School")


def test_a_film_encoded_elsewhere_plays_in_a_browser(
    school: tuple[Product, Organization], service: Server, tmp_path: Path, person: Person
) -> None:
    product, remote = school
    file = organizations.film(FFMPEG, tmp_path / "harbour.webm", seconds=24, codec="vp9")
    page = person()
    organizations.sign_in(page, product, remote, "owner")
    page.goto(product.url("/studio/media", remote.slug))
    page.locator("input[type=file][accept*=video]").first.set_input_files(file)

    def ladder() -> str | None:
        page.wait_for_timeout(200)  # the page uploads only while its own loop turns
        found = remote.owner.call("GET", "/api/v1/assets/")["items"]
        asset = next((one["id"] for one in found if "harbour" in one["title"].lower()), None)
        return asset if asset and stages(remote, asset).get("ladder") == "done" else None

    asset = until(ladder, "the ladder", seconds=240)
    assert [job.body["userMetadata"]["stage"] for job in service.service.jobs.values()] == ["fast", "ladder"]
    assert service.queues.bodies(service.dead_url) == []
    course, items = organizations.write_course(remote, "Harbour", {"Harbour": asset})
    remote.owner.call("POST", f"/api/v1/courses/{course}/enrollments/", {"email": remote.members["owner"]})
    enrollment = remote.owner.call("GET", "/api/v1/enrollments/")["items"][0]["id"]

    fetched: dict[str, int] = {}
    page.on("response", lambda answer: fetched.update({answer.url.partition("?")[0]: answer.status}))
    page.goto(product.url(f"/learn/{enrollment}/{items['Harbour']}", remote.slug))
    page.locator("video").wait_for(state="attached")
    page.locator("body").press("k")

    def plays() -> Any:
        page.wait_for_timeout(100)
        seen = page.evaluate(SEEN)
        return seen if seen and seen["time"] > 1 and seen["width"] > 0 and seen["sound"] > 0 else None

    assert until(plays, "the film to play")["error"] is None
    media = {url.rpartition("/")[2]: status for url, status in fetched.items() if "/media/t/" in url}
    assert media["master.m3u8"] == 200
    assert any(name.startswith("film_") and name.endswith(".cmfv") for name in media), media
    assert any(name.endswith(".cmfa") for name in media), media
    assert set(media.values()) <= {200, 206}
