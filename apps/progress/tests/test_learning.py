"""A learner's way through a course, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

import tenancy
from apps.enrollments.models import Enrollment
from apps.progress.models import ItemFact, LearningEvent, PlaySession, WatchMap
from apps.progress.services import rebuild
from core.ids import new_id
from events.models import OutboxMessage

JSON = "application/json"


def test_the_outline_shows_one_number_and_every_lesson(learning: Any) -> None:
    outline = learning.outline()
    assert outline["course"]["title"] == "Knots"
    assert outline["progress"]["percent_permille"] == 0
    assert (outline["progress"]["done"], outline["progress"]["required"]) == (0, 3)
    assert outline["progress"]["next_item"] == str(learning.video)
    [module] = outline["modules"]
    assert [(line["title"], line["kind"], line["state"]) for line in module["lessons"]] == [
        ("Film", "video", "open"),
        ("Text", "text", "open"),
        ("Practice", "text", "open"),
    ]


def test_a_lesson_has_its_text_its_rule_in_words_and_its_neighbours(learning: Any) -> None:
    lesson = learning.lesson(learning.video).json()
    assert lesson["body"]["blocks"] == [
        {"type": "video", "asset": str(learning.asset)},
        {"type": "text", "html": "<p>Hello</p>"},
    ]
    assert lesson["rule"] == {
        "kind": "watched",
        "permille": 900,
        "words": "Watch 90 % of the video to complete this lesson.",
    }
    assert lesson["previous"] is None
    assert lesson["next"]["title"] == "Text"
    assert lesson["video"]["timeline_id"] == str(learning.timeline)
    assert (lesson["video"]["position_seconds"], lesson["video"]["seconds"]) == (0, [])
    assert learning.lesson(learning.text).json()["video"] is None


def test_playing_is_remembered_second_by_second(learning: Any) -> None:
    answer = learning.play((0, 12.4))
    assert (answer["item_state"], answer["percent_permille"], answer["watched"]) == ("started", 130, [[0, 13]])
    learning.play((12.4, 20), (50, 55.5))
    lesson = learning.lesson(learning.video).json()
    assert lesson["video"]["seconds"] == [[0, 20], [50, 56]]
    assert lesson["video"]["position_seconds"] == 55.5
    assert learning.line(learning.video)["percent_permille"] == 260
    assert learning.line(learning.video)["spans"] == [[0, 20], [50, 56]]
    assert rebuild.check(learning.enrollment) == []


def test_a_rule_that_is_met_completes_the_lesson_for_good(learning: Any) -> None:
    learning.play((0, 89))
    assert learning.line(learning.video)["state"] == "started"
    answer = learning.play((89, 90))
    assert (answer["item_state"], answer["percent_permille"]) == ("completed", 1000)
    assert (answer["progress"]["done"], answer["progress"]["percent_permille"]) == (1, 333)
    again = learning.play((0, 5))
    assert (again["item_state"], again["progress"]) == ("completed", answer["progress"])
    assert ItemFact.objects.filter(enrollment_id=learning.enrollment).count() == 1
    verbs = LearningEvent.objects.filter(enrollment_id=learning.enrollment).order_by("received_at", "id")
    assert [row.verb for row in verbs] == ["initialized", "completed"]


def test_a_report_counts_once_however_often_it_arrives(learning: Any) -> None:
    learning.clock.shift(30)
    beacon = learning.beacon((0, 20))
    answers = [learning.send(beacon).json() for _ in range(3)]
    assert answers[0]["watched"] == answers[1]["watched"] == answers[2]["watched"] == [[0, 20]]
    assert answers[1]["progress"]["revision"] == answers[0]["progress"]["revision"]
    session = PlaySession.objects.get(id=learning.session)
    assert (session.seconds_played, session.spans, session.seqs) == (20, [[0, 20]], ((1, 2),))


def test_an_offline_queue_is_replayed_without_loss_in_any_order(learning: Any) -> None:
    reports = [learning.beacon((start, start + 12)) for start in range(0, 96, 12)]
    learning.clock.shift(3600)
    for report in [reports[3], *reports[::-1], *reports]:
        assert learning.send(report).status_code == 200
    line = learning.line(learning.video)
    assert (line["state"], line["spans"]) == ("completed", [[0, 96]])
    session = PlaySession.objects.get(id=learning.session)
    assert (session.seconds_played, session.position_seconds) == (96, 96)
    assert rebuild.check(learning.enrollment) == []


def test_two_devices_add_up_and_the_later_one_says_where_to_resume(learning: Any) -> None:
    learning.play((0, 40))
    first, learning.session, learning.seq = learning.session, new_id(), 0
    learning.play((60, 70))
    late = learning.beacon((40, 45), play_session=str(first), seq=1_000)
    learning.clock.shift(60)
    learning.send(late)
    lesson = learning.lesson(learning.video).json()
    assert lesson["video"]["seconds"] == [[0, 45], [60, 70]]
    assert lesson["video"]["position_seconds"] == 45


def test_an_older_report_of_a_session_moves_the_position_back_for_nobody(learning: Any) -> None:
    older = learning.beacon((0, 10))
    learning.play((10, 20))
    learning.send(older)
    assert learning.lesson(learning.video).json()["video"]["position_seconds"] == 20


def test_attack_35_more_than_can_have_been_played_is_cut_off(learning: Any) -> None:
    learning.play((0, 1))
    learning.clock.shift(2)
    answer = learning.send(learning.beacon((0, 100), position=100)).json()
    assert answer["watched"] == [[0, 32]]
    assert answer["item_state"] == "started"
    assert PlaySession.objects.get(id=learning.session).clipped == 1


def test_a_map_of_crumbs_stays_small(learning: Any) -> None:
    from apps.courses.tests.builders import film
    from apps.library.api import video_of
    from apps.progress import store

    asset = film(duration_ms=3_000_000)
    item = learning.course.lesson("Long", video=asset)
    learning.course.publish()
    from apps.courses.models import Course
    from apps.enrollments import api as enrollments

    version = Course.objects.get(id=learning.course.course).current_version_id
    enrollments.place(enrollment_id=learning.enrollment, version_id=version, reason="staff")
    timeline = str(video_of([asset])[asset].timeline_id)
    for start in range(0, 2_400, 60):
        learning.clock.shift(600)
        spans = [(second, second + 1) for second in range(start, start + 60, 3)]
        answer = learning.send(learning.beacon(*spans, item=str(item), timeline=timeline, placement_no=2))
        assert answer.status_code == 200, answer.content
    row = WatchMap.objects.get(enrollment_id=learning.enrollment, timeline_id=timeline)
    assert len(row.seconds) == store.MAX_SPANS_A_MAP
    learning.clock.shift(600)
    learning.send(learning.beacon((2_600, 2_610), item=str(item), timeline=timeline, placement_no=2))
    row.refresh_from_db()
    assert (2_600, 2_610) in row.seconds


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": -1},
        {"seq": 2**31},
        {"seq": "1"},
        {"play_session": "x"},
        {"item": None},
        {"spans": "x"},
        {"spans": [[1]]},
        {"spans": [["a", "b"]]},
        {"position": None},
        {"position": 1e300},
        {"placement_no": True},
    ],
)
def test_a_report_that_is_none_is_refused(learning: Any, changes: dict[str, Any]) -> None:
    answer = learning.send(learning.beacon((0, 1)) | changes)
    assert answer.status_code == 422
    assert not WatchMap.objects.filter(enrollment_id=learning.enrollment).exists()


def test_attack_08_a_report_about_what_the_course_does_not_show_is_refused(learning: Any) -> None:
    from apps.courses.tests.builders import film
    from apps.library.api import video_of

    other = film()
    elsewhere = str(video_of([other])[other].timeline_id)
    assert learning.send(learning.beacon((0, 1), timeline=elsewhere)).json()["code"] == "unknown_timeline"
    assert learning.send(learning.beacon((0, 1), timeline=str(new_id()))).json()["code"] == "unknown_timeline"
    assert learning.send(learning.beacon((0, 1), item=str(learning.text))).json()["code"] == "unknown_timeline"
    assert learning.send(learning.beacon((0, 1), item=str(new_id()))).status_code == 404


def test_a_session_belongs_to_one_enrollment_and_lesson(learning: Any, lea: Any) -> None:
    from apps.progress.services import enrolling
    from apps.progress.tests.conftest import actor

    learning.play((0, 5))
    found, _ = enrolling.enroll_self(actor=actor(lea), course_id=learning.course.course)
    stolen = learning.beacon((0, 5))
    answer = lea.client().post(f"/api/v1/enrollments/{found.id}/play-beacons/", stolen, JSON)
    assert answer.json()["code"] == "play_session_elsewhere"
    assert not WatchMap.objects.filter(enrollment_id=found.id).exists()


def test_lessons_to_open_or_to_mark_are_completed_by_hand_and_films_are_not(learning: Any) -> None:
    assert learning.complete(learning.text).json()["item_state"] == "completed"
    marked = learning.complete(learning.manual).json()
    assert learning.complete(learning.manual).json() == marked
    assert marked["progress"]["percent_permille"] == 666
    refused = learning.complete(learning.video)
    assert (refused.status_code, refused.json()["code"]) == (409, "rule_not_met")
    learning.play((0, 90))
    assert learning.complete(learning.video).json()["item_state"] == "completed"
    via = ItemFact.objects.filter(enrollment_id=learning.enrollment).values_list("item_id", "via")
    assert dict(via) == {learning.text: "event", learning.manual: "manual", learning.video: "event"}
    assert learning.complete(new_id()).status_code == 404


def test_the_course_is_completed_once_and_told_once(learning: Any) -> None:
    learning.complete(learning.text)
    learning.complete(learning.manual)
    learning.play((0, 90))
    row = Enrollment.objects.get(id=learning.enrollment)
    assert row.completed_at is not None
    first = row.completed_at
    learning.clock.shift(3600)
    learning.complete(learning.text)
    row.refresh_from_db()
    assert row.completed_at == first
    with tenancy.platform():
        told = OutboxMessage.objects.filter(payload__enrollment=str(learning.enrollment)).values_list("type", flat=True)
        assert list(told).count("lms.progress.course.completed.v1") == 1
        assert list(told).count("lms.progress.item.completed.v1") == 3
    outline = learning.outline()
    assert (outline["progress"]["percent_permille"], outline["progress"]["next_item"]) == (1000, None)
    assert outline["enrollment"]["completed_at"] is not None


def test_continue_goes_to_the_film_that_was_left(learning: Any) -> None:
    learning.complete(learning.text)
    learning.play((0, 30))
    [card] = learning.browser.get("/api/v1/enrollments/").json()["items"]
    assert card["next"]["item"] == str(learning.video)
    assert card["next"]["position_seconds"] == 30
    assert card["progress"] == learning.outline()["progress"]
    assert card["last_activity_at"] is not None


def test_every_page_says_the_same_number_and_newer_ones_have_higher_revisions(learning: Any, ines: Any) -> None:
    before = learning.outline()["progress"]["revision"]
    answer = learning.complete(learning.text).json()["progress"]
    lesson = learning.lesson(learning.text).json()["progress"]
    detail = learning.browser.get(learning.base).json()["progress"]
    catalog = learning.browser.get(f"/api/v1/catalog/{learning.course.course}/").json()["enrollment"]["progress"]
    roster = ines.client().get(f"/api/v1/courses/{learning.course.course}/enrollments/").json()["items"][0]
    assert answer == lesson == detail == catalog == learning.outline()["progress"] == roster["progress"]
    assert answer["revision"] > before


def test_another_learner_sees_and_does_nothing_here(learning: Any, lea: Any, mallory: Any, olga: Any) -> None:
    for browser, status in ((lea.client(), 404), (olga.client(), 404), (mallory.client(), 404)):
        assert browser.get(f"{learning.base}outline/").status_code == status
        assert browser.get(learning.base).status_code == status
        assert browser.get(f"{learning.base}items/{learning.video}/").status_code == status
        assert browser.post(f"{learning.base}items/{learning.text}/completion/", {}, JSON).status_code == status
        assert browser.post(f"{learning.base}play-beacons/", learning.beacon((0, 9)), JSON).status_code == status
        assert browser.post(f"{learning.base}items/{learning.video}/grant/", {}, JSON).status_code == status
        assert browser.post(f"{learning.base}withdrawal/", {}, JSON).status_code == status
    assert not WatchMap.objects.filter(enrollment_id=learning.enrollment).exists()


def test_attack_24_nobody_can_write_progress_by_sending_it(learning: Any) -> None:
    boast = {
        "percent_permille": 1000,
        "item_state": "completed",
        "covered": 100,
        "completed_at": "2020-01-01T00:00:00Z",
    }
    learning.clock.shift(10)
    answer = learning.send(learning.beacon((0, 5)) | boast).json()
    assert (answer["item_state"], answer["percent_permille"]) == ("started", 50)
    refused = learning.browser.post(f"{learning.base}items/{learning.video}/completion/", boast, JSON)
    assert refused.status_code == 409
    assert learning.browser.patch(learning.base, boast, JSON).status_code == 405


def test_the_one_who_left_keeps_the_record_and_loses_the_lessons(learning: Any) -> None:
    learning.complete(learning.text)
    left = learning.browser.post(f"{learning.base}withdrawal/", {}, JSON)
    assert (left.status_code, left.json()["state"]) == (200, "withdrawn")
    assert learning.lesson(learning.text).json()["code"] == "enrollment_closed"
    assert learning.send(learning.beacon((0, 5))).json()["code"] == "enrollment_closed"
    assert learning.complete(learning.manual).json()["code"] == "enrollment_closed"
    back = learning.browser.post("/api/v1/enrollments/", {"course": str(learning.course.course)}, JSON)
    assert (back.status_code, back.json()["id"]) == (201, str(learning.enrollment))
    assert back.json()["progress"]["done"] == 1


def test_where_to_go_on_is_one_place_everywhere(learning: Any) -> None:
    second = learning.course.lesson("Second film", video=learning.asset)
    assert second
    learning.play((0, 20))
    answers = [
        learning.play((20, 25))["progress"],
        learning.outline()["progress"],
        learning.lesson(learning.text).json()["progress"],
        learning.browser.get(learning.base).json()["progress"],
    ]
    assert {answer["next_item"] for answer in answers} == {str(learning.video)}
    assert rebuild.check(learning.enrollment) == []


def test_opening_a_lesson_takes_one_statement_of_ours_and_its_outline_another(
    learning: Any, django_assert_num_queries: Any
) -> None:
    learning.play((0, 20))
    learning.outline(), learning.lesson(learning.video)
    with django_assert_num_queries(3):  # session, member, outline
        learning.outline()
    with django_assert_num_queries(3):
        learning.lesson(learning.video)
