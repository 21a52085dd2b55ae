"""One report of the player: twelve seconds of a film, as they arrive while a learner watches lesson after lesson."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import tenancy
from bench import classroom, cpu, product, report

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
        cost, rounds = cpu.best_of(beacon, backends=backends, rounds=ROUNDS, repeats=REPEATS)
        bare, bare_rounds = cpu.best_of(room.bare, backends=backends, rounds=ROUNDS, repeats=REPEATS)
        detail: dict[str, Any] = {
            "own_ms": round(cost.own * 1000, 3),
            "postgres_ms": round(cost.backend * 1000, 3),
            "bare_own_ms": round(bare.own * 1000, 3),
            "bare_postgres_ms": round(bare.backend * 1000, 3),
            "lessons": len(room.lessons),
            "reports_a_lesson": classroom.FILM_MS // 1000 // STEP_SECONDS,
            "rounds": ROUNDS,
            "repeats": REPEATS,
            "spread_ms": {"report": report.spread(rounds), "bare": report.spread(bare_rounds)},
            "statements": [statement[:80] for statement in sql],
        }
        report.figure("progress", cost.total * 1000, "ms CPU", "<=", BAR_MS, **detail)
        report.figure("progress_multiple", cost.total / bare.total, "x a bare view", "<=", BAR_MULTIPLE)


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
