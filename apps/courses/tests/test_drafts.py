from __future__ import annotations

from typing import Any

import pytest

from apps.courses.models import ContentAsset, DraftChange, DraftNode
from apps.courses.tests.builders import Builder, body, film
from core.ids import new_id

JSON = "application/json"


@pytest.fixture
def course(acme: Any, avery: Any) -> Builder:
    return Builder(avery.id)


@pytest.fixture
def author(acme: Any, avery: Any) -> Any:
    return avery.client()


def _titles(author: Any, course: Builder) -> list[str]:
    nodes = author.get(f"/api/v1/courses/{course.course}/draft/").json()["nodes"]
    return [node["title"] for node in nodes]


def test_an_author_builds_a_course_over_http(author: Any, acme: Any) -> None:
    made = author.post("/api/v1/courses/", {"title": "  Rope   work "}, JSON)
    assert made.status_code == 201, made.content
    assert (made.json()["title"], made.json()["state"], made.json()["version"]) == ("Rope work", "draft", None)
    path = f"/api/v1/courses/{made.json()['id']}/draft/nodes/"
    module = author.post(path, {"kind": "module", "title": "Basics", "parent": None}, JSON).json()
    lesson = author.post(path, {"kind": "lesson", "title": "Reef", "parent": module["item"]}, JSON).json()
    assert lesson["config"] == {"completion": {"rule": "viewed"}, "automatic": True, "required": True}
    saved = author.patch(
        f"{path}{lesson['item']}/",
        {"title": "Reef knot", "body": body("Left over right")},
        JSON,
        headers={"If-Match": '"1"'},
    )
    assert saved.status_code == 200, saved.content
    assert saved.json()["revision"] == 2
    assert saved.json()["body"]["blocks"][0]["html"] == "<p>Left over right</p>"
    draft = author.get(f"/api/v1/courses/{made.json()['id']}/draft/").json()
    assert [(node["kind"], node["title"]) for node in draft["nodes"]] == [("module", "Basics"), ("lesson", "Reef knot")]
    assert draft["changes_since_version"] == 2
    assert draft["revision"] == 3


def test_attack_27_learners_and_strangers_see_no_drafts(course: Builder, leo: Any, mallory: Any) -> None:
    path = f"/api/v1/courses/{course.course}/draft/"
    assert leo.client().get(path).status_code == 403
    assert leo.client().post("/api/v1/courses/", {"title": "Mine"}, JSON).status_code == 403
    assert mallory.client().get(path).status_code == 404


def test_a_save_names_the_revision_it_saw_and_a_stale_one_gets_both_versions(author: Any, course: Builder) -> None:
    lesson = course.lesson("Bowline", words="first")
    path = f"/api/v1/courses/{course.course}/draft/nodes/{lesson}/"
    assert author.patch(path, {"title": "x"}, JSON).status_code == 428
    theirs = author.patch(path, {"body": body("theirs")}, JSON, headers={"If-Match": '"2"'})
    assert theirs.status_code == 200
    stale = author.patch(path, {"body": body("mine")}, JSON, headers={"If-Match": '"2"'})
    assert stale.status_code == 412
    problem = stale.json()
    assert problem["code"] == "revision_conflict"
    assert problem["current"]["body"]["blocks"][0]["html"] == "<p>theirs</p>"
    assert problem["yours"]["body"] == body("mine")
    assert problem["current"]["revision"] == 3


def test_a_repeated_autosave_is_no_conflict(author: Any, course: Builder) -> None:
    lesson = course.lesson("Bowline")
    path = f"/api/v1/courses/{course.course}/draft/nodes/{lesson}/"
    for _ in range(2):
        again = author.patch(path, {"body": body("same")}, JSON, headers={"If-Match": '"2"'})
        assert (again.status_code, again.json()["revision"]) == (200, 3)


def test_a_moved_item_stands_where_it_was_put(author: Any, course: Builder) -> None:
    items = [course.lesson(name) for name in ("a", "b", "c")]
    second = course.add("module", "More", None)
    moves = f"/api/v1/courses/{course.course}/draft/moves/"

    def move(item: Any, parent: Any, after: Any) -> Any:
        return author.post(moves, {"item": item, "parent": parent, "after": after}, JSON)

    assert move(items[2], course.module, None).status_code == 200
    assert _titles(author, course) == ["Basics", "c", "a", "b", "More"]
    move(items[2], course.module, items[0])
    assert _titles(author, course) == ["Basics", "a", "c", "b", "More"]
    move(items[0], second, None)
    assert _titles(author, course) == ["Basics", "c", "b", "More", "a"]
    move(second, None, None)
    assert _titles(author, course) == ["More", "a", "Basics", "c", "b"]
    assert move(items[0], None, None).status_code == 422
    assert move(second, course.module, None).status_code == 422
    assert move(items[0], course.module, items[0]).status_code == 422
    assert move(items[0], new_id(), None).status_code == 404


def test_the_bin_keeps_an_item_and_its_place(author: Any, course: Builder) -> None:
    items = [course.lesson(name) for name in ("a", "b", "c")]
    path = f"/api/v1/courses/{course.course}/draft/nodes/{items[1]}/"
    assert author.delete(path).status_code == 204
    assert _titles(author, course) == ["Basics", "a", "c"]
    assert author.get(path).status_code == 404
    draft = author.get(f"/api/v1/courses/{course.course}/draft/").json()
    assert [node["title"] for node in draft["bin"]] == ["b"]
    assert author.post(f"{path}restore/").status_code == 200
    assert _titles(author, course) == ["Basics", "a", "b", "c"]


def test_a_module_takes_its_lessons_to_the_bin_and_back(author: Any, course: Builder) -> None:
    kept, gone = course.lesson("kept"), course.lesson("gone before")
    nodes = f"/api/v1/courses/{course.course}/draft/nodes/"
    author.delete(f"{nodes}{gone}/")
    DraftNode.objects.filter(item_id=gone).update(deleted_at="2026-01-01T00:00:00Z")
    author.delete(f"{nodes}{course.module}/")
    assert _titles(author, course) == []
    assert author.post(f"{nodes}{kept}/restore/").status_code == 422
    author.post(f"{nodes}{course.module}/restore/")
    assert _titles(author, course) == ["Basics", "kept"]


def test_a_body_that_cannot_be_is_refused_with_its_place(author: Any, course: Builder) -> None:
    lesson = course.lesson("x")
    path = f"/api/v1/courses/{course.course}/draft/nodes/{lesson}/"
    refused = author.patch(path, {"body": {"v": 1, "blocks": [{"type": "script"}]}}, JSON, headers={"If-Match": '"2"'})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/body/blocks/0"
    unknown = author.patch(path, {"body": body(video=new_id())}, JSON, headers={"If-Match": '"2"'})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "body_refused")
    module = f"/api/v1/courses/{course.course}/draft/nodes/{course.module}/"
    assert author.patch(module, {"body": body()}, JSON, headers={"If-Match": '"1"'}).status_code == 422


def test_one_body_is_stored_once_and_says_where_an_asset_is_used(course: Builder) -> None:
    asset = film()
    course.lesson("a", video=asset)
    course.lesson("b", video=asset)
    assert ContentAsset.objects.filter(asset_id=asset).count() == 1


def test_saves_of_one_sitting_are_one_entry_of_the_history(author: Any, course: Builder, alice: Any) -> None:
    lesson = course.lesson("a", words="one")
    course.edit(lesson, body=body("two"))
    course.edit(lesson, body=body("three"))
    rows = DraftChange.objects.filter(item_id=lesson).order_by("at", "id")
    assert [row.what for row in rows] == ["created", "edited"]
    author.post(
        f"/api/v1/courses/{course.course}/draft/moves/", {"item": lesson, "parent": course.module, "after": None}, JSON
    )
    history = author.get(f"/api/v1/courses/{course.course}/draft/history/").json()["items"]
    assert [(entry["what"], entry["title"]) for entry in history][:2] == [("moved", "a"), ("edited", "a")]


def test_the_courses_own_fields_change_at_once_and_guard_their_revision(author: Any, course: Builder) -> None:
    path = f"/api/v1/courses/{course.course}/"
    changed = author.patch(path, {"title": "New"}, JSON, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["revision"]) == (200, 2)
    assert author.patch(path, {"title": "Newer"}, JSON, headers={"If-Match": '"1"'}).status_code == 412
    assert author.patch(path, {"title": " "}, JSON).status_code == 422
    assert author.patch(path, {"visibility": "secret"}, JSON).status_code == 422


def test_a_course_that_was_never_published_goes_to_the_bin_and_one_that_was_is_archived(
    author: Any, course: Builder, avery: Any
) -> None:
    path = f"/api/v1/courses/{course.course}/"
    assert author.delete(path).status_code == 204
    assert author.get(path).status_code == 404
    published = Builder(avery.id)
    published.lesson()
    published.publish()
    path = f"/api/v1/courses/{published.course}/"
    assert author.delete(path).status_code == 204
    assert author.get(path).json()["state"] == "archived"
    assert author.patch(path, {"title": "x"}, JSON).json()["code"] == "course_archived"
