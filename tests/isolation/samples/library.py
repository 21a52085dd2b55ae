"""Samples of the library: a film that was uploaded and converted, one that failed, captions, playing."""

from __future__ import annotations

import atexit
import contextlib
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F

import tenancy
from media import testing
from media.aws import s3
from media.models import PlaybackSession
from media.services import jobs
from media.transcoding.errors import InputRejected
from media.transcoding.tests import clips
from tests.isolation.samples import Call, Sample, World, sample, thing

VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\n{words}\n"
_stack = contextlib.ExitStack()
atexit.register(_stack.close)


@thing("object_store")
def object_store(world: World) -> str:
    """A store of the walk's own, and a folder to work in: uploads and conversions are real ones."""
    folder = Path(_stack.enter_context(tempfile.TemporaryDirectory(prefix="lms-walk-")))
    settings.S3_URL, settings.S3_PUBLIC_URL = _stack.enter_context(testing.object_store(folder / "s3")), ""
    settings.MEDIA_SCRATCH_DIR = str(folder / "scratch")
    s3.object_store.cache_clear()
    s3.object_store().ensure_bucket()
    return str(folder)


@thing("film")
def film(world: World) -> bytes:
    """Two seconds that browsers play as they are."""
    return clips.make(Path(world["object_store"]) / "film.mp4", seconds=2).read_bytes()


@thing("open_upload")
def open_upload(world: World) -> dict[str, Any]:
    """An upload of the author's, of which nothing has arrived."""
    return _open(world, world["film"])


@thing("arrived_upload")
def arrived_upload(world: World) -> dict[str, Any]:
    """An upload of the author's, of which everything has arrived."""
    return _send_parts(world, _open(world, world["film"]), world["film"])


@thing("video")
def video(world: World) -> str:
    """The id of an asset that is ready to play."""
    asset = _uploaded(world)
    with world.bound():
        testing.work()
    return asset


@thing("failed_video")
def failed_video(world: World) -> str:
    """The id of an asset whose conversion was given up."""
    asset = _uploaded(world)
    with tenancy.platform():
        lease = jobs.claim(jobs.FIRST_STAGES)
    assert lease is not None
    with world.bound():
        jobs.fail(lease, InputRejected("not_convertible", position="0:01"))
        testing.deliver()
    return asset


@thing("captions")
def captions(world: World) -> dict[str, Any]:
    """A caption track of the video; its link opens it."""
    body = {"language": "en", "label": world.text("English"), "text": VTT.format(words=world.text("Hello"))}
    made = world.send("author", "POST", f"/api/v1/assets/{world['video']}/captions/", body)
    world.secret(made["url"].partition("?t=")[2])
    return made


@thing("playback_session")
def playback_session(world: World) -> str:
    """The sid of the author's preview of the video, which has played for as long as it takes until it is renewed."""
    sid = world.send("author", "POST", f"/api/v1/assets/{world['video']}/grant/")["sid"]
    with world.bound():
        played = timedelta(minutes=5)
        PlaybackSession.objects.filter(id=sid).update(
            renewed_at=F("renewed_at") - played, ends_at=F("ends_at") - played
        )
    return str(sid)


def _open(world: World, content: bytes) -> dict[str, Any]:
    body = {
        "name": f"{world.text('Film')}.mp4",
        "size_bytes": len(content),
        "content_type": "video/mp4",
        "fingerprint": world.text("film"),
    }
    return world.send("author", "POST", "/api/v1/uploads/", body)


def _send_parts(world: World, upload: dict[str, Any], content: bytes) -> dict[str, Any]:
    wanted = {"parts": [{"number": 1, "sha256": testing.sha256(content)}]}
    [part] = world.send("author", "POST", f"/api/v1/uploads/{upload['id']}/parts/", wanted)["items"]
    testing.put(part["url"], content, part["headers"])
    return upload


def _uploaded(world: World) -> str:
    upload = _send_parts(world, _open(world, world["film"]), world["film"])
    return str(UUID(world.send("author", "POST", f"/api/v1/uploads/{upload['id']}/completion/")["id"]))


@sample("library:assets")
def assets(world: World) -> Sample:
    assert world["video"]
    return Sample(calls={"GET": Call()})


@sample("library:asset-detail")
def asset_detail(world: World) -> Sample:
    return Sample(
        path={"asset_id": world["video"]},
        calls={
            "GET": Call(),
            "PATCH": Call({"title": world.text("Hitches")}),
            "DELETE": Call(path={"asset_id": world["failed_video"]}),  # lessons show the other one
        },
    )


@sample("library:asset-retry")
def asset_retry(world: World) -> Sample:
    return Sample(path={"asset_id": world["failed_video"]}, calls={"POST": Call()})


@sample("library:asset-grant")
def asset_grant(world: World) -> Sample:
    return Sample(path={"asset_id": world["video"]}, calls={"POST": Call()})


@sample("library:captions")
def caption_collection(world: World) -> Sample:
    assert world["captions"]
    body = {"language": "de", "label": world.text("Deutsch"), "text": VTT.format(words=world.text("Hallo"))}
    return Sample(path={"asset_id": world["video"]}, calls={"GET": Call(), "POST": Call(body)})


@sample("library:caption-detail")
def caption_detail(world: World) -> Sample:
    return Sample(
        path={"asset_id": world["video"], "caption_id": world["captions"]["id"]},
        calls={"GET": Call(), "DELETE": Call()},
    )


@sample("library:caption-text")
def caption_text(world: World) -> Sample:
    return Sample(path={"caption_id": world["captions"]["id"]}, calls={"GET": Call()})


@sample("library:uploads")
def uploads(world: World) -> Sample:
    assert world["open_upload"]
    body = {
        "name": f"{world.text('New')}.mp4",
        "size_bytes": 1000,
        "content_type": "video/mp4",
        "fingerprint": world.text("new"),
    }
    return Sample(calls={"GET": Call(by="author"), "POST": Call(body, by="author")})


@sample("library:upload-detail")
def upload_detail(world: World) -> Sample:
    return Sample(
        path={"upload_id": world["open_upload"]["id"]},
        calls={"GET": Call(by="author"), "DELETE": Call(by="author")},
    )


@sample("library:upload-parts")
def upload_parts(world: World) -> Sample:
    body = {"parts": [{"number": 1, "sha256": testing.sha256(b"part")}]}
    return Sample(path={"upload_id": world["open_upload"]["id"]}, calls={"POST": Call(body, by="author")})


@sample("library:upload-completion")
def upload_completion(world: World) -> Sample:
    return Sample(path={"upload_id": world["arrived_upload"]["id"]}, calls={"POST": Call(by="author")})


@sample("library:storage")
def storage(world: World) -> Sample:
    return Sample(calls={"GET": Call()})


@sample("library:playback-renewal")
def playback_renewal(world: World) -> Sample:
    return Sample(path={"sid": world["playback_session"]}, calls={"POST": Call(by="author")})
