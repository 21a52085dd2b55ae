"""One report of the player: twelve seconds of a film, as they arrive while a learner watches lesson after lesson."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import tenancy
from bench import classroom, product, report

BAR_MS = 7.5
BAR_MULTIPLE = 6.0
ROUNDS = 9
REPEATS = 100
STEP_SECONDS = 12


def run() -> None:
    """Measure CPU (application and PostgreSQL backend) of one report, completions of lessons among them."""
    with classroom.opened("bench-progress") as room:
        reports = _watching(room)

        def beacon() -> bytes:
            return room.browser.call("POST", f"{room.base}play-beacons/", next(reports))

        beacon()
        room.bare()
        sql = classroom.statements(beacon)
        with tenancy.bind(room.record):
            backends = [product.backend_pid()]
        measured = classroom.in_turns(
            {"report": beacon, "bare": room.bare}, backends=backends, rounds=ROUNDS, repeats=REPEATS
        )
        report.figure(
            "progress",
            measured.cost("report").total * 1000,
            "ms CPU",
            "<=",
            BAR_MS,
            report_ms=measured.detail("report"),
            bare_ms=measured.detail("bare"),
            lessons=len(room.lessons),
            reports_a_lesson=classroom.FILM_MS // 1000 // STEP_SECONDS,
            rounds=ROUNDS,
            repeats=REPEATS,
            statements=[statement[:80] for statement in sql],
        )
        report.figure("progress_multiple", measured.multiple("report", "bare"), "x a bare view", "<=", BAR_MULTIPLE)


def _watching(room: classroom.Classroom) -> Iterator[dict[str, Any]]:
    """Yield the reports of a learner who watches every film from its beginning to its end, again and again."""
    while True:
        for item in room.lessons:
            session = str(uuid4())
            for seq, start in enumerate(range(0, classroom.FILM_MS // 1000, STEP_SECONDS), 1):
                yield {
                    "play_session": session,
                    "seq": seq,
                    "item": str(item),
                    "timeline": str(room.timelines[item]),
                    "spans": [[start, start + STEP_SECONDS + 0.3, 1]],
                    "position": start + STEP_SECONDS + 0.3,
                    "placement_no": 1,
                }
