from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext

from apps.courses import selectors
from apps.courses.dto import CompletionRule
from apps.courses.errors import CannotPublish, NothingToPublish
from apps.courses.models import Content, Course, CourseVersion, VersionItem
from apps.courses.services import drafts
from apps.courses.tests.builders import Builder, body, film
from apps.library.models import Asset
from events.models import OutboxDelivery

JSON = "application/json"


@pytest.fixture
def course(acme: Any, avery: Any) -> Builder:
    made = Builder(avery.id)
    made.lesson("Text")
    return made


def test_publishing_makes_a_version_that_later_edits_do_not_touch(course: Builder) -> None:
    video = course.lesson("Film", video=film(duration_ms=61_500))
    version = course.publish()
    before = selectors.outline(version)
    course.edit(video, title="Renamed", body=body("Changed"))
    selectors.forget()
    assert selectors.outline(version) == before
    entry = before.by_item[video]
    assert (entry.title, entry.duration_ms, entry.rule) == ("Film", 61_500, CompletionRule("watched", 900))
    assert [module.title for module, _ in before.modules] == ["Basics"]


def test_publishing_twice_makes_one_version(course: Builder) -> None:
    course.publish()
    with pytest.raises(NothingToPublish):
        course.publish()
    assert CourseVersion.objects.filter(course_id=course.course).count() == 1


def test_an_edit_that_is_taken_back_leaves_nothing_to_publish(course: Builder) -> None:
    course.publish()
    course.edit(course.lessons[0], title="Other")
    course.edit(course.lessons[0], title="Text")
    with pytest.raises(NothingToPublish):
        course.publish()


def test_digests_of_versions_never_change_whatever_happens_to_the_draft(course: Builder) -> None:
    first = course.publish()
    digest = CourseVersion.objects.get(id=first).digest
    course.edit(course.lessons[0], body=body("new"))
    second = course.publish()
    drafts.delete_node(course_id=course.course, item=course.lessons[0], member_id=course.author)
    selectors.forget()
    from apps.courses.services.publishing import tree_digest

    assert tree_digest(selectors.outline(first).items) == digest
    assert CourseVersion.objects.get(id=second).digest != digest


def test_a_course_without_a_lesson_cannot_be_published(acme: Any, avery: Any) -> None:
    with pytest.raises(CannotPublish) as refusal:
        Builder(avery.id).publish()
    assert "at least one lesson" in refusal.value.detail


def test_a_film_that_cannot_be_played_holds_the_publication_back_by_name(course: Builder) -> None:
    asset = film()
    lesson = course.lesson("Film", video=asset)
    Asset.objects.filter(id=asset).update(state="processing")
    with pytest.raises(CannotPublish) as refusal:
        course.publish()
    assert refusal.value.errors == {f"nodes/{lesson}": "The video of “Film” is still being prepared."}
    Asset.objects.filter(id=asset).update(state="ready")
    course.publish()


def test_facts_of_a_version_cannot_be_rewritten_by_the_organizations_role(course: Builder) -> None:
    version = course.publish()
    for statement in (
        VersionItem.objects.filter(version_id=version).delete,
        lambda: VersionItem.objects.filter(version_id=version).update(title="x"),
        lambda: CourseVersion.objects.filter(id=version).update(note="x"),
        lambda: Content.objects.update(plain_text="x"),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            statement()
    assert connection.in_atomic_block


def test_publishing_tells_others_once_in_the_same_transaction(course: Builder) -> None:
    course.publish()
    rows = OutboxDelivery.objects.filter(type="lms.courses.course.published.v1", payload__course=str(course.course))
    told = [row.subscriber for row in rows]
    assert "enrollments.place_by_policy" in told
    assert len(told) == len(set(told))
    assert rows[0].payload["course"] == str(course.course)


def test_the_preview_tells_what_publishing_does(course: Builder, avery: Any) -> None:
    course.publish()
    empty = course.add("lesson", "Later", course.module)
    course.edit(course.lessons[0], title="Renamed")
    path = f"/api/v1/courses/{course.course}/"
    preview = avery.client().get(f"{path}publication-preview/").json()
    assert [change["words"] for change in preview["changes"]] == [
        "Lesson “Text” is now called “Renamed”.",
        "Lesson “Later” was added.",
    ]
    assert [(note["item"], note["words"]) for note in preview["warnings"]] == [(str(empty), "This lesson is empty.")]
    assert (preview["number"], preview["can_publish"], preview["problems"]) == (2, True, [])
    done = avery.client().post(f"{path}publication/", {"note": "Better words"}, JSON)
    assert (done.status_code, done.json()["number"]) == (201, 2)
    again = avery.client().post(f"{path}publication/", {}, JSON)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_publish")
    versions = avery.client().get(f"{path}versions/").json()["items"]
    assert [(row["number"], row["note"]) for row in versions] == [(2, "Better words"), (1, "")]


def test_only_authors_publish(course: Builder, ines: Any, leo: Any) -> None:
    path = f"/api/v1/courses/{course.course}/publication/"
    assert ines.client().post(path, {}, JSON).status_code == 403
    assert leo.client().post(path, {}, JSON).status_code == 403
    assert Course.objects.get(id=course.course).current_version_id is None


def test_an_outline_is_read_once_a_process(course: Builder, django_assert_num_queries: Any) -> None:
    version = course.publish()
    selectors.forget()
    with django_assert_num_queries(2):
        selectors.outline(version)
    with django_assert_num_queries(0):
        selectors.outline(version)


def test_publishing_takes_as_many_statements_for_a_hundred_lessons_as_for_one(acme: Any, avery: Any) -> None:
    small, large = Builder(avery.id), Builder(avery.id)
    small.lesson("First")
    large.lesson("First")
    for number in range(99):
        large.add("lesson", f"Lesson {number}", large.module)

    with CaptureQueriesContext(connection) as few:
        small.publish()
    with CaptureQueriesContext(connection) as many:
        large.publish()

    assert len(many) <= len(few) + 2  # rows go in batches
