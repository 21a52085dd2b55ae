"""What can be learned, and who is on a course."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.courses.tests.builders import Builder, film
from apps.enrollments.models import Enrollment

JSON = "application/json"


def _course(author: Any, title: str, visibility: str, *, publish: bool = True) -> Builder:
    made = Builder(author.id, title=title, visibility=visibility)
    made.lesson("Film", video=film(duration_ms=30_000))
    if publish:
        made.publish()
    return made


@pytest.fixture
def offers(acme: Any, avery: Any) -> dict[str, Builder]:
    return {
        "public": _course(avery, "Public", "public"),
        "members": _course(avery, "Members", "members"),
        "invitation": _course(avery, "Invited", "invitation"),
        "draft": _course(avery, "Draft", "public", publish=False),
    }


def test_everybody_finds_what_is_for_them(offers: dict[str, Builder], leo: Any, acme: Any) -> None:
    visitor = Client(headers={"host": acme.host})
    assert [card["title"] for card in visitor.get("/api/v1/catalog/").json()["items"]] == ["Public"]
    cards = leo.client().get("/api/v1/catalog/").json()["items"]
    assert [card["title"] for card in cards] == ["Members", "Public"]
    assert cards[0]["lessons"] == 1
    assert cards[0]["duration_ms"] == 30_000
    assert cards[0]["enrollment"] is None


@pytest.mark.parametrize(
    ("name", "member", "visitor"),
    [
        ("public", 200, 200),
        ("members", 200, 404),
        ("invitation", 404, 404),
        ("draft", 404, 404),
    ],
)
def test_a_course_that_is_not_offered_does_not_exist(
    offers: dict[str, Builder], leo: Any, acme: Any, name: str, member: int, visitor: int
) -> None:
    path = f"/api/v1/catalog/{offers[name].course}/"
    assert leo.client().get(path).status_code == member
    assert Client(headers={"host": acme.host}).get(path).status_code == visitor


def test_the_catalogue_shows_the_outline_and_no_bodies(offers: dict[str, Builder], leo: Any) -> None:
    page = leo.client().get(f"/api/v1/catalog/{offers['public'].course}/").json()
    assert page["version"]["number"] == 1
    assert [[line["title"] for line in module["lessons"]] for module in page["modules"]] == [["Film"]]
    assert "html" not in str(page)


def test_a_learner_enrols_once_however_often_they_ask(offers: dict[str, Builder], leo: Any) -> None:
    browser = leo.client()
    send = {"course": str(offers["members"].course)}
    first = browser.post("/api/v1/enrollments/", send, JSON)
    again = browser.post("/api/v1/enrollments/", send, JSON)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert browser.get("/api/v1/catalog/").json()["items"][0]["enrollment"]["id"] == first.json()["id"]
    for closed in ("invitation", "draft"):
        refused = browser.post("/api/v1/enrollments/", {"course": str(offers[closed].course)}, JSON)
        assert refused.status_code == 404
    assert Client(headers={"host": leo.organization.host}).post("/api/v1/enrollments/", send, JSON).status_code == 401


def test_an_idempotency_key_gives_the_first_answer_again(offers: dict[str, Builder], leo: Any) -> None:
    send = {"course": str(offers["members"].course)}
    answers = [
        leo.client().post("/api/v1/enrollments/", send, JSON, headers={"Idempotency-Key": "enrol-1"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_staff_put_people_on_a_course_by_id_or_address(
    offers: dict[str, Builder], ines: Any, leo: Any, lea: Any
) -> None:
    path = f"/api/v1/courses/{offers['invitation'].course}/enrollments/"
    teacher = ines.client()
    assert teacher.post(path, {"member": str(leo.id)}, JSON).status_code == 201
    assert teacher.post(path, {"email": lea.email.upper()}, JSON).status_code == 201
    assert teacher.post(path, {"email": lea.email}, JSON).status_code == 200
    assert teacher.post(path, {"email": "nobody@acme.example"}, JSON).json()["code"] == "member_not_found"
    assert teacher.post(path, {}, JSON).status_code == 422
    rows = teacher.get(path).json()["items"]
    assert {row["member"]["name"] for row in rows} == {"Leo Learner", "Lea Learner"}
    assert {row["source"] for row in rows} == {"assigned"}
    assert leo.client().get(f"/api/v1/catalog/{offers['invitation'].course}/").status_code == 200
    draft = f"/api/v1/courses/{offers['draft'].course}/enrollments/"
    assert teacher.post(draft, {"member": str(leo.id)}, JSON).json()["code"] == "course_not_published"


def test_attack_26_who_may_not_manage_enrollments_cannot(offers: dict[str, Builder], avery: Any, leo: Any) -> None:
    path = f"/api/v1/courses/{offers['members'].course}/enrollments/"
    assert leo.client().get(path).status_code == 403
    assert leo.client().post(path, {"member": str(leo.id)}, JSON).status_code == 403
    assert avery.client().get(path).status_code == 200
    assert avery.client().post(path, {"member": str(leo.id)}, JSON).status_code == 403


def test_a_teacher_takes_somebody_off_a_course(offers: dict[str, Builder], ines: Any, leo: Any) -> None:
    path = f"/api/v1/courses/{offers['members'].course}/enrollments/"
    made = ines.client().post(path, {"member": str(leo.id)}, JSON).json()
    other = f"/api/v1/courses/{offers['public'].course}/enrollments/{made['id']}/"
    assert ines.client().delete(other).status_code == 404
    assert ines.client().delete(f"{path}{made['id']}/").status_code == 204
    assert ines.client().delete(f"{path}{made['id']}/").status_code == 204
    assert Enrollment.objects.get(id=made["id"]).state == "withdrawn"
