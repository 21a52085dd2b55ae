"""Samples of learning: the catalogue, the learner's course and lessons, what they played, and the roster."""

from __future__ import annotations

from typing import Any

from core.ids import new_id
from tests.isolation.samples import Call, Sample, World, sample, thing


def _beacon(world: World, timeline: str, seq: int, session: str) -> dict[str, Any]:
    return {
        "play_session": session,
        "seq": seq,
        "item": world["course"]["film"],
        "timeline": timeline,
        "spans": [[0, 1, 1]],
        "position": 1,
        "placement_no": 1,
    }


@thing("learning")
def learning(world: World) -> dict[str, Any]:
    """The learner's enrollment with a second of the film played and the text opened."""
    base = f"/api/v1/enrollments/{world['enrollment']}/"
    lesson = world.send("learner", "GET", f"{base}items/{world['course']['film']}/")
    timeline, session = lesson["video"]["timeline_id"], str(new_id())
    world.send("learner", "POST", f"{base}play-beacons/", _beacon(world, timeline, 1, session))
    world.send("learner", "POST", f"{base}items/{world['course']['text']}/completion/")
    return {"enrollment": world["enrollment"], "timeline": timeline, "session": session}


@sample("progress:catalog")
def catalog(world: World) -> Sample:
    assert world["course"]
    return Sample(calls={"GET": Call(by="anonymous")})


@sample("progress:catalog-course")
def catalog_course(world: World) -> Sample:
    return Sample(path={"course_id": world["course"]["id"]}, calls={"GET": Call(by="anonymous")})


@sample("progress:enrollments")
def enrollments(world: World) -> Sample:
    assert world["learning"]
    body = {"course": world["course"]["id"]}
    return Sample(calls={"GET": Call(by="learner"), "POST": Call(body, by="learner")})


@sample("progress:enrollment")
def enrollment(world: World) -> Sample:
    return Sample(path={"enrollment_id": world["learning"]["enrollment"]}, calls={"GET": Call(by="learner")})


@sample("progress:outline")
def outline(world: World) -> Sample:
    return Sample(path={"enrollment_id": world["learning"]["enrollment"]}, calls={"GET": Call(by="learner")})


@sample("progress:lesson")
def lesson(world: World) -> Sample:
    return Sample(path=_lesson_path(world, "film"), calls={"GET": Call(by="learner")})


@sample("progress:lesson-completion")
def lesson_completion(world: World) -> Sample:
    return Sample(path=_lesson_path(world, "text"), calls={"POST": Call(by="learner")})


@sample("progress:lesson-grant")
def lesson_grant(world: World) -> Sample:
    return Sample(path=_lesson_path(world, "film"), calls={"POST": Call(by="learner")})


@sample("progress:play-beacons")
def play_beacons(world: World) -> Sample:
    made = world["learning"]
    body = _beacon(world, made["timeline"], 2, made["session"])
    return Sample(path={"enrollment_id": made["enrollment"]}, calls={"POST": Call(body, by="learner")})


@sample("progress:course-enrollments")
def course_enrollments(world: World) -> Sample:
    assert world["learning"]
    body = {"member": str(world.members["owner"])}
    return Sample(
        path={"course_id": world["course"]["id"]},
        calls={"GET": Call(by="instructor"), "POST": Call(body, by="instructor")},
    )


def _lesson_path(world: World, which: str) -> dict[str, Any]:
    return {"enrollment_id": world["learning"]["enrollment"], "item": world["course"][which]}
