"""A media worker that is killed in the middle of ordering an encode, or of hearing how one went: by SIGKILL.

Reads one command a line, forks, and answers ``killed`` or what the step returned. ``order <where>`` runs the job that
is due; ``hear <n>`` takes the events that wait and dies at its n-th SQL statement, 0 lets it live. Where an order dies:
at its n-th statement, or ``before-the-call`` or ``after-the-call`` to the service. ``sweep <where>`` looks after
orders and dies likewise; its call is the one that calls a job off.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import django


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@contextlib.contextmanager
def _dying_at(statement: int) -> Iterator[None]:
    from django.db import connection

    count = 0

    def counting(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal count
        result = execute(sql, params, many, context)
        count += 1
        if count == statement:
            _die()
        return result

    with connection.execute_wrapper(counting):
        yield


def _order(where: str) -> bool:
    from media.aws import mediaconvert
    from media.services import remote, worker

    create, hand_over = mediaconvert.create, remote.hand_over

    def called(request: dict[str, Any]) -> Any:
        if where == "before-the-call":
            _die()
        said = create(request)
        if where == "after-the-call":
            _die()
        return said

    def handed(*args: Any, **kwargs: Any) -> None:
        with _dying_at(int(where) if where.isdigit() else 0):
            hand_over(*args, **kwargs)

    mediaconvert.create, remote.hand_over = called, handed  # type: ignore[assignment]
    return worker.run_one()


def _sweep(where: str) -> int:
    import tenancy
    from media.aws import mediaconvert
    from media.services import remote

    cancel = mediaconvert.cancel

    def called(remote_id: str) -> None:
        if where == "before-the-call":
            _die()
        cancel(remote_id)
        if where == "after-the-call":
            _die()

    mediaconvert.cancel = called
    with tenancy.platform(), _dying_at(int(where) if where.isdigit() else 0):
        return remote.sweep()


def _hear(statement: str) -> int:
    import tenancy
    from media.services import remote_events

    with tenancy.platform(), _dying_at(int(statement)):
        return remote_events.drain(wait_seconds=0)


def main() -> None:
    django.setup()
    steps: dict[str, Callable[[str], object]] = {"order": _order, "hear": _hear, "sweep": _sweep}
    for line in sys.stdin:
        step, value = line.split()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.write(1, f"{steps[step](value)}\n".encode())
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            print("killed", flush=True)
        elif status:
            print("error", flush=True)


if __name__ == "__main__":
    main()
