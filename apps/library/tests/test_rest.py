"""The library over HTTP, from the first byte to a signed manifest, with a real store and a real ffmpeg."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import time_machine
from pytest_django.fixtures import Settings

import tenancy
from apps.library import api
from apps.library.models import Asset
from apps.library.services.assets import title_of
from core.clock import now
from core.ids import new_id
from media import testing

if TYPE_CHECKING:
    from apps.library.tests.conftest import Browser
    from conftest import Person

VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\n<b>Hello</b> there\n"


def used_once(asset_ids: list[UUID]) -> dict[UUID, int]:
    return dict.fromkeys(asset_ids, 1)


def test_a_film_from_upload_to_play(author: Browser, film: bytes, acme: tenancy.TenantRecord) -> None:
    asset = author.upload(film)
    assert (asset["title"], asset["state"]) == ("Rowing on the lake", "processing")
    assert asset["stages"] == [{"name": "remux", "state": "queued", "progress_permille": 0}]
    assert asset["stage"]["name"] == "remux"

    testing.work()

    asset = author.get(f"assets/{asset['id']}/").body
    assert (asset["state"], asset["stage"], asset["error"]) == ("ready", None, None)
    assert (asset["width"], asset["height"], asset["has_audio"]) == (320, 180, True)
    assert abs(asset["duration_ms"] - 3000) < 100
    assert [(stage["name"], stage["progress_permille"]) for stage in asset["stages"]] == [
        ("remux", 1000),
        ("ladder", 1000),
    ]
    assert f"/media/t/{acme.id}/v/{asset['id']}/" in asset["poster_url"]

    answer = author.post(f"assets/{asset['id']}/grant/")
    assert answer.body["manifest_url"].endswith("/master.m3u8")
    assert answer["Cache-Control"] == "no-store"
    cookie = answer.cookies["CloudFront-Signature"]
    assert cookie["path"] == f"/media/t/{acme.id}/v/{asset['id']}/"
    assert cookie["httponly"]
    renewal = f"playback-sessions/{answer.body['sid']}/renewal/"
    early = author.post(renewal)
    assert (early.status_code, early.body["code"]) == (429, "renewed_just_now")
    assert 0 < int(early["Retry-After"]) <= 270
    with time_machine.travel(now() + timedelta(minutes=5), tick=False):
        assert author.post(renewal).status_code == 200


def test_a_file_that_is_no_film_fails_in_words(author: Browser) -> None:
    asset = author.upload(b"Dear diary, today I made a course." * 10, name="diary.mp4")
    testing.work()

    asset = author.get(f"assets/{asset['id']}/").body
    assert asset["state"] == "failed"
    assert asset["error"]["title"] == "This is not a video"
    assert not asset["error"]["retryable"]
    refused = author.post(f"assets/{asset['id']}/retry/")
    assert (refused.status_code, refused.body["code"]) == (409, "source_gone")


def test_the_same_file_again_goes_on_with_the_open_upload(author: Browser, film: bytes) -> None:
    opened = author.open_upload(film)
    again = author.post(
        "uploads/",
        {
            "name": opened["name"],
            "size_bytes": len(film),
            "content_type": "video/mp4",
            "fingerprint": opened["fingerprint"],
        },
    )
    assert (again.status_code, again.body["id"]) == (200, opened["id"])
    assert [row["id"] for row in author.get("uploads/").body["items"]] == [opened["id"]]

    assert author.delete(f"uploads/{opened['id']}/").status_code == 204
    assert author.get("uploads/").body["items"] == []
    assert author.get(f"assets/{opened['asset_id']}/").status_code == 404


def test_storage_counts_what_is_held_and_used(author: Browser, film: bytes) -> None:
    before = author.get("storage/").body
    opened = author.open_upload(film)
    held = author.get("storage/").body
    assert held["reserved_bytes"] == before["reserved_bytes"] + len(film)
    author.delete(f"uploads/{opened['id']}/")
    assert author.get("storage/").body == before
    assert before["limit_bytes"] is not None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"size_bytes": 0}, 422, "upload_size"),
        ({"content_type": "text/html"}, 422, "upload_type"),
        ({"size_bytes": 60 * 1024**3}, 422, "upload_size"),
        ({"size_bytes": 50 * 1024**3, "fingerprint": "x" * 129}, 422, "invalid"),
    ],
)
def test_uploads_that_cannot_be_are_refused(author: Browser, body: dict[str, object], status: int, code: str) -> None:
    sane = {"name": "a.mp4", "size_bytes": 10, "content_type": "video/mp4", "fingerprint": "a"}
    answer = author.post("uploads/", {**sane, **body})
    assert (answer.status_code, answer.body["code"]) == (status, code)


def test_captions_are_kept_as_text_and_read_by_who_has_the_link(author: Browser, learner: Browser, ready: str) -> None:
    made = author.post(f"assets/{ready}/captions/", {"language": "en", "label": "English", "text": VTT})
    assert (made.status_code, made.body["is_default"]) == (201, True)
    detail = author.get(f"assets/{ready}/captions/{made.body['id']}/").body
    assert detail["cues"] == [{"start_ms": 0, "end_ms": 1000, "text": "Hello there"}]

    bare = f"captions/{made.body['id']}.vtt"
    assert author.get(bare).status_code == 200
    assert learner.get(bare).status_code == 404
    linked = learner.get(made.body["url"].removeprefix("/api/v1/"))
    assert linked.status_code == 200
    assert linked["Content-Type"] == "text/vtt; charset=utf-8"
    assert linked.content == b"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello there\n"

    twice = author.post(f"assets/{ready}/captions/", {"language": "en", "label": "English", "text": VTT})
    assert (twice.status_code, twice.body["code"]) == (409, "caption_language_taken")
    other = author.post(f"assets/{ready}/captions/", {"language": "de", "label": "Deutsch", "text": VTT})
    assert not other.body["is_default"]
    assert author.delete(f"assets/{ready}/captions/{made.body['id']}/").status_code == 204
    [left] = author.get(f"assets/{ready}/captions/").body["items"]
    assert (left["language"], left["is_default"]) == ("de", True)


def test_captions_wait_until_the_film_was_looked_at(author: Browser, film: bytes) -> None:
    asset = author.upload(film)
    answer = author.post(f"assets/{asset['id']}/captions/", {"language": "en", "label": "English", "text": VTT})
    assert (answer.status_code, answer.body["code"]) == (409, "asset_not_described")


def test_a_title_is_changed_over_what_one_has_seen(author: Browser, ready: str) -> None:
    revision = author.get(f"assets/{ready}/").body["revision"]
    assert (
        author.send("PATCH", f"assets/{ready}/", {"title": "Two"}, **{"If-Match": f'"{revision}"'}).status_code == 200
    )
    late = author.send("PATCH", f"assets/{ready}/", {"title": "Three"}, **{"If-Match": f'"{revision}"'})
    assert (late.status_code, late.body["current"]["title"]) == (412, "Two")


def test_an_asset_that_is_shown_is_not_deleted(author: Browser, ready: str, settings: Settings) -> None:
    settings.ASSET_USES = [f"{__name__}.used_once"]
    refused = author.delete(f"assets/{ready}/")
    assert (refused.status_code, refused.body["code"], refused.body["used_in"]) == (409, "asset_in_use", 1)

    settings.ASSET_USES = []
    assert author.delete(f"assets/{ready}/").status_code == 204
    assert author.get(f"assets/{ready}/").status_code == 404
    assert api.video_of([UUID(ready)]) == {}


def test_the_list_finds_by_words_and_state(author: Browser, ready: str) -> None:
    assert [row["id"] for row in author.get("assets/?q=rowing&state=ready").body["items"]] == [ready]
    assert author.get("assets/?q=sailing").body["items"] == []


def test_courses_and_players_get_what_they_need(author: Browser, ready: str, acme: tenancy.TenantRecord) -> None:
    author.post(f"assets/{ready}/captions/", {"language": "en", "label": "English", "text": VTT})
    video = api.video_of([UUID(ready), new_id()])[UUID(ready)]

    assert video.is_playable
    assert video.timeline_id is not None
    timeline = api.timeline_of(video.timeline_id)
    assert timeline is not None
    assert (timeline.asset_id, timeline.duration_ms) == (UUID(ready), video.duration_ms)
    assert [caption.language for caption in video.captions] == ["en"]
    assert video.poster_url is not None


def test_an_enrollment_plays_by_a_right_of_its_own(author: Browser, ready: str, leo: Person) -> None:
    grant = api.grant_for_enrollment(member_id=leo.id, enrollment_id=new_id(), course_id=new_id(), asset_id=UUID(ready))
    assert api.grant_body(grant)["manifest_url"].endswith("master.m3u8")
    assert api.end_playback(asset_id=UUID(ready), reason="test") == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "assets/"), ("GET", "uploads/"), ("POST", "uploads/"), ("GET", "storage/"), ("POST", "assets/{}/grant/")],
)
def test_learners_have_no_library(learner: Browser, method: str, path: str) -> None:
    assert learner.send(method, path.format(new_id()), {}).status_code == 403


def test_a_list_costs_as_many_statements_as_one(author: Browser, ready: str, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for number in range(5):
        Asset.objects.create(title=f"Film {number}")
    with django_assert_max_num_queries(20):
        assert len(author.get("assets/").body["items"]) >= 6


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("C:\\films\\My_first  film.final.mp4", "My first film.final"),
        ("../../etc/passwd", "passwd"),
        (".mp4", "Untitled"),
        ("Übung 3.webm", "Übung 3"),
    ],
)
def test_a_title_is_made_of_a_file_name(name: str, title: str) -> None:
    assert title_of(name) == title
