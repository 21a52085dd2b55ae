"""A relay, a worker or a dispatcher that is killed inside a step: at its n-th SQL statement, by SIGKILL.

Reads one command a line, forks, and answers ``killed`` or what the step returned. Forking spares starting Django for
each death. ``relay <n>`` hands out what is due; ``deliver <organization> <delivery> <n>`` runs one delivery. ``n`` 0
lets it live. ``reseal <kek> <previous> <n>`` seals everything anew, a row a transaction. ``count <log> <n>`` counts a
log of delivered bytes; -1 dies as the commit begins, -2 as it has ended. Its listener of bells leaves a mark in the
transaction of the delivery.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import django


@contextlib.contextmanager
def _dying_at(statement: int) -> Iterator[None]:
    """End the process just after the server has executed its ``statement``-th SQL statement."""
    from django.db import connection

    count = 0

    def counting(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal count
        result = execute(sql, params, many, context)
        count += 1
        if count == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    with connection.execute_wrapper(counting):
        yield


def _relay(statement: str) -> int:
    import tenancy
    from events.delivery import LANE
    from events.relay import Relay

    with tenancy.platform(), _dying_at(int(statement)):
        return Relay(LANE).run()


def _deliver(organization_id: str, delivery_id: str, statement: str) -> bool:
    import tenancy
    from events import delivery

    with tenancy.bind(UUID(organization_id)), _dying_at(int(statement)):
        return delivery.deliver(UUID(delivery_id))


def _count(path: str, statement: str) -> int:
    from pathlib import Path

    from django.db import connection

    import tenancy
    from media.services import delivery

    at = int(statement)
    with tenancy.platform():
        connection.ensure_connection()
        commit = connection.commit

        def dying() -> None:
            if at == -1:
                os.kill(os.getpid(), signal.SIGKILL)
            commit()
            if at == -2:
                os.kill(os.getpid(), signal.SIGKILL)

        if at < 0:
            connection.commit = dying
        with _dying_at(at):
            return delivery.count(Path(path))


def _reseal(kek: str, previous: str, statement: str) -> bool:
    from django.conf import settings

    from tenants import resealing

    settings.KEK, settings.KEK_PREVIOUS = kek, (previous,)
    with _dying_at(int(statement)):
        # Organizations that other tests have paused are closed to this login: they are left out, and nothing broke.
        return not resealing.reseal(write=True, batch=1).broken


def _listen() -> None:
    from events import base
    from events.tests.conftest import BellRang, leave_a_mark

    base.subscriber("tests.bell", BellRang)(leave_a_mark)


def main() -> None:
    django.setup()
    _listen()
    for line in sys.stdin:
        step, *values = line.split()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                steps = {"relay": _relay, "deliver": _deliver, "count": _count, "reseal": _reseal}
                os.write(1, f"{steps[step](*values)}\n".encode())
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
