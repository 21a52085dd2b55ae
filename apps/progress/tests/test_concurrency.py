"""Devices and people at once, on connections of their own: what the database itself must hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

import tenancy
from apps.courses.errors import NothingToPublish
from apps.courses.models import CourseVersion
from apps.courses.tests.builders import Builder, film
from apps.enrollments.models import Enrollment
from apps.library.api import video_of
from apps.progress import watch
from apps.progress.dto import Beacon
from apps.progress.models import CourseProgress, ItemFact, PlaySession, WatchMap
from apps.progress.services import enrolling, rebuild, recording
from apps.progress.tests.conftest import actor
from apps.progress.watch import PlayedSpan
from core.ids import new_id
from tenancy import TenantRecord


@pytest.fixture
def committed(world: Any, django_db_blocker: Any) -> Iterator[TenantRecord]:
    """Globex with rows that are really committed: threads see them. Nobody is invited to these courses by accident."""
    with django_db_blocker.unblock():
        with tenancy.bind(world.organizations["globex"]) as bound:
            yield bound
        connection.close()


def _at_once(calls: list[Callable[[], Any]], organization: TenantRecord) -> list[Any]:
    def run(call: Callable[[], Any]) -> Any:
        try:
            with tenancy.bind(organization):
                return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(run, calls))


@pytest.fixture
def course(committed: TenantRecord, world: Any) -> Builder:
    made = Builder(world.people["mallory"].id, visibility="invitation", title="At once")
    made.lesson("Film", video=film(duration_ms=1_200_000))
    return made


def _enroll(course: Builder, world: Any) -> UUID:
    marvin = world.people["marvin"]
    found, _ = enrolling.enroll_by_staff(actor=actor(marvin), course_id=course.course, member_id=marvin.id)
    return found.id


def test_of_two_publications_at_once_one_finds_nothing_to_publish(course: Builder, committed: TenantRecord) -> None:
    def publish() -> UUID | None:
        try:
            return course.publish()
        except NothingToPublish:
            return None

    made = _at_once([publish] * 6, committed)
    assert len([version for version in made if version]) == 1
    assert CourseVersion.objects.filter(course_id=course.course).count() == 1


def test_a_double_click_enrols_once(course: Builder, committed: TenantRecord, world: Any) -> None:
    course.publish()
    ids = _at_once([lambda: _enroll(course, world)] * 6, committed)
    assert len(set(ids)) == 1
    assert Enrollment.objects.filter(course_id=course.course).count() == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_devices_in_any_order_with_repetition_make_one_map(
    course: Builder, committed: TenantRecord, world: Any, seed: int
) -> None:
    course.publish()
    enrollment, marvin, item = _enroll(course, world), world.people["marvin"].id, course.lessons[0]
    from apps.courses.models import VersionItem

    asset = VersionItem.objects.get(item_id=item).asset_id
    timeline = video_of([asset])[asset].timeline_id
    random = Random(seed)
    reports: list[Beacon] = []
    for _ in range(4):
        session = new_id()
        for seq in range(1, 13):
            start = random.randrange(1_150)
            spans = (PlayedSpan(start, start + random.randint(1, 28)),)
            reports.append(Beacon(session, seq, item, timeline, spans, float(start), 1))  # type: ignore[arg-type]
    expected = watch.union(*[[(int(s.start), int(s.end))] for report in reports for s in report.spans])
    sent = reports + random.choices(reports, k=30)
    random.shuffle(sent)

    def send(report: Beacon) -> Callable[[], Any]:
        return lambda: recording.record_beacon(enrollment_id=enrollment, member_id=marvin, beacon=report)

    _at_once([send(report) for report in sent], committed)
    row = WatchMap.objects.get(enrollment_id=enrollment)
    assert row.seconds == expected
    assert row.covered == watch.length(expected)
    played = sum(int(s.end - s.start) for report in reports for s in report.spans)
    assert sum(PlaySession.objects.filter(enrollment_id=enrollment).values_list("seconds_played", flat=True)) == played
    assert rebuild.check(enrollment) == []


def test_a_lesson_completed_by_two_devices_at_once_is_completed_once(
    course: Builder, committed: TenantRecord, world: Any
) -> None:
    by_hand = course.lesson("Practice", config={"completion": {"rule": "manual"}})
    course.publish()
    enrollment, marvin = _enroll(course, world), world.people["marvin"].id

    def complete() -> Any:
        return recording.complete_by_hand(enrollment_id=enrollment, member_id=marvin, item=by_hand)

    answers = _at_once([complete] * 6, committed)
    assert {answer.progress.revision for answer in answers} == {answers[0].progress.revision}
    assert ItemFact.objects.filter(enrollment_id=enrollment).count() == 1
    assert CourseProgress.objects.get(enrollment_id=enrollment).done == 1


def test_first_things_done_on_two_devices_at_once_do_not_block_each_other(
    course: Builder, committed: TenantRecord, world: Any
) -> None:
    by_hand = course.lesson("Practice", config={"completion": {"rule": "manual"}})
    course.publish()
    enrollment, marvin, item = _enroll(course, world), world.people["marvin"].id, course.lessons[0]
    from apps.courses.models import VersionItem

    asset = VersionItem.objects.get(item_id=item).asset_id
    timeline = video_of([asset])[asset].timeline_id

    def play() -> Any:
        report = Beacon(new_id(), 1, item, timeline, (PlayedSpan(0, 12),), 12.0, 1)  # type: ignore[arg-type]
        return recording.record_beacon(enrollment_id=enrollment, member_id=marvin, beacon=report)

    def mark() -> Any:
        return recording.complete_by_hand(enrollment_id=enrollment, member_id=marvin, item=by_hand)

    _at_once([play, mark] * 4, committed)
    assert Enrollment.objects.get(id=enrollment).started_at is not None
    assert rebuild.check(enrollment) == []
