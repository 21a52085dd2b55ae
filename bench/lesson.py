"""Opening a lesson: outline and lesson of a course of a hundred lessons, half of which the learner has played."""

from __future__ import annotations

import tenancy
from bench import classroom, product, report

BAR_MS = 9.0
BAR_STATEMENTS = 8
BAR_MULTIPLE = 8.0
ROUNDS = 9
REPEATS = 60


def run() -> None:
    """Measure statements and CPU (application and PostgreSQL backend) of the two requests, beside a bare view."""
    with classroom.opened("bench-lesson") as room:
        _play_half(room)
        item = room.lessons[len(room.lessons) // 2 - 1]

        def outline() -> bytes:
            return room.browser.call("GET", f"{room.base}outline/")

        def lesson() -> bytes:
            return room.browser.call("GET", f"{room.base}items/{item}/")

        def both() -> None:
            outline()
            lesson()

        sizes = {"outline_bytes": len(outline()), "lesson_bytes": len(lesson()), "lessons": len(room.lessons)}
        room.bare()
        sql = classroom.statements(both)
        with tenancy.bind(room.record):
            backends = [product.backend_pid()]
        measured = classroom.in_turns(
            {"both": both, "bare": room.bare, "outline": outline, "lesson": lesson},
            backends=backends,
            rounds=ROUNDS,
            repeats=REPEATS,
        )
        detail = {f"{name}_ms": measured.detail(name) for name in measured.rounds}
        total = measured.cost("both").total * 1000
        report.figure("lesson_statements", len(sql), "SQL statements", "<=", BAR_STATEMENTS, statements=_short(sql))
        report.figure("lesson", total, "ms CPU", "<=", BAR_MS, rounds=ROUNDS, repeats=REPEATS, **sizes, **detail)
        report.figure("lesson_multiple", measured.multiple("both", "bare"), "x a bare view", "<=", BAR_MULTIPLE)


def _play_half(room: classroom.Classroom) -> None:
    """A third of the film of every second lesson, in two sittings: maps of several spans, as people make them."""
    from uuid import uuid4

    for item in room.lessons[::2]:
        for start in (0, 300):
            room.browser.call(
                "POST",
                f"{room.base}play-beacons/",
                {
                    "play_session": str(uuid4()),
                    "seq": 1,
                    "item": str(item),
                    "timeline": str(room.timelines[item]),
                    "spans": [[start + step, start + step + 9, 1] for step in (0, 12)],
                    "position": start + 21,
                    "placement_no": 1,
                },
            )


def _short(sql: list[str]) -> list[str]:
    return [statement[:80] for statement in sql]
