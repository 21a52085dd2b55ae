"""A process that moves an organization and is killed at its n-th statement, by SIGKILL, with whatever it had open.

Runs as the application. Reads ``<organization> <event> <n>`` a line (n = 0: it may live), forks, and answers ``killed``
or the state it left behind. Forking spares starting Django for each death.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any
from uuid import UUID

import django


def _child(organization_id: UUID, event: str, statement: int) -> None:
    from django.db import connection

    import tenancy
    from tenants.lifecycle import effects
    from tenants.lifecycle.machine import transition
    from tenants.lifecycle.rules import Event, Who
    from tenants.models import Organization

    seen = 0

    def counting(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal seen
        result = execute(sql, params, many, context)
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    shown = effects.preview(organization_id, Event(event))
    with connection.execute_wrapper(counting):
        transition(organization_id, Event(event), who=[Who.OPERATIONS], reason="a test", token=shown.token)
    with tenancy.platform():
        state = Organization.objects.values_list("state", flat=True).get(id=organization_id)
    os.write(1, f"{state}\n".encode())


def main() -> None:
    django.setup()
    for line in sys.stdin:
        organization, event, statement = line.split()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                _child(UUID(organization), event, int(statement))
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
