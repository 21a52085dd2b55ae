"""A real film from disk to a learner's eyes and ears, in each stage of its conversion; and to nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import imageio_ffmpeg
import psycopg2
import pytest
from django.test import override_settings
from playwright.sync_api import Page, expect

from media import keys
from media.edge import grants
from tests.journeys import organizations
from tests.journeys.conftest import Product, until
from tests.journeys.organizations import Organization, stages

Person = Callable[..., Page]
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
LOOK = """() => {
  const video = document.querySelector('video');
  return video && {
    time: video.currentTime, width: video.videoWidth, sound: video.webkitAudioDecodedByteCount,
    frames: video.getVideoPlaybackQuality().totalVideoFrames, error: video.error && video.error.message,
  };
}"""


@dataclass
class Show:
    """A course of one film, and the learner's enrollment on it."""

    asset: str
    course: str
    item: str
    enrollment: str


@pytest.fixture(scope="module")
def cinema(product: Product) -> Organization:
    """An organization with an owner and a learner."""
    made = organizations.found(product, "cinema", "Cinema School")
    organizations.join(product, made, "learner", "Leo Learner")
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody's disk."""
    return tmp_path_factory.mktemp("films")


def _upload(product: Product, cinema: Organization, page: Page, file: Path) -> str:
    """Choose the file in the studio's media page and wait until the film can be played; return the asset's id."""
    organizations.sign_in(page, product, cinema, "owner")
    page.goto(product.url("/studio/media", cinema.slug))
    page.locator("input[type=file][accept*=video]").first.set_input_files(file)

    def arrived() -> str | None:
        page.wait_for_timeout(100)
        found = cinema.owner.call("GET", "/api/v1/assets/")["items"]
        return next((asset["id"] for asset in found if file.stem in asset["title"].lower()), None)

    def playable() -> bool:
        page.wait_for_timeout(100)  # the page uploads only while its own loop turns
        return "done" in stages(cinema, asset).values()

    asset: str = until(arrived, "the upload to begin")
    until(playable, "the film's first stage", seconds=420)
    return asset


def _show(product: Product, cinema: Organization, title: str, asset: str) -> Show:
    """Publish a course of this film and enrol the learner on it."""
    course, items = organizations.write_course(cinema, title, {title: asset})
    email = cinema.members["learner"]
    cinema.owner.call("POST", f"/api/v1/courses/{course}/enrollments/", {"email": email})
    learner = organizations.caller(product, cinema, "learner")
    mine = learner.call("GET", "/api/v1/enrollments/")["items"]
    enrollment = next(row["id"] for row in mine if course in str(row))
    return Show(asset, course, items[title], enrollment)


@pytest.fixture(scope="module")
def knots(product: Product, cinema: Organization, folder: Path, chromium: Any) -> Show:
    """A film that browsers play as it is."""
    file = organizations.film(FFMPEG, folder / "knots.mp4", seconds=120, codec="h264")
    page = chromium.new_page()
    show = _show(product, cinema, "Knots", _upload(product, cinema, page, file))
    page.close()
    return show


@pytest.fixture(scope="module")
def sails(product: Product, cinema: Organization, folder: Path, chromium: Any) -> Show:
    """A film that browsers do not play as it is."""
    file = organizations.film(FFMPEG, folder / "sails.webm", seconds=60, codec="vp9")
    page = chromium.new_page()
    show = _show(product, cinema, "Sails", _upload(product, cinema, page, file))
    page.close()
    return show


def _play(page: Page) -> None:
    """Press play as a person does, and see pictures advance and sound being decoded."""
    page.locator("video").wait_for(state="attached")
    page.locator("body").press("k")
    first = until(lambda: (page.wait_for_timeout(100), _watched(page, after=0.0))[1], "the film to play")

    def went_on() -> bool:
        """Whether the moment, the pictures and the sound have all got on; a busy machine takes its time for it."""
        page.wait_for_timeout(100)
        later = page.evaluate(LOOK)
        assert later["error"] is None
        assert later["width"] > 0
        has_moved = later["time"] > first["time"] + 0.5
        return has_moved and later["frames"] > first["frames"] and later["sound"] > first["sound"]

    until(went_on, "the film to go on")


def _watched(page: Page, *, after: float) -> Any:
    seen = page.evaluate(LOOK)
    return seen if seen and seen["time"] > after and seen["width"] > 0 and seen["sound"] > 0 else None


def _signed_by(product: Product, signer: str, host: str, path: str) -> dict[str, str]:
    """Return cookies for ``path`` on the host of ``host``, signed with the current key of ``signer``."""
    _, _, _, owner, _, asset, rev, *_ = path.split("/")
    link = psycopg2.connect(product.environment["LMS_DATABASE_URL"])
    with link, link.cursor() as cursor:
        cursor.execute("SET ROLE r_platform")
        cursor.execute(
            "SELECT k.organization_id::text, k.kid, k.sealed_private_key FROM public.media_signingkey k"
            " JOIN public.tenants_domain d USING (organization_id) WHERE d.host = %s AND k.state = 'current'",
            [product.host(signer)],
        )
        organization_id, kid, sealed = cursor.fetchone()
    link.close()
    with override_settings(KEK=product.environment["LMS_KEK"], PUBLIC_PORT=product.port):
        key = keys.signer(bytes(sealed), UUID(organization_id), kid)
        return grants.sign_cookies(key, UUID(owner), host=product.host(host), item_id=UUID(asset), rev=UUID(rev))


def _lesson(product: Product, cinema: Organization, show: Show) -> str:
    return product.url(f"/learn/{show.enrollment}/{show.item}", cinema.slug)


def _watch(product: Product, cinema: Organization, page: Page, show: Show) -> None:
    organizations.sign_in(page, product, cinema, "learner")
    page.goto(_lesson(product, cinema, show))
    _play(page)


def test_a_film_that_browsers_play_is_watched_before_it_is_converted(
    product: Product, cinema: Organization, knots: Show, person: Person
) -> None:
    before = stages(cinema, knots.asset)
    _watch(product, cinema, person(), knots)
    assert before["remux"] == "done"
    assert before.get("ladder") != "done", "the ladder was quicker than this test: nothing was shown of the remux"


def test_a_film_that_browsers_do_not_play_is_watched_from_its_fast_rung(
    product: Product, cinema: Organization, sails: Show, person: Person
) -> None:
    before = stages(cinema, sails.asset)
    _watch(product, cinema, person(), sails)
    assert before["fast"] == "done"
    assert before.get("ladder") != "done", "the ladder was quicker than this test: nothing was shown of the fast rung"


def test_a_film_is_watched_from_the_full_ladder(
    product: Product, cinema: Organization, sails: Show, person: Person
) -> None:
    until(lambda: stages(cinema, sails.asset).get("ladder") == "done", "the ladder", seconds=420)
    page, masters = person(), []
    page.on("response", lambda answer: masters.append(answer.url) if "master.m3u8" in answer.url else None)
    _watch(product, cinema, page, sails)
    playlist = page.evaluate("(url) => fetch(url).then((answer) => answer.text())", masters[-1])
    assert playlist.count("#EXT-X-STREAM-INF") >= 2


def test_a_learner_goes_on_where_they_left_off(
    product: Product, cinema: Organization, knots: Show, person: Person
) -> None:
    page = person()
    _watch(product, cinema, page, knots)
    page.evaluate("() => { document.querySelector('video').currentTime = 60; }")
    until(lambda: (page.wait_for_timeout(200), _watched(page, after=62))[1], "the film to go on")
    page.close(run_before_unload=True)  # a closed tab says good-bye with a beacon

    again = person()
    organizations.sign_in(again, product, cinema, "learner")
    again.goto(_lesson(product, cinema, knots))
    again.locator("video").wait_for(state="attached")
    again.locator("body").press("k")
    resumed = until(lambda: (again.wait_for_timeout(100), _watched(again, after=1.0))[1], "the film to resume")
    assert 55 <= resumed["time"] <= 80


def test_what_was_watched_is_in_the_usage_of_its_course(
    product: Product, cinema: Organization, knots: Show, person: Person
) -> None:
    def month() -> Any:
        return cinema.owner.call("GET", "/api/v1/billing-usage/")

    def of_course(usage: Any) -> int:
        return sum(line["delivered_bytes"] for line in usage["by_course"] if line["course_id"] == knots.course)

    until(lambda: of_course(month()) >= 0, "the page")
    page, received = person(), []
    before = of_course(month())
    page.on("response", lambda answer: received.append(answer) if "/media/t/" in answer.url else None)
    _watch(product, cinema, page, knots)
    page.wait_for_timeout(1000)
    loaded = sum(
        int(answer.headers.get("content-length", 0))
        for answer in received
        if answer.status in (200, 206) and "?" not in answer.url and answer.finished() is None
    )
    assert loaded > 50_000
    page.close()  # what it would load meanwhile would be in one of two figures and not yet in the other
    # The front door has written it, and the dispatcher counts every five seconds.
    usage = until(
        lambda: (found := month()) and of_course(found) - before >= loaded and found, "the bytes to be counted"
    )
    meters = {meter["meter"]: meter for meter in usage["meters"]}
    assert meters["delivered_bytes"]["used"] == sum(line["delivered_bytes"] for line in usage["by_course"])

    def limited() -> bool:
        """Whether what the limit is held to is what the days hold."""
        figures = cinema.owner.call("GET", "/api/v1/usage/")["meters"]
        held = next(meter["used"] for meter in figures if meter["key"] == "delivered")
        return bool(held == sum(line["delivered_bytes"] for line in month()["by_course"]))

    until(limited, "the meter to hold what the days hold")
    assert meters["transcode_seconds"]["used"] >= 120, "the film's length, once"

    owner = person()
    organizations.sign_in(owner, product, cinema, "owner")
    owner.goto(product.url("/studio/settings/usage", cinema.slug))
    expect(owner.get_by_role("heading", name="This month")).to_be_visible()
    owner.get_by_role("figure", name="Delivered by course").get_by_text("Show as table").click()
    row = owner.get_by_role("table", name="The month by course").get_by_role("row", name="Knots")
    expect(row).to_contain_text("MB")


def test_nobody_elses_cookie_address_or_key_opens_the_film(
    product: Product, cinema: Organization, knots: Show, person: Person
) -> None:
    rival = organizations.found(product, "rival", "Rival School")
    page = person()
    taken: list[Any] = []
    page.on("response", lambda answer: taken.append(answer) if "/media/t/" in answer.url else None)
    _watch(product, cinema, page, knots)
    # A poster's address is signed itself; the film's files need the cookies.
    ours = next(answer for answer in taken if answer.status == 200 and "?" not in answer.url)
    path = ours.url.split(f":{product.port}", 1)[1]
    jar = page.context.cookies(ours.url)
    signed = {cookie["name"]: cookie["value"] for cookie in jar if "CloudFront" in cookie["name"]}
    assert len(signed) >= 3

    def ask(slug: str, cookies: dict[str, str]) -> int:
        sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
        headers = {"Host": f"{product.host(slug)}:{product.port}", **({"Cookie": sent} if sent else {})}
        return httpx.get(f"http://127.0.0.1:{product.port}{path}", headers=headers, timeout=60).status_code

    assert ask("cinema", signed) == 200
    assert ask("cinema", {}) == 403
    assert ask("rival", signed) == 403  # our cookies on another host
    assert ask("rival", dict(rival.owner.cookies)) == 403  # another organization's session
    assert ask("cinema", dict(rival.owner.cookies)) == 403
    # The other organization's own key signs for our film, on our host; ours signs the same and opens it.
    assert ask("cinema", _signed_by(product, "rival", "cinema", path)) == 403
    assert ask("rival", _signed_by(product, "rival", "rival", path)) == 403
    assert ask("cinema", _signed_by(product, "cinema", "cinema", path)) == 200

    other = person()
    organizations.sign_in(other, product, rival, "owner")
    for address in (path, f"/api/v1/assets/{knots.asset}/", f"/api/v1/courses/{knots.course}/"):
        status = other.evaluate("(url) => fetch(url).then((answer) => answer.status)", address)
        assert status in (403, 404), (address, status)
    other.goto(product.url(f"/learn/{knots.enrollment}/{knots.item}", "rival"))
    other.wait_for_load_state("networkidle")
    expect(other.locator("body")).not_to_contain_text("Knots")
