"""What happens to learners when a course is published again."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.courses.events import CoursePublished
from apps.courses.models import Course, CourseVersion
from apps.enrollments import api as enrollments
from apps.enrollments.events import EnrollmentsMoved
from apps.enrollments.models import Enrollment, Placement
from apps.enrollments.subscribers import place_by_policy
from apps.progress.models import CourseProgress, ItemFact, ItemProgress
from apps.progress.services import enrolling, rebuild
from apps.progress.subscribers import place_enrollments
from apps.progress.tests.conftest import actor


def _published(learning: Any) -> CoursePublished:
    row = CourseVersion.objects.filter(course_id=learning.course.course).order_by("-number").first()
    assert row is not None
    return CoursePublished(
        course=row.course_id, version=row.id, number=row.number, previous=row.previous_id, policy="stay"
    )


def test_who_has_not_begun_moves_and_who_has_stays(learning: Any, lea: Any) -> None:
    waiting, _ = enrolling.enroll_self(actor=actor(lea), course_id=learning.course.course)
    learning.complete(learning.text)
    old = Enrollment.objects.get(id=learning.enrollment).version_id
    learning.course.lesson("New")
    new = learning.course.publish()
    for _ in range(2):
        place_by_policy(_published(learning))
    assert Enrollment.objects.get(id=learning.enrollment).version_id == old
    assert Enrollment.objects.get(id=waiting.id).version_id == new
    assert [row.number for row in Placement.objects.filter(enrollment_id=waiting.id).order_by("number")] == [1, 2]
    page = lea.client().get(f"/api/v1/enrollments/{waiting.id}/outline/").json()
    assert page["progress"]["required"] == 4
    place_enrollments(EnrollmentsMoved(course=learning.course.course, version=new, enrollments=[str(waiting.id)]))
    assert lea.client().get(f"/api/v1/enrollments/{waiting.id}/outline/").json()["progress"] == page["progress"]
    assert rebuild.check(waiting.id) == rebuild.check(learning.enrollment) == []


def test_an_event_that_arrives_late_moves_nobody_back(learning: Any, lea: Any) -> None:
    waiting, _ = enrolling.enroll_self(actor=actor(lea), course_id=learning.course.course)
    learning.course.lesson("Second")
    learning.course.publish()
    late = _published(learning)
    learning.course.lesson("Third")
    newest = learning.course.publish()
    place_by_policy(_published(learning))
    place_by_policy(late)
    assert Enrollment.objects.get(id=waiting.id).version_id == newest


def test_there_and_back_again_loses_nothing(learning: Any) -> None:
    learning.complete(learning.text)
    learning.play((0, 90))
    before = learning.outline()
    old = Enrollment.objects.get(id=learning.enrollment).version_id
    from apps.courses.services import drafts

    drafts.delete_node(course_id=learning.course.course, item=learning.text, member_id=learning.course.author)
    learning.course.lesson("New")
    new = learning.course.publish()
    for version in (new, old):
        assert enrollments.place(enrollment_id=learning.enrollment, version_id=version, reason="staff")
        place_enrollments(
            EnrollmentsMoved(course=learning.course.course, version=version, enrollments=[str(learning.enrollment)])
        )
        assert rebuild.check(learning.enrollment) == []
    after = learning.outline()
    assert after["modules"] == before["modules"]
    assert after["progress"]["percent_permille"] == before["progress"]["percent_permille"]


def test_a_looser_rule_completes_on_arrival_what_was_partly_watched(learning: Any) -> None:
    learning.play((0, 60))
    assert learning.line(learning.video)["state"] == "started"
    learning.course.edit(learning.video, config={"completion": {"rule": "watched", "permille": 500}})
    new = learning.course.publish()
    enrollments.place(enrollment_id=learning.enrollment, version_id=new, reason="staff")
    assert learning.line(learning.video)["state"] == "completed"  # shown before it is stored
    place_enrollments(
        EnrollmentsMoved(course=learning.course.course, version=new, enrollments=[str(learning.enrollment)])
    )
    assert ItemFact.objects.filter(enrollment_id=learning.enrollment, item_id=learning.video).exists()
    assert rebuild.check(learning.enrollment) == []


def test_an_archived_course_takes_nobody_new_and_goes_on_for_who_is_on_it(learning: Any, lea: Any) -> None:
    Course.objects.filter(id=learning.course.course).update(state="archived")
    refused = lea.client().post("/api/v1/enrollments/", {"course": str(learning.course.course)}, "application/json")
    assert refused.status_code == 404
    assert learning.complete(learning.text).status_code == 200


def test_the_rebuild_finds_and_mends_what_does_not_follow_from_the_facts(learning: Any) -> None:
    learning.complete(learning.text)
    learning.play((0, 30))
    assert rebuild.check(learning.enrollment) == []
    ItemProgress.objects.filter(enrollment_id=learning.enrollment, item_id=learning.video).update(percent_permille=1)
    CourseProgress.objects.filter(enrollment_id=learning.enrollment).update(done=0)
    found = {difference.what for difference in rebuild.check(learning.enrollment)}
    assert found == {f"item:{learning.video}", "course"}
    before = ItemFact.objects.filter(enrollment_id=learning.enrollment).count()
    rebuild.rebuild(learning.enrollment)
    assert rebuild.check(learning.enrollment) == []
    assert ItemFact.objects.filter(enrollment_id=learning.enrollment).count() == before


def test_the_command_reports_differences_and_mends_them(learning: Any, capsys: pytest.CaptureFixture[str]) -> None:
    learning.play((0, 30))
    host = learning.person.organization.host
    call_command("progress", "rebuild", "--check", f"--host={host}")
    CourseProgress.objects.filter(enrollment_id=learning.enrollment).update(required=7)
    with pytest.raises(CommandError, match="does not follow"):
        call_command("progress", "rebuild", "--check", f"--host={host}")
    call_command("progress", "rebuild", f"--host={host}")
    call_command("progress", "rebuild", "--check", f"--host={host}")
    assert "1 enrollments, 0 with differences" in capsys.readouterr().out.splitlines()[-1]
    with pytest.raises(CommandError, match="No organization"):
        call_command("progress", "rebuild", "--host=nobody.lms.localhost")
