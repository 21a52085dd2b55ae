"""One move, step by step. Each step looks whether its result is there; whoever takes over repeats nothing that is done.

Before the flip a move that can't go on gives up and thaws the organization. Behind it there is only forward.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.acting import Acting, acting
from core.clock import now
from core.errors import DomainError
from core.telemetry import tracebacks
from tenants.archive import queue
from tenants.archive.errors import LeaseLost
from tenants.archive.queue import Hold
from tenants.cells import check, copy, flip, freeze, leave, link
from tenants.cells.errors import LostTooOften
from tenants.models import Move

_log = logging.getLogger(__name__)

State = Move.State
MAX_ATTEMPTS = 5
MAX_LOST = 10  # a worker that dies again and again must not keep an organization frozen
_REST_SECONDS = (2, 10, 30, 60, 120)
Say = Callable[[str], None]


def run(job_id: UUID, say: Say = lambda stage: None) -> bool:
    """Do one move if nobody else does; return whether there was something to do. Platform, owning login."""
    job = queue.claim(Move, job_id)
    if job is None:
        return False
    hold = Hold(job)
    try:
        with acting(Acting(kind="system", via="task:move")):
            _work(hold, say)
    except LeaseLost:
        _log.warning("move.lease_lost", extra={"job_id": str(job_id)})
    return True


def _work(hold: Hold, say: Say) -> None:
    works: dict[str, Callable[[Hold, Say], None]] = {State.ABORTING: _abort, State.DROPPING: _drop}
    try:
        if hold.job.attempts > MAX_LOST and hold.job.state == State.RUNNING and hold.job.flipped_at is None:
            raise LostTooOften("The work was begun ten times and never came to an end.")
        works.get(hold.job.state, _move)(hold, say)
    except LeaseLost:
        raise
    except DomainError as refused:
        _stumble(hold, refused.code, refused.detail, is_final=refused.status < 500)
    except Exception as failed:  # noqa: BLE001 - whatever went wrong is recorded, and tried again or undone
        _log.exception("move.failed", extra={"job_id": str(hold.job.id)})
        _stumble(hold, "internal", tracebacks.text_of(failed)[-4000:], is_final=False)


def _move(hold: Hold, say: Say) -> None:
    job: Move = hold.job

    def step(name: str) -> None:
        hold.write(state=State.RUNNING, stage=name)
        say(name)

    if job.flipped_at is None and job.frozen_at is None:
        step("check")
        check.here(job)
    with link.to(job.target) as there:
        if job.flipped_at is None:
            if job.frozen_at is None:
                check.there(job, there)
            step("freeze")
            freeze.freeze(hold)
            step("copy")
            copy.copy(hold, there)
            step("verify")
            copy.verify(hold, there)
        step("flip")
        flip.flip(hold, there)
    say("moved")


def _abort(hold: Hold, say: Say) -> None:
    say("thaw")
    freeze.thaw(hold, stage="thaw")
    say("discard")
    with link.to(hold.job.target) as there:
        leave.discard_copy(hold.job, there)
    hold.write(state=State.ABORTED, stage="", finished_at=now())


def _drop(hold: Hold, say: Say) -> None:
    say("drop")
    hold.write(stage="drop")
    with link.to(hold.job.target) as there:
        leave.drop(hold, there)


def _stumble(hold: Hold, code: str, detail: str, *, is_final: bool) -> None:
    """Rest and come again, or give up. A move that is not over its flip thaws before it gives up."""
    job: Move = hold.job
    reasons = {"error_code": code, "error_detail": detail}
    lost = is_final or job.attempts >= MAX_ATTEMPTS
    if job.state == State.DROPPING and is_final:
        hold.write(state=State.MOVED, lease_until=None, drop_after=now() + timedelta(days=1), **reasons)
    elif job.state in (State.ABORTING, State.DROPPING) or job.flipped_at is not None or not lost:
        rest: dict[str, Any] = {"attempts": 1} if job.flipped_at is not None else {}
        if job.state == State.ABORTING and job.frozen_at is None and lost:
            # It is thawed; what is left is a copy that nobody reads. The next move there clears it away.
            hold.write(state=State.ABORTED, stage="", finished_at=now(), **reasons)
            return
        pause = _REST_SECONDS[min(job.attempts, len(_REST_SECONDS)) - 1]
        hold.write(lease_until=None, run_at=now() + timedelta(seconds=pause), **rest, **reasons)
    else:
        instant = job.frozen_at
        freeze.thaw(hold, state=State.FAILED, stage="", finished_at=now(), **reasons)
        if instant is not None:
            _discard_quietly(job, instant)


def _discard_quietly(job: Move, instant: datetime) -> None:
    """Throw the copy of a move that has failed away, if the other cell lets us. People write again already.

    The move has ended: another may have begun by now, whose copy names another instant and is none of ours.
    """
    try:
        with link.to(job.target) as there:
            leave.discard_copy(job, there, of=instant)
    except Exception:  # noqa: BLE001 - the next move there clears it away
        _log.exception("move.copy_left", extra={"job_id": str(job.id), "cell": job.target})
