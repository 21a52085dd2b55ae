"""A published course with a film, a text and a lesson to be marked, and Leo on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import time_machine

from apps.courses.tests.builders import Builder, film
from apps.library.api import video_of
from apps.progress.services import enrolling
from core.actor import Actor
from core.ids import new_id

JSON = "application/json"
REQUIRED = 100  # seconds of the film


@dataclass
class Learning:
    """A learner at work: their browser, their course, and what it is made of."""

    person: Any
    course: Builder
    video: UUID
    text: UUID
    manual: UUID
    asset: UUID
    enrollment: UUID
    clock: Any
    session: UUID = field(default_factory=new_id)
    seq: int = 0

    def __post_init__(self) -> None:
        self.browser = self.person.client()
        self.timeline = video_of([self.asset])[self.asset].timeline_id

    @property
    def base(self) -> str:
        return f"/api/v1/enrollments/{self.enrollment}/"

    def outline(self) -> dict[str, Any]:
        answer = self.browser.get(f"{self.base}outline/")
        assert answer.status_code == 200, answer.content
        return answer.json()

    def line(self, item: UUID) -> dict[str, Any]:
        lessons = [lesson for module in self.outline()["modules"] for lesson in module["lessons"]]
        return next(lesson for lesson in lessons if lesson["item"] == str(item))

    def lesson(self, item: UUID) -> Any:
        return self.browser.get(f"{self.base}items/{item}/")

    def beacon(self, *spans: tuple[float, ...], **changes: Any) -> dict[str, Any]:
        self.seq += 1
        return {
            "play_session": str(self.session),
            "seq": self.seq,
            "item": str(self.video),
            "timeline": str(self.timeline),
            "spans": [[*span, 1.0][:3] for span in spans],
            "position": spans[-1][1] if spans else 0,
            "placement_no": 1,
            **changes,
        }

    def send(self, beacon: dict[str, Any]) -> Any:
        return self.browser.post(f"{self.base}play-beacons/", beacon, JSON)

    def play(self, *spans: tuple[float, ...], **changes: Any) -> dict[str, Any]:
        """Let the clock run for as long as the spans take, and report them."""
        self.clock.shift(sum(span[1] - span[0] for span in spans))
        answer = self.send(self.beacon(*spans, **changes))
        assert answer.status_code == 200, answer.content
        return answer.json()

    def complete(self, item: UUID) -> Any:
        return self.browser.post(f"{self.base}items/{item}/completion/", {}, JSON)


def actor(person: Any, *permissions: str) -> Actor:
    """The person as services see them."""
    return Actor(member_id=person.id, name=person.name, email=person.email, permissions=frozenset(permissions))


@pytest.fixture
def clock() -> Iterator[Any]:
    """A clock that moves only when it is told to."""
    from core.clock import now

    with time_machine.travel(now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def learning(acme: Any, avery: Any, leo: Any, clock: Any) -> Learning:
    course = Builder(avery.id)
    asset = film(duration_ms=REQUIRED * 1000 + 400)
    video = course.lesson("Film", video=asset)
    text = course.lesson("Text")
    manual = course.lesson("Practice", config={"completion": {"rule": "manual"}})
    course.publish()
    enrollment, _ = enrolling.enroll_self(actor=actor(leo), course_id=course.course)
    return Learning(leo, course, video, text, manual, asset, enrollment.id, clock)
