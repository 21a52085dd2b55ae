"""Samples of courses: one that is published and edited on, with a film, a text and something in the bin."""

from __future__ import annotations

from typing import Any

from media import testing
from tests.isolation.samples import Call, Sample, World, sample, thing
from tests.isolation.samples.library import _uploaded

BASE = "/api/v1/courses/"


def text_body(world: World, words: str, *, video: str | None = None) -> dict[str, Any]:
    """The body of a lesson with a text, and a film above it where one is given."""
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": world.text(words)}]}
    blocks: list[dict[str, Any]] = [{"type": "video", "asset": video}] if video else []
    return {"v": 1, "blocks": [*blocks, {"type": "text", "doc": {"type": "doc", "content": [paragraph]}}]}


def _node(world: World, course: str, kind: str, title: str, parent: str | None) -> str:
    body = {"kind": kind, "title": world.text(title), "parent": parent}
    return world.send("author", "POST", f"{BASE}{course}/draft/nodes/", body)["item"]


def _write(world: World, course: str, item: str, body: dict[str, Any]) -> None:
    path = f"{BASE}{course}/draft/nodes/{item}/"
    world.send("author", "PATCH", path, {"body": body}, {"If-Match": '"1"'})


@thing("lesson_video")
def lesson_video(world: World) -> str:
    """The id of a film of its own: what a lesson shows cannot be deleted, and another sample deletes one."""
    asset = _uploaded(world)
    with world.bound():
        testing.work()
    return asset


@thing("course")
def course(world: World) -> dict[str, str]:
    """A published course that learners can take, by the author. Its draft has changed since."""
    created = {
        "title": world.text("Knots"),
        "summary": world.text("How to tie them"),
        "visibility": "public",
    }
    made = world.send("author", "POST", BASE, created)["id"]
    module = _node(world, made, "module", "Basics", None)
    film = _node(world, made, "lesson", "Reef knot", module)
    text = _node(world, made, "lesson", "Safety", module)
    gone = _node(world, made, "lesson", "Old", module)
    _write(world, made, film, text_body(world, "Left over right", video=world["lesson_video"]))
    _write(world, made, text, text_body(world, "Mind your fingers"))
    world.send("author", "DELETE", f"{BASE}{made}/draft/nodes/{gone}/")
    world.send("author", "POST", f"{BASE}{made}/publication/", {"note": world.text("First")})
    later = _node(world, made, "lesson", "Later", module)
    return {"id": made, "module": module, "film": film, "text": text, "gone": gone, "later": later}


@sample("courses:courses")
def courses(world: World) -> Sample:
    assert world["course"]
    return Sample(calls={"GET": Call(), "POST": Call({"title": world.text("Hitches")}, by="author")})


@sample("courses:course")
def course_detail(world: World) -> Sample:
    return Sample(
        path={"course_id": world["course"]["id"]},
        calls={"GET": Call(), "PATCH": Call({"title": world.text("Bends")}, by="author"), "DELETE": Call(by="author")},
    )


@sample("courses:draft")
def draft(world: World) -> Sample:
    return Sample(path={"course_id": world["course"]["id"]}, calls={"GET": Call(by="instructor")})


@sample("courses:draft-nodes")
def draft_nodes(world: World) -> Sample:
    body = {"kind": "lesson", "title": world.text("Bowline"), "parent": world["course"]["module"]}
    return Sample(path={"course_id": world["course"]["id"]}, calls={"POST": Call(body, by="author")})


@sample("courses:draft-node")
def draft_node(world: World) -> Sample:
    seen = {"If-Match": '"2"'}
    return Sample(
        path={"course_id": world["course"]["id"], "item": world["course"]["text"]},
        calls={
            "GET": Call(by="instructor"),
            "PATCH": Call({"body": text_body(world, "New words")}, headers=seen, by="author"),
            "DELETE": Call(by="author"),
        },
    )


@sample("courses:draft-node-restore")
def draft_node_restore(world: World) -> Sample:
    return Sample(
        path={"course_id": world["course"]["id"], "item": world["course"]["gone"]}, calls={"POST": Call(by="author")}
    )


@sample("courses:draft-moves")
def draft_moves(world: World) -> Sample:
    made = world["course"]
    body = {"item": made["text"], "parent": made["module"], "after": None}
    return Sample(path={"course_id": made["id"]}, calls={"POST": Call(body, by="author")})


@sample("courses:draft-history")
def draft_history(world: World) -> Sample:
    return Sample(path={"course_id": world["course"]["id"]}, calls={"GET": Call(by="instructor")})


@sample("courses:publication-preview")
def publication_preview(world: World) -> Sample:
    return Sample(path={"course_id": world["course"]["id"]}, calls={"GET": Call(by="instructor")})


@sample("courses:publication")
def publication(world: World) -> Sample:
    body = {"note": world.text("Second")}
    return Sample(path={"course_id": world["course"]["id"]}, calls={"POST": Call(body, by="author")})


@sample("courses:versions")
def versions(world: World) -> Sample:
    return Sample(path={"course_id": world["course"]["id"]}, calls={"GET": Call(by="instructor")})
