"""The student mix: what learners ask for, how often, and how each request is said.

The shares are those of a running LMS (progress 35, lesson 20, outline 12, dashboard 8, quiz 9, media 4, session 5,
forum 3, search 2, gradebook 2). Quizzes, forums and search are not built: more progress, which is written and merged,
stands in for the quiz, the catalogue for forum and search, and the list of a course's learners for the gradebook.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

FILM_SECONDS = 590


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: who sends it (``learner`` or ``owner``), its method, path and body."""

    route: str
    method: str
    path: str
    body: bytes | None = None
    by: str = "learner"


SHARES = {
    "beacon": 44,
    "lesson": 20,
    "outline": 12,
    "dashboard": 8,
    "grant": 4,
    "me": 5,
    "catalogue": 5,
    "roster": 2,
}


def ask(route: str, person: dict[str, Any], turn: int) -> Ask:
    """Say the request ``route`` of a person; ``turn`` differs from request to request."""
    course = f"/api/v1/enrollments/{person['enrollment']}/"
    item = f"{course}items/{person['lessons'][turn % len(person['lessons'])]}/"
    if route == "beacon":
        return Ask(route, "POST", f"{course}play-beacons/", _beacon(person, turn))
    if route == "grant":
        return Ask(route, "POST", f"{item}grant/", b"{}")
    if route == "roster":
        return Ask(route, "GET", f"/api/v1/courses/{person['course']}/enrollments/", by="owner")
    paths = {
        "lesson": item,
        "outline": f"{course}outline/",
        "dashboard": "/api/v1/enrollments/",
        "me": "/api/v1/me/",
        "catalogue": "/api/v1/catalog/",
    }
    return Ask(route, "GET", paths[route])


def _beacon(person: dict[str, Any], turn: int) -> bytes:
    place = turn % len(person["lessons"])
    start = turn % FILM_SECONDS
    beacon: dict[str, Any] = {
        "play_session": person.setdefault("play_sessions", {}).setdefault(place, str(uuid4())),
        "seq": turn + 1,
        "item": person["lessons"][place],
        "timeline": person["timelines"][place],
        "spans": [[start, start + 9, 1]],
        "position": start + 9,
        "placement_no": 1,
    }
    return json.dumps(beacon).encode()
